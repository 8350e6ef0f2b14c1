import pytest

from suishoupai.access import Caller, Reach, reach, sees_division

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
