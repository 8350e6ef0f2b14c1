"""The heat of an edition against what its facts add up to (see ``services.stats.truth``)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from services.stats.heat import HeatCell, cells, midnight
from services.stats.heat_store import HeatStore

Document = dict[str, Any]

_Where = tuple[str, int, int]
"""Division, level and year: of each the sum of hashes tells whether anything differs."""


class HeatRecount:
    """All cells do not fit into memory: only what differs is counted one by one."""

    def __init__(self) -> None:
        self._prints: defaultdict[_Where, int] = defaultdict(int)

    def add(self, fact: Document) -> None:
        """Adds what a fact fills."""
        for cell in cells(fact):
            self._prints[_where(cell)] += hash(cell)

    def differences(
        self, heat: HeatStore, session: ClientSession | None
    ) -> Iterator[tuple[str, int, int]]:
        """Every cell whose kept figure is not the sum over the facts: its name, the recounted and
        the kept amount. To be called once."""
        for row in heat.all(session):
            for cell, amount in days(row):
                self._prints[_where(cell)] -= amount * hash(cell)
            yield from _within(row)
        for where, unequal in sorted(self._prints.items()):
            if unequal:
                yield from _one_by_one(where, heat, session)


def days(row: Document) -> Iterator[tuple[HeatCell, int]]:
    """Each day of a heat document with its cases, but for days of none."""
    named = (row["division"], row["level"], row["category"], row["x"], row["y"])
    for month, of_month in row["days"].items():
        for day, amount in of_month.items():
            if amount:
                yield HeatCell(*named, date(row["year"], int(month), int(day))), amount


def _within(row: Document) -> Iterator[tuple[str, int, int]]:
    """A document whose months are not the sums of its days, or whose year is not that of them."""
    months: Counter[str] = Counter()
    for cell, amount in days(row):
        months[str(cell.day.month)] += amount
    for month in sorted(months.keys() | row["months"].keys(), key=int):
        if months[month] != row["months"].get(month, 0):
            kept = row["months"].get(month, 0)
            yield f"heat {row['_id']} month {month}", months[month], kept
    if months.total() != row["cases"]:
        yield f"heat {row['_id']}", months.total(), row["cases"]


def _one_by_one(
    where: _Where, heat: HeatStore, session: ClientSession | None
) -> Iterator[tuple[str, int, int]]:
    division, level, year = where
    since, until = midnight(date(year, 1, 1)), midnight(date(year + 1, 1, 1))
    recounted = Counter(
        cell
        for fact in heat.facts(division, since, until, session)
        for cell in cells(fact)
        if _where(cell) == where
    )
    kept = Counter(dict(p for row in heat.kept(division, level, year, session) for p in days(row)))
    for cell in sorted(recounted.keys() | kept.keys()):
        if recounted[cell] != kept[cell]:
            yield _name(cell), recounted[cell], kept[cell]


def _where(cell: HeatCell) -> _Where:
    return cell.division, cell.level, cell.day.year


def _name(cell: HeatCell) -> str:
    which = f" category {cell.category}" if cell.category else ""
    return f"heat {cell.division}{which} {cell.level}/{cell.x}/{cell.y} {cell.day}"
