"""Heat against a slow, obvious recount over all facts, whatever changes and in any order."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.stats import counting
from services.stats.handlers import changes as changed
from services.stats.heat import (
    KEPT,
    cell_of,
    cells,
    days_of,
    difference,
    kept_level,
    midnight,
    paths,
    year_sums,
)
from services.stats.standing import standing
from services.stats.tiles import FINEST, tile_at

from ....chance import random_life
from . import placed as made
from .facts import BEGIN, GRIDS, RULES, divisions_of, instants

DATES = st.dates(date(2023, 12, 1), date(2027, 2, 1))
DAY = timedelta(days=1)


def kept(history):
    """The cells kept by differences, and the facts that are known in the end."""
    known, totals = {}, Counter()
    for fact in history:
        before = known.get(fact["_id"]) or counting.new_fact(fact["_id"])
        for cell, amount in difference(before, fact):
            totals[cell] += amount
        known[fact["_id"]] = fact
    return list(known.values()), totals


@given(made.changes())
def test_differences_in_any_order_add_up_to_the_recount(history):
    known, totals = kept(history)
    expected = Counter()
    for fact in filter(made.is_shown, known):
        division = divisions_of(fact)[:2][-1]
        day = made.local_day(fact["reported"]["at"])
        for level in (13, 15, 17, 19):
            x, y = tile_at(*fact["point"], level)
            for category in ("", fact["case"]["category"]):
                expected[division, level, category, x, y, day] += 1
    assert +totals == expected
    assert not -totals


@given(made.facts("a"), made.facts("a"))
def test_a_change_is_taken_back_by_its_opposite_and_of_nothing_changes_nothing(one, other):
    assert not list(difference(one, one))
    there, back = Counter(dict(difference(one, other))), Counter(dict(difference(other, one)))
    assert there == Counter({cell: -amount for cell, amount in back.items()})


@given(made.facts("a"))
def test_a_fact_of_the_time_before_heat_fills_none_and_is_stamped_with_all(fact):
    old = {name: part for name, part in fact.items() if name != "cell"}
    assert cells(old) == set()
    found = changed({"a": old}, {"a": old}, BEGIN, RULES)
    assert found.heat == Counter(cells(fact))
    assert [each["cell"] for each in found.facts] == [cell_of(fact)]


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_confidential_when_it_last_changed_is_in_no_cell(chance):
    walk = random_life(chance)
    fact = counting.new_fact(walk.case["_id"])
    for event in walk.events:
        fact = counting.learn(fact, event)
        hidden = standing(fact)["confidential"]
        assert (cell_of(fact) is None) == hidden
    assert hidden == walk.case["category"]["confidential"]


def test_a_case_that_becomes_confidential_leaves_and_comes_back():
    shown = made.placed_fact("a", BEGIN, made.POINTS[0], GRIDS[0])
    hidden = made.placed_fact("a", BEGIN, made.POINTS[0], GRIDS[0], made.CONFIDENTIAL)
    assert len(cells(shown)) == 2 * len(KEPT)
    assert Counter(dict(difference(shown, hidden))) == Counter(dict.fromkeys(cells(shown), -1))
    assert Counter(dict(difference(hidden, shown))) == Counter(cells(shown))


def test_a_case_that_is_placed_goes_from_its_county_to_its_town():
    nowhere = made.placed_fact("a", BEGIN, made.POINTS[0])
    placed = made.placed_fact("a", BEGIN, made.POINTS[0], GRIDS[0])
    moved = Counter(dict(difference(nowhere, placed)))
    assert {cell.division for cell, amount in moved.items() if amount < 0} == {"341324"}
    assert {cell.division for cell, amount in moved.items() if amount > 0} == {"341324001"}
    # In another grid of the same town nothing is other than before.
    assert not list(difference(placed, made.placed_fact("a", BEGIN, made.POINTS[0], GRIDS[2])))


def test_cells_are_made_of_the_next_finer_kept_level():
    assert [kept_level(level) for level in range(11, FINEST + 1)] == [
        *[13] * 3,
        *[15] * 2,
        *[17] * 2,
        *[19] * 2,
    ]


@given(instants, instants)
@example(BEGIN, BEGIN)
@example(BEGIN.replace(hour=16), BEGIN.replace(hour=16) + DAY)
def test_a_span_is_its_whole_days_and_its_rest(one, other):
    since, until = sorted((one, other))
    days = days_of(since, until)
    parts = list(days.rest)
    if days.first < days.last:
        parts.append((midnight(days.first), midnight(days.last)))
    parts.sort()
    assert all(begin < end for begin, end in parts)
    assert all(end == begin for (_, end), (begin, _) in pairwise(parts))
    if since < until:
        assert (parts[0][0], parts[-1][1]) == (since, until)
    for begin, end in days.rest:
        assert end - begin < DAY or (since, until) == (begin, end)


def documents(by_day):
    """A document of each year, as the store keeps them."""
    found = {}
    for day, cases in by_day.items():
        figures = found.setdefault(day.year, Counter())
        figures.update(dict.fromkeys(paths(day), cases))
    return found


BY_DAY = {date(2023, 12, 1) + n * DAY: 1 + n % 7 + n % 11 for n in range(1200)}
"""Cases of every day that is asked for; no two spans near each other have as many."""
YEARS = documents(BY_DAY)


@given(DATES, DATES)
@example(date(2024, 2, 15), date(2024, 2, 15))
@example(date(2024, 2, 1), date(2024, 3, 1))
@example(date(2024, 1, 2), date(2025, 1, 1))
@example(date(2024, 1, 17), date(2024, 7, 16))
@example(date(2024, 1, 20), date(2024, 12, 5))
@example(date(2023, 12, 31), date(2024, 1, 1))
def test_figures_of_years_add_up_to_the_days(first, last):
    total = 0
    for each in year_sums(first, last):
        total += sum(YEARS[each.year][path] for path in each.plus)
        total -= sum(YEARS[each.year][path] for path in each.minus)
        assert len(each.plus) + len(each.minus) <= 40
        assert set(each.minus).isdisjoint(each.plus)
    assert total == sum(cases for day, cases in BY_DAY.items() if first <= day < last)


def test_a_whole_year_is_one_figure_and_most_of_a_month_is_what_is_left_of_it():
    (year,) = year_sums(date(2026, 1, 1), date(2027, 1, 1))
    assert (year.plus, year.minus) == (("cases",), ())
    (most,) = year_sums(date(2026, 11, 1), date(2026, 11, 29))
    assert (most.plus, most.minus) == (("months.11",), ("days.11.29", "days.11.30"))
    (so_far,) = year_sums(date(2026, 1, 1), date(2026, 11, 29))
    assert so_far.plus == ("cases",)
    assert so_far.minus == ("days.11.29", "days.11.30", "months.12")
    assert year_sums(date(2026, 11, 5), date(2026, 11, 5)) == []


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 11, 25)])
def test_a_day_begins_at_midnight_in_shanghai(day):
    assert midnight(day) == datetime(day.year, day.month, day.day, tzinfo=UTC) - 8 * timedelta(
        hours=1
    )
