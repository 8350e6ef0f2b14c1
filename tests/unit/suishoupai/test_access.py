import pytest
from hypothesis import given
from hypothesis import strategies as st

from suishoupai.access import (
    Caller,
    Reach,
    Whereabouts,
    lies_within,
    reach,
    sees_division,
    within,
)

COUNTY, TOWN, OTHER = "341324", "341324001", "341324002"


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (Caller("a", ("reporter",)), Reach(reporter="a")),
        (Caller("a", ("handler",), party="p"), Reach(party="p")),
        (Caller("a", ("dispatcher",), TOWN, "p"), Reach(division=TOWN, discreet=("p", "a"))),
        (Caller("a", ("dispatcher", "supervisor"), TOWN, "p"), Reach(division=TOWN)),
        (Caller("a", ("supervisor",), COUNTY), Reach(division=COUNTY)),
        (Caller("a", ("admin",)), Reach()),
        (Caller("a", ("reporter", "handler"), party="p"), Reach(party="p")),
        (Caller("a", ("program",), TOWN), Reach(division=TOWN, discreet=(None, "a"))),
        (Caller("a", ("program",)), Reach(reporter="a")),
        # An account that lacks what its role needs sees its own reports, never everything.
        (Caller("a", ("handler",)), Reach(reporter="a")),
        (Caller("a", ("dispatcher",)), Reach(reporter="a")),
        (Caller("a", ()), Reach(reporter="a")),
    ],
)
def test_reach_by_role(caller, expected):
    assert reach(caller) == expected


def test_figures_follow_the_division():
    dispatcher = Caller("a", ("dispatcher",), TOWN)
    assert sees_division(dispatcher, TOWN)
    assert sees_division(dispatcher, TOWN + "001")
    assert not sees_division(dispatcher, OTHER)
    assert not sees_division(dispatcher, COUNTY)
    assert sees_division(Caller("a", ("admin",)), COUNTY)
    assert not sees_division(Caller("a", ("reporter",)), COUNTY)
    assert not sees_division(Caller("a", ("handler",), party="p"), COUNTY)


def test_a_caller_survives_the_way_to_another_service():
    caller = Caller("a", ("handler", "reporter"), TOWN, "p", "member-1")
    assert Caller.from_dict(caller.to_dict()) == caller
    assert not caller.sees_reporters


@pytest.mark.parametrize(
    ("caller", "on_patrol"),
    [
        (Caller("a", ("reporter",)), False),
        (Caller("a", ("handler",), party="p"), False),
        (Caller("a", ("reporter",), member="member-1"), True),
        (Caller("a", ("dispatcher",), TOWN), True),
        (Caller("a", ("supervisor",), TOWN), True),
        (Caller("a", ("admin",)), True),
    ],
)
def test_members_and_staff_are_on_patrol_residents_are_not(caller, on_patrol):
    assert caller.on_patrol is on_patrol


REACHES = st.builds(
    Caller,
    st.sampled_from(["a", "b"]),
    st.sets(
        st.sampled_from(["reporter", "handler", "dispatcher", "supervisor", "admin", "program"]),
        max_size=2,
    ).map(tuple),
    st.sampled_from([None, COUNTY, TOWN, OTHER]),
    st.sampled_from([None, "p", "q"]),
).map(reach)
CASES = st.builds(
    Whereabouts,
    st.sampled_from(["a", "b"]),
    st.sampled_from([None, "p", "q"]),
    st.sampled_from([(COUNTY,), (COUNTY, TOWN), (COUNTY, OTHER)]),
    st.booleans(),
)


def matches(query, document):
    """What MongoDB does with the few kinds of filter that a reach is made of."""

    def fits(name, wanted):
        if name == "$or":
            return any(matches(each, document) for each in wanted)
        value = document.get(name)
        return wanted in value if isinstance(value, tuple) else value == wanted

    return all(fits(name, wanted) for name, wanted in query.items())


@given(REACHES, CASES)
def test_the_filter_of_the_database_and_the_one_in_memory_are_the_same(limits, case):
    document = {
        "reporter": case.reporter,
        "responsible.id": case.party,
        "divisions": case.divisions,
        "category.confidential": case.confidential,
    }
    assert lies_within(limits, case) is matches(within(limits), document)


def test_a_program_never_sees_who_reported():
    assert not Caller("a", ("program",), TOWN).sees_reporters
    assert not Caller("a", ("program", "admin"), TOWN).sees_reporters
