"""Bindings and gifts: whoever gives never gives more than they see."""

from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.bindings import (
    Binding,
    fault,
    gift_fault,
    homes,
    in_homes,
    looks_after,
)
from services.gateway.operation import PEOPLE
from suishoupai.access import Caller, reach
from suishoupai.contracts.words import ROLES
from suishoupai.divisions import ancestry

CODES = ["341324", "341324001", "341324001001", "341324101", "341324101201"]
RANKS = ["reporter", "handler", "dispatcher", "supervisor", "admin"]

bindings = st.builds(
    Binding,
    st.lists(st.sampled_from(list(ROLES)), max_size=3).map(tuple),
    st.none() | st.sampled_from(CODES),
    st.none() | st.just("property-001"),
    st.none() | st.just("member-0001"),
)
EVERY = [
    Binding(roles, division, party, member)
    for n in (1, 2)
    for roles in combinations(RANKS, n)
    for division in (None, *CODES)
    for party in (None, "property-001")
    for member in (None, "member-0001")
]
SOUND = [binding for binding in EVERY if fault(binding) is None]
sound = st.sampled_from(SOUND)
at_work = st.sampled_from(CODES)
"""Where a party is at work, for a binding that has one."""


def fits(binding):
    """Each role by itself, spelt out."""
    roles = set(binding.roles)
    if not roles or "program" in roles or len(roles) < len(binding.roles):
        return False
    needs_party = "handler" in roles
    needs_division = bool(roles & {"dispatcher", "supervisor"})
    may_party = bool(roles & {"handler", "dispatcher"})
    may_division = needs_division or "admin" in roles
    return (
        (binding.party is not None or not needs_party)
        and (binding.division is not None or not needs_division)
        and (binding.party is None or may_party)
        and (binding.division is None or may_division)
        and (binding.member is None or "reporter" in roles)
    )


@given(bindings)
def test_a_binding_fits_when_each_role_has_what_it_needs_and_nothing_is_idle(binding):
    assert (fault(binding) is None) == fits(binding)


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        (Binding(()), "roles"),
        (Binding(("program",), "341324"), "roles"),
        (Binding(("reporter", "reporter")), "roles"),
        (Binding(("handler",)), "party"),
        (Binding(("dispatcher",)), "division"),
        (Binding(("supervisor",)), "division"),
        (Binding(("reporter",), "341324"), "division"),
        (Binding(("reporter",), party="property-001"), "party"),
        (Binding(("handler",), party="property-001", member="member-0001"), "member"),
        (Binding(("reporter",), courier=True), "courier"),
    ],
)
def test_the_field_at_fault_is_named(binding, field):
    assert fault(binding).field == field


def caller(binding):
    return Caller("giver", binding.roles, binding.division, binding.party, binding.member)


def test_nobody_gives_more_than_they_have():
    for giver, given_, code in product(SOUND, SOUND, CODES):
        party_division = code if given_.party else None
        if gift_fault(caller(giver), given_, party_division) is None:
            assert is_no_more(giver, given_, party_division), (giver, given_, party_division)


def is_no_more(giver, given_, party_division):
    """Whether what is given lies below the giver, in role and in place, by what either sees."""
    highest = max(map(RANKS.index, giver.roles))
    ranks_below = all(
        RANKS.index(role) < highest or (role == "admin" and "admin" in giver.roles)
        for role in given_.roles
    )
    seen, mine = reach(caller(given_)), reach(caller(giver))
    if mine.reporter or mine.party:
        return False
    if mine.division is None:
        return ranks_below
    sees_all = not (seen.division or seen.party or seen.reporter)
    places = filter(None, (seen.division, party_division))
    return ranks_below and not sees_all and all(code.startswith(mine.division) for code in places)


def test_an_admin_of_the_county_gives_everything_that_fits():
    everything = chain.from_iterable(combinations(sorted(PEOPLE), n) for n in range(1, 6))
    for roles in everything:
        for division in (None, *CODES):
            given_ = Binding(roles, division, "property-001")
            assert gift_fault(Caller("admin", ("admin",)), given_, "341324") is None


@pytest.mark.parametrize("role", ["reporter", "handler", "dispatcher", "program"])
def test_others_give_nothing(role):
    giver = Caller("x", (role,), "341324", "property-001")
    assert gift_fault(giver, Binding(("reporter",)), None)


def test_a_supervisor_without_a_division_gives_nothing():
    assert gift_fault(Caller("x", ("supervisor",)), Binding(("reporter",)), None)


@given(sound, at_work, sound)
def test_who_gave_an_account_looks_after_it(binding, code, giver):
    party_division = code if binding.party else None
    if gift_fault(caller(giver), binding, party_division) is None:
        within = homes(binding, party_division, giver.division)
        assert looks_after(caller(giver), within)


@pytest.mark.parametrize(
    ("binding", "party_division", "giver", "home"),
    [
        (Binding(("dispatcher",), "341324001001", "p"), "341324001", "341324", "341324001001"),
        (Binding(("handler",), None, "p"), "341324001", "341324", "341324001"),
        (Binding(("reporter",)), None, "341324001", "341324001"),
    ],
)
def test_an_account_is_at_home_where_it_works(binding, party_division, giver, home):
    assert homes(binding, party_division, giver) == ancestry(home)


def test_who_is_at_home_nowhere_is_the_county_s():
    assert homes(Binding(("admin",)), None, None) == []


@given(sound, st.lists(st.sampled_from(CODES), max_size=1))
def test_what_is_looked_after_is_the_same_in_memory_and_in_the_database(giver, home):
    within = ancestry(home[0]) if home else []
    query = in_homes(caller(giver))
    assert set(query) <= {"homes"}
    found = not query or query["homes"] in within
    assert looks_after(caller(giver), within) == found


def test_who_has_no_division_and_is_no_admin_looks_after_nobody():
    assert not looks_after(Caller("x", ("supervisor",)), ["341324"])
    assert in_homes(Caller("x", ("supervisor",))) == {"homes": "nowhere"}
