"""Tallies against a slow, obvious recount over all facts, whatever changes and in any order."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats import counting
from services.stats.cuts import CUTS, cut_values, lies_in, places
from services.stats.handlers import changes as changed
from services.stats.periods import PERIODS, end_of, start_of
from services.stats.planning import planned
from services.stats.tallies import (
    UNCUT,
    UNITS,
    difference,
    kept_units,
    marks_of,
    spread,
    tallies,
)
from services.stats.tallies import kept as kept_marks
from suishoupai.contracts import figure_questions

from . import facts as made
from .facts import BEGIN, DIVISIONS, RULES, Rules, instants

MONTHS, DAYS = ("year", "month"), ("year", "month", "day")
ALL = (*DAYS, "hour")
KEPT_HERE = {6: (ALL, ALL), 9: (ALL, ALL), 12: (ALL, DAYS), 15: (DAYS, ())}
OF_MEMBERS = {6: DAYS, 9: DAYS, 12: DAYS, 15: MONTHS}
"""Units of all cases and of a cut, and of members, by the length of a division's code."""


def kept_here(division, cut):
    of_all, of_a_cut = KEPT_HERE[len(division)]
    if cut == "member":
        return OF_MEMBERS[len(division)]
    return of_a_cut if cut else of_all


LEVELS = {6: "county", 9: "town", 12: "community", 15: "grid"}


def kept(history):
    """The tallies kept by differences, and the facts that are known in the end."""
    known, totals = {}, Counter()
    for fact in history:
        before = known.get(fact["_id"]) or counting.new_fact(fact["_id"])
        won, lost = difference(before, fact)
        bundled = Counter(won)
        bundled.subtract(lost)
        totals.update(spread(bundled))
        known[fact["_id"]] = fact
    return known, totals


def local(unit, at):
    """The name of the local hour, day or month of an instant, by its digits."""
    digits = f"{at + timedelta(hours=8):%Y%m%d%H}"
    return digits[: {"hour": 10, "day": 8, "month": 6, "year": 4}[unit]]


@given(made.changes())
def test_differences_in_any_order_add_up_to_the_recount(history):
    known, totals = kept(history)
    expected = Counter(
        (division, cut, value, unit, local(unit, at), mark)
        for division, cut, value, mark, at in made.counted(
            [fact for fact in known.values() if fact["reported"]]
        )
        for unit in UNITS
        if unit in kept_here(division, cut)
    )
    named = Counter()
    for (division, cut, value, unit, start, mark), amount in totals.items():
        named[division, cut, value, unit, local(unit, start), mark] += amount
        assert start_of(unit, start) == start
    assert +named == expected
    assert not -named


def test_what_is_kept_apart_is_what_can_be_asked_for():
    assert ("", *figure_questions.CUTS) == CUTS


def sign_at(parts, unit, at):
    """How often an instant is counted by the parts of a unit."""
    return sum(part.sign for part in parts if part.unit == unit and part.since <= at < part.until)


@given(made.changes(), instants, instants, st.sampled_from(CUTS))
def test_any_range_is_the_sum_of_its_parts(history, since, until, cut):
    known, totals = kept(history)
    reported = [fact for fact in known.values() if fact["reported"]]
    for division in DIVISIONS:
        parts = planned(since, until, kept_units(cut, LEVELS[len(division)]))
        found = {}
        for (where, by, value, unit, start, mark), amount in totals.items():
            if (where, by) == (division, cut):
                found.setdefault(value, Counter())[mark] += amount * sign_at(parts, unit, start)
        for fact in reported:
            if division in places(fact) and cut in cut_values(fact):
                counts = found.setdefault(cut_values(fact)[cut], Counter())
                for mark, at in marks_of(fact).items():
                    if cut == "" or not mark.startswith(UNCUT):
                        counts[mark] += sign_at(parts, None, at)
        found = {value: +counts for value, counts in found.items() if +counts}
        assert found == made.recount(reported, division, since, until, cut)


