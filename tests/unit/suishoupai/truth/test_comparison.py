"""What counts as a difference between a case and what others hold of it."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from suishoupai.truth.comparison import case_differences, notice_differences, strays
from suishoupai.truth.records import Assignment, Case, Notice, Told

GIVEN = Assignment(1, "341324001001001", "property-1")
CHANGE = Told(
    event_type="issue.dispatched",
    sequence=2,
    party="property-1",
    previous=None,
    followers=(),
    reporter="li",
    confidential=False,
    urgent=False,
    activity="disposal",
    community="341324001001",
    town="341324001",
    county="341324",
)
CASE = Case(
    id="i",
    number="341324-20261124-00001",
    category="06010",
    reported_at=datetime(2026, 11, 24, tzinfo=UTC),
    state="dispatched",
    version=2,
    party={"id": "property-1", "name": "甲物业", "kind": "property"},
    assignment=GIVEN,
    faults=(),
    changes=(CHANGE,),
)
NOTICE = Notice("n", "dispatched", 2, "party:property-1")


def party_only(change, _found):
    """A rule table that tells the party, and of what has none nobody."""
    return {f"party:{change.party}"} if change.party else set()


def found(case=CASE, assignment=GIVEN, notices=(NOTICE,)):
    differences = case_differences(case, assignment, notices, party_only)
    return [difference.what for difference in differences]


def test_a_case_assigned_and_told_once_differs_in_nothing():
    assert found() == []
    untold = replace(CASE, changes=(CHANGE, replace(CHANGE, sequence=3, party=None)))
    assert found(untold) == []


def test_every_disagreement_has_its_name():
    assert found(assignment=None) == ["assignment"]
    assert found(assignment=replace(GIVEN, party="other")) == ["assignment"]
    assert found(notices=()) == ["notices"]
    assert found(notices=(NOTICE, replace(NOTICE, id="m"))) == ["notices"]
    assert found(notices=(NOTICE, replace(NOTICE, sequence=3))) == ["notices"]
    assert found(notices=(replace(NOTICE, recipient="party:other"),)) == ["notice"]
    assert found(notices=(replace(NOTICE, sequence=1),)) == ["notices", "notices"]
    assert found(replace(CASE, faults=("odd",))) == ["case"]


def test_a_case_that_was_never_assigned_differs():
    waiting = replace(CASE, assignment=None, changes=(), state="reported")
    assert found(waiting, None, ()) == ["assignment"]
    assert found(waiting, GIVEN, ()) == ["assignment"]


SENT = st.lists(st.tuples(st.integers(2, 4), st.sampled_from("abc")), max_size=6)


@given(st.sets(st.tuples(st.integers(2, 4), st.sampled_from("abc"))), SENT)
def test_each_notice_too_many_too_few_or_astray_is_named_once(due, sent):
    def recipients(change, _found):
        return {to for sequence, to in due if sequence == change.sequence}

    changes = [replace(CHANGE, sequence=sequence) for sequence in (2, 3, 4)]
    notices = [Notice(str(n), "k", sequence, to) for n, (sequence, to) in enumerate(sent)]
    names = [what for what, *_ in notice_differences(changes, notices, recipients)]
    lacking = len(due - set(sent))
    surplus = len(sent) - len(due & set(sent))
    assert names.count("notices") + 2 * names.count("notice") == lacking + surplus
    assert (names == []) == (sorted(due) == sorted(sent))


def test_who_had_to_be_told_is_asked_with_who_was():
    asked = []
    changes = [CHANGE, replace(CHANGE, sequence=3)]
    list(notice_differences(changes, [NOTICE], lambda *each: asked.append(each) or ()))
    assert asked == [(changes[0], {"party:property-1"}), (changes[1], set())]


def test_what_belongs_to_no_case_is_a_stray():
    assert [each.subject for each in strays("notice", {"i": 1, "j": 1}, [CASE])] == ["j"]
