"""What counts as a difference between a case and what others hold of it."""

from dataclasses import replace
from datetime import UTC, datetime

from suishoupai.truth.comparison import case_differences, strays
from suishoupai.truth.records import Assignment, Case, Notice

GIVEN = Assignment(1, "341324001001001", "property-1")
CASE = Case(
    id="i",
    number="341324-20261124-00001",
    category="06010",
    reported_at=datetime(2026, 11, 24, tzinfo=UTC),
    state="dispatched",
    state_version=2,
    assignment=GIVEN,
    party_kind="property",
    told=(("assigned", 1),),
    faults=(),
)
NOTICE = Notice("n", "assigned", 1, "property-1")


def found(case=CASE, assignment=GIVEN, notices=(NOTICE,)):
    return [difference.what for difference in case_differences(case, assignment, notices)]


def test_a_case_assigned_and_told_once_differs_in_nothing():
    assert found() == []


def test_every_disagreement_has_its_name():
    assert found(assignment=None) == ["assignment"]
    assert found(assignment=replace(GIVEN, party="other")) == ["assignment"]
    assert found(notices=()) == ["notices"]
    assert found(notices=(NOTICE, replace(NOTICE, id="m"))) == ["notices"]
    assert found(notices=(replace(NOTICE, party="other"),)) == ["notice"]
    assert found(replace(CASE, faults=("odd",))) == ["case"]


def test_a_case_that_was_never_assigned_differs():
    waiting = replace(CASE, assignment=None, told=(), state="reported")
    assert found(waiting, None, ()) == ["assignment"]
    assert found(waiting, GIVEN, ()) == ["assignment"]


def test_what_belongs_to_no_case_is_a_stray():
    assert [each.subject for each in strays("notice", {"i": 1, "j": 1}, [CASE])] == ["j"]
