"""Pages of cases on a real MongoDB: against a slow, obvious oracle, and by which index."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.cuts import CUTS, cut_values, places
from services.stats.handlers import derived
from services.stats.periods import start_of
from services.stats.tallies import marks_of

from ..unit.services.stats import facts as made
from ..unit.services.stats.facts import BEGIN, DIVISIONS, RULES, instants
from .explaining import explained, on_a_database
from .tallying import (
    COMMUNITY,
    COUNTY,
    DAY,
    GRID,
    ISSUES,
    MARKS,
    TOWN,
    asked,
    emptied,
    learn,
    many_learned,
)

UNTIL = BEGIN + 20 * DAY + timedelta(minutes=7)


def every(facts, which):
    """Instant and id of each case that is asked for, found by looking at all of them."""
    (mark,) = which.marks
    return sorted(
        (at, fact["_id"])
        for fact in facts
        if which.division in places(fact)
        for name, at in marks_of(fact).items()
        if name == mark and which.since <= at < which.until
        if which.cut in cut_values(fact)
        if which.values is None or cut_values(fact)[which.cut] in which.values
    )


def paged(cases, which, size):
    """The same, in pages of so many."""
    found, after = [], None
    while page := cases.page(which, after, size):
        assert len(page) <= size
        found += [(each.at, each.fact["_id"]) for each in page]
        assert found[-1] != after, "a page again"
        after = found[-1]
    return found


@given(st.data())
@on_a_database
def test_pages_of_every_cut_are_all_its_cases(recorded, data):
    store = emptied(recorded)
    history = data.draw(made.changes(24))
    learn(store, list({fact["_id"]: fact for fact in history}.values()))
    known = [fact for fact in {fact["_id"]: fact for fact in history}.values() if fact["reported"]]
    for division in DIVISIONS:
        one, other, cut = data.draw(st.tuples(instants, instants, st.sampled_from(CUTS)))
        since, until = sorted((one, other))
        which = asked(division, since, until, [data.draw(st.sampled_from(MARKS))], cut=cut)
        values = sorted({cut_values(fact)[cut] for fact in known if cut in cut_values(fact)})
        if cut and values and data.draw(st.booleans()):
            which = replace(which, values=[data.draw(st.sampled_from(values))])
        size = data.draw(st.integers(1, 5))
        assert paged(store.live().cases, which, size) == every(known, which)


@pytest.fixture(scope="module")
def many(recorded):
    return many_learned(recorded)


def test_pages_have_every_case_once(many):
    store, facts = many
    at_once = 0
    for division in (COUNTY, TOWN, COMMUNITY, GRID):
        for mark in ("reported/filed", "disposal/should"):
            which = asked(division, BEGIN + timedelta(minutes=15), BEGIN + 9 * DAY, [mark])
            expected = every(learned(facts), which)
            assert paged(store.live().cases, which, 7) == expected
            at_once += len(expected) - len({at for at, _ in expected})
    assert at_once > 20


@pytest.mark.parametrize("more", [{}, {"cut": "member", "values": ["member-3"]}])
@pytest.mark.parametrize("division", [COUNTY, TOWN, COMMUNITY, GRID])
def test_cases_are_looked_for_where_the_tallies_tell_of_them(
    recorded, recorder, many, division, more
):
    store, facts = many
    which = asked(division, until=UNTIL, marks=["reported/filed"], **more)
    expected = every(learned(facts), which)
    assert len(expected) > 3
    cases = store.live().cases
    recorder.take()
    page = cases.page(which, None, 4)
    assert [(each.at, each.fact["_id"]) for each in page] == expected[:4]
    *finds, last = recorder.take()
    assert {command["find"] for command in finds} <= {"tallies"}
    assert len(finds) <= 4
    # No unit holds what lies at either end of the range, nor says how many there are.
    ends = (BEGIN, UNTIL, *(at for at, _ in expected[:8]))
    near = reported_in(facts, division, which.units[-1], ends)
    assert explained(recorded, last)["totalDocsExamined"] <= near
    assert near < reported_in(facts, division, "year", ends) or (division == GRID and more)


@pytest.mark.parametrize("more", [{}, {"cut": "source", "values": ["patrol"]}])
def test_a_page_is_full_though_a_case_has_moved_since_the_tallies_were_read(recorded, many, more):
    store, facts = many
    which = asked(TOWN, until=UNTIL, marks=["reported/filed"], **more)
    expected = every(learned(facts), which)
    moved = recorded["facts"].find_one_and_delete({"_id": expected[3][1]})
    page = store.live().cases.page(which, None, 9)
    recorded["facts"].insert_one(moved)
    left = [*expected[:3], *expected[4:]]
    assert [(each.at, each.fact["_id"]) for each in page] == left[:9]


def reported_in(facts, division, unit, instants):
    """How many cases of a division have a mark of that anchor in the units of these instants."""
    starts = {start_of(unit, at) for at in instants}
    return sum(
        start_of(unit, RULES.marks(fact)["reported/reported"]) in starts
        for fact in facts
        if fact["assignment"]["grid"].startswith(division)
    )


def learned(facts):
    return [{**fact, **derived(fact, RULES)} for fact in facts]


def test_cases_of_a_value_are_those_that_were_tallied(many):
    store = many[0].live()
    for cut in CUTS:
        whole = asked(TOWN, marks=["reported/filed"], cut=cut, until=UNTIL)
        total = Counter()
        for value, counts in store.tallies.tallied(whole).items():
            cases = store.cases.page(replace(whole, values=[value]), None, ISSUES)
            assert len(cases) == counts["reported/filed"]
            total.update(counts)
        assert len(store.cases.page(whole, None, ISSUES)) == total["reported/filed"] > 50


@pytest.mark.parametrize("more", [{}, {"cut": "source", "values": ["patrol"]}])
def test_nothing_is_left_after_a_case_at_the_end_of_its_range(many, more):
    which = asked(marks=["reported/filed"], **more)
    cases = many[0].live().cases
    last = cases.page(which, None, ISSUES)[-1]
    after = (last.at, last.fact["_id"])
    assert cases.page(which, after, 5) == []
    assert cases.page(replace(which, until=last.at), after, 5) == []
    early = (BEGIN - DAY, "zzz")
    assert cases.page(which, early, 5) == cases.page(which, None, 5)