@given(made.facts("a"), made.facts("a"))
def test_a_change_of_nothing_changes_nothing_and_is_taken_back_by_its_opposite(one, other):
    assert difference(one, one) == ([], [])
    won, lost = difference(one, other)
    assert difference(other, one) == (lost, won)


@given(made.facts("a"))
def test_a_fact_counts_by_the_marks_it_keeps_whatever_is_defined_today(fact):
    newer = Rules("2", extra=["reported/new"])
    known = {"a": fact}
    found = changed(known, known, BEGIN, newer)
    before = tallies(fact, marks_of(fact))
    after = tallies(fact, newer.marks(fact))
    assert {tally for tally, n in found.tallies.items() if n == 1} == after - before
    assert bool(after - before) == bool(fact["reported"])
    assert not [amount for amount in found.tallies.values() if amount != 1]


def test_the_marks_of_an_anchor_are_kept_together():
    marks = {"reported/filed": BEGIN, "rated/solved": BEGIN, "reported/reported": BEGIN}
    assert kept_marks(marks) == [
        {"anchor": "rated", "at": BEGIN, "marks": ["rated/solved"]},
        {"anchor": "reported", "at": BEGIN, "marks": ["reported/filed", "reported/reported"]},
    ]


@given(made.facts("a"))
def test_a_fact_of_the_time_when_each_mark_was_kept_by_itself_keeps_them(fact):
    marks = RULES.marks(fact)
    old = {**fact, "marks": [{"mark": mark, "at": at} for mark, at in marks.items()]}
    assert marks_of(old) == marks_of(fact) == marks
    assert difference(old, fact) == ([], [])


@given(made.facts("a"))
def test_a_fact_of_the_time_before_marks_is_counted_with_all_of_them(fact):
    old = {name: part for name, part in fact.items() if name not in ("marks", "lies_in")}
    assert marks_of(old) == {}
    found = changed({"a": old}, {"a": old}, BEGIN, RULES)
    assert found.tallies == Counter(tallies(fact, RULES.marks(fact)))
    assert [each["marks"] for each in found.facts] == [fact["marks"]]


def documents(fact, mark):
    """How many documents of each level a mark of a fact touches: a year holds its months, a month
    its days, a day its hours."""
    holder = {"year": "year", "month": "year", "day": "month", "hour": "day"}
    touched = {
        (division, cut, value, holder[unit])
        for division, cut, value, unit, _, _ in tallies(fact, {mark: BEGIN})
    }
    return Counter(LEVELS[len(division)] for division, *_ in touched)


def test_how_much_a_mark_touches_is_what_the_module_says():
    fact = {
        **counting.new_fact("a"),
        "reported": counting.reported(BEGIN, "341324-1"),
        "assignment": counting.assignment(1, DIVISIONS[-1]),
        "case": counting.case(1, "filed", "06010", {"id": "p", "kind": "property"}),
        "source": "patrol",
        "courier": False,
        "member": "li",
    }
    assert documents(fact, "reported/filed") == Counter(county=17, town=17, community=13, grid=3)
    assert documents(fact, "standing/now_filed") == Counter(county=3, town=3, community=3, grid=2)
    assert lies_in(fact) == {LEVELS[len(code)]: code for code in places(fact)}


@pytest.mark.parametrize("period", PERIODS)
@given(at=instants)
def test_every_instant_lies_in_one_period_of_the_local_calendar(period, at):
    start, end = start_of(period, at), end_of(period, at)
    assert start <= at < end
    assert start_of(period, start) == start == start_of(period, end - timedelta(microseconds=1))
    assert start_of(period, end) == end
    day = start + timedelta(hours=8)
    if period != "hour":
        assert (day.hour, day.minute, day.second) == (0, 0, 0)
    if period == "week":
        assert day.weekday() == 0
        assert end - start == timedelta(days=7)
    if period in ("month", "quarter", "year"):
        assert day.day == 1
    if period in ("quarter", "year"):
        assert day.month in ((1, 4, 7, 10) if period == "quarter" else (1,))
