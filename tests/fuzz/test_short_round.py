"""A short round of every caller over the whole API: the long ones are `make fuzz`."""

import pytest

from services.gateway.api import OPERATIONS

from ..integration.api.callers import ROLES
from .fuzzing import Effort, fuzz, values_of

EXAMPLES = 3
CALLERS = tuple(ROLES)


def share(caller):
    """The operations whose every boundary this caller tries: they are shared out among those who
    may call them, so that each is tried once and each caller gets past the gate."""
    return frozenset(
        operation.id
        for number, operation in enumerate(OPERATIONS)
        if caller == (able := _able(operation))[number % len(able)]
    )


def _able(operation):
    roles = {name: role.role for name, role in ROLES.items() if role}
    return [name for name in roles if roles[name] in operation.roles] or ["nobody"]


def test_every_operation_is_somebodys_share():
    shares = [share(caller) for caller in CALLERS]
    assert sorted(name for each in shares for name in each) == sorted(op.id for op in OPERATIONS)


@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_breaks_the_api(fuzzed, callers, caller):
    outcome = fuzz(fuzzed, callers, caller, Effort(EXAMPLES, share(caller)), values_of(fuzzed))
    assert not outcome.faults, f"{len(outcome.faults)} faults\n\n{outcome.report()}"
    assert {name for name, _ in outcome.statuses} == {operation.id for operation in OPERATIONS}
    assert outcome.replayed
    # A round that only ever heard 401 would prove nothing.
    good = {name for name, status in outcome.statuses if status < 400}
    assert caller == "nobody" or len(good) > len(OPERATIONS) // 5, sorted(good)
