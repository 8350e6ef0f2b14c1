"""Whom an event is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.webhooks.matching import is_wanted, may_be_told, may_own
from suishoupai.access import Caller, Whereabouts, lies_within, reach

COUNTY, TOWN = "341324", "341324001"
HERE = Whereabouts("rider", "property-1", (COUNTY, TOWN, TOWN + "001"), False)
ROLES = ("reporter", "handler", "dispatcher", "supervisor", "admin", "program")
PLACES = st.sampled_from([None, COUNTY, TOWN, "341324002"])


@pytest.mark.parametrize(
    ("types", "division", "wanted"),
    [
        (None, None, True),
        (["issue.closed"], None, True),
        (["issue.taken"], None, False),
        (None, TOWN, True),
        (None, COUNTY, True),
        (None, "341324002", False),
        (["issue.taken"], TOWN, False),
    ],
)
def test_types_and_division_narrow(types, division, wanted):
    webhook = {"types": types, "division": division}
    assert is_wanted(webhook, "issue.closed", HERE) == wanted


def test_who_is_not_there_or_has_no_right_owns_nothing():
    assert not may_own(None)
    assert [role for role in ROLES if may_own(Caller("a", (role,)))] == list(ROLES[2:])


@given(
    st.sampled_from(ROLES),
    PLACES,
    st.sampled_from([None, "property-1", "x"]),
    st.sampled_from(["rider", "a"]),
    st.booleans(),
)
def test_nobody_is_told_what_they_could_not_read(role, division, party, reporter, confidential):
    owner = Caller("a", (role,), division, party)
    where = Whereabouts(reporter, "property-1", HERE.divisions, confidential)
    allowed = role in ROLES[2:] and lies_within(reach(owner), where)
    assert may_be_told(owner, where) == allowed
    assert not may_be_told(None, where)
    assert may_be_told(owner, None) == (role in ROLES[2:])
