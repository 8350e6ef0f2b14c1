"""Which versions of a case an action may be about."""

import pytest

from services.issues.acting import versions_seen
from suishoupai.contracts.problems import Problem


@pytest.mark.parametrize(
    ("version", "matching", "seen"),
    [
        (7, None, (7,)),
        (7, [7], (7,)),
        (7, [6, 7], (7,)),
        (None, [7], (7,)),
        (None, [6, 7], (6, 7)),
        (None, [], ()),
        (7, [], ()),
    ],
)
def test_what_body_and_precondition_say_together(version, matching, seen):
    assert versions_seen(version, matching) == seen


@pytest.mark.parametrize(("version", "matching"), [(None, None), (7, [6]), (7, [6, 8])])
def test_nothing_and_contradictions_are_refused(version, matching):
    with pytest.raises(Problem) as refusal:
        versions_seen(version, matching)
    assert refusal.value.code == "invalid"
    assert refusal.value.errors[0]["field"] == "version"
