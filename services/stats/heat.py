"""Heat: how many cases were reported where, and on which day. Pure functions of facts.

A heat cell is how many cases of a division and category were reported in a square of the map
(``tiles``) on a local day; like the tallies they are sums over facts, and a change of a fact
changes them by the difference of what it filled before and after. Every report counts, whatever
became of it, but for the confidential ones: where those lie, no map may tell (DOMAIN: catalogue).

A case fills the cells of its town, or of the county while it is in no town yet: the county is the
sum of both. It does so in ``KEPT`` levels, alone and with its category. What lies below a town is
few enough to be counted from the facts; those tell the finest cell of their case (``cell_of``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from services.stats.cuts import places
from services.stats.periods import end_of, start_of
from services.stats.tiles import FINEST, coarser, tile_at
from suishoupai.clock import LOCAL, local_day
from suishoupai.divisions import LEVELS

Document = dict[str, Any]

KEPT = (13, 15, 17, FINEST)
"""Levels of the tiles that are kept, from coarse to fine; others are made of the next finer one."""
WIDE = ("county", "town")
"""Levels of the divisions whose cells are kept."""
DAY = timedelta(days=1)


class HeatCell(NamedTuple):
    """What a number of cases is kept of."""

    division: str
    """Code of the town; of the county for cases that are in no town yet."""
    level: int
    category: str
    """Code; empty for all of them together."""
    x: int
    y: int
    day: date


def cell_of(fact: Document) -> Document | None:
    """The finest tile of a case, {x, y}; None of a confidential one, and where none is known."""
    steps = fact["steps"]
    if not fact["reported"] or not fact["point"] or not steps or steps[-1]["confidential"]:
        return None
    lng, lat = fact["point"]
    x, y = tile_at(lng, lat, FINEST)
    return {"x": x, "y": y}


def cells(fact: Document) -> set[HeatCell]:
    """Every cell that a case fills, by the finest tile it keeps: a fact of the time before there
    was heat keeps none."""
    tile = fact.get("cell")
    if tile is None:
        return set()
    day = local_day(fact["reported"]["at"])
    division = next(code for code in reversed(places(fact)) if LEVELS[len(code)] in WIDE)
    return {
        HeatCell(
            division,
            level,
            category,
            coarser(tile["x"], FINEST - level),
            coarser(tile["y"], FINEST - level),
            day,
        )
        for level in KEPT
        for category in ("", fact["case"]["category"])
    }


def difference(before: Document, after: Document) -> Iterator[tuple[HeatCell, int]]:
    """By how much each cell changes when a fact changes."""
    lost, won = cells(before), cells(after)
    yield from ((cell, 1) for cell in won - lost)
    yield from ((cell, -1) for cell in lost - won)


def kept_level(level: int) -> int:
    """The coarsest kept level that cells of a level can be made of."""
    return min(kept for kept in KEPT if kept >= level)


@dataclass(frozen=True)
class Days:
    """A span of time as whole local days and what is left over of others."""

    first: date
    last: date
    """The day after the last one; no later than ``first`` where there is no whole day."""
    rest: tuple[tuple[datetime, datetime], ...]
    """Parts of days, each from an instant to before another."""


def days_of(since: datetime, until: datetime) -> Days:
    """The span from ``since`` to before ``until``, cut at local midnights."""
    begin = since if since == start_of("day", since) else end_of("day", since)
    end = start_of("day", until)
    spans = [(since, until)] if begin > end else [(since, begin), (end, until)]
    rest = tuple(span for span in spans if span[0] < span[1])
    return Days(local_day(begin), local_day(end), rest)


@dataclass(frozen=True)
class YearSum:
    """Which figures of a year's document add up to what was reported on some days of it.

    A figure is named by its path: ``cases``, ``months.MONTH`` or ``days.MONTH.DAY``.
    """

    year: int
    plus: tuple[str, ...]
    minus: tuple[str, ...]


def year_sums(first: date, last: date) -> list[YearSum]:
    """The days from ``first`` to before ``last`` as the fewest figures of each year, or nearly so:
    where more than half of a year or month is wanted, the rest is taken away from the whole. At
    most 40 of a year."""
    return [
        _year_sum(year, max(first, date(year, 1, 1)), min(last, date(year + 1, 1, 1)))
        for year in range(first.year, last.year + 1)
        if max(first, date(year, 1, 1)) < min(last, date(year + 1, 1, 1))
    ]


def _year_sum(year: int, first: date, last: date) -> YearSum:
    begin, end = date(year, 1, 1), date(year + 1, 1, 1)
    if 2 * (last - first) <= end - begin:
        return YearSum(year, *_figures(first, last))
    before, after = _figures(begin, first), _figures(last, end)
    return YearSum(year, ("cases", *before[1], *after[1]), (*before[0], *after[0]))


def _figures(first: date, last: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Some days of one year by its months and days: what is added up, and what is taken away."""
    plus: list[str] = []
    minus: list[str] = []
    for month in range(first.month, (last - DAY).month + 1) if first < last else ():
        every = _days_of_month(first.year, month)
        wanted = [day for day in every if first <= day < last]
        if 2 * len(wanted) > len(every):
            plus.append(f"months.{month}")
            minus += [_path(day) for day in every if day not in wanted]
        else:
            plus += [_path(day) for day in wanted]
    return tuple(plus), tuple(minus)


def _days_of_month(year: int, month: int) -> list[date]:
    first = date(year, month, 1)
    return [day for n in range(31) if (day := first + n * DAY).month == month]


def _path(day: date) -> str:
    return f"days.{day.month}.{day.day}"


def paths(day: date) -> tuple[str, ...]:
    """The figures of its year's document in which a case of a day counts."""
    return "cases", f"months.{day.month}", _path(day)


def midnight(day: date) -> datetime:
    """The instant at which a local day begins, in UTC."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)
