"""A short round of every caller over the whole API: the long ones are `make fuzz`."""

import pytest

from services.gateway.api import OPERATIONS

from ..integration.api.callers import ROLES
from .fuzzing import Effort, fuzz, values_of

THOROUGH = Effort(examples=4)
"""For who may do everything: each boundary of each schema."""
BRIEF = Effort(examples=2, coverage=False)
"""For the others, who are refused much of it."""


@pytest.mark.parametrize("caller", [name for name in ROLES if name != "town_admin"])
def test_nobody_breaks_the_api(fuzzed, callers, caller):
    effort = THOROUGH if caller == "admin" else BRIEF
    outcome = fuzz(fuzzed, callers, caller, effort, values_of(fuzzed))
    assert not outcome.faults, f"{len(outcome.faults)} faults\n\n{outcome.report()}"
    asked = {name for name, _ in outcome.statuses}
    assert asked == {operation.id for operation in OPERATIONS}
    assert outcome.replayed


def test_what_may_be_done_was_done(fuzzed, callers):
    """Guards against a round that only ever heard 401: a caller who may gets a good answer."""
    outcome = fuzz(fuzzed, callers, "admin", BRIEF, values_of(fuzzed))
    good = {name for name, status in outcome.statuses if status < 400}
    assert len(good) > len(OPERATIONS) // 2, sorted(good)
