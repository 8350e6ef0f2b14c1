"""Every MongoDB call on the heat of an edition, and on the places of its cases.

A heat document holds all days of one (division, level, category, year, tile):
``{_id, county, division, level, category, year, x, y, cases, months: {MONTH: cases},
days: {MONTH: {DAY: cases}}}``; one in which nothing counts any more is removed. Indexes:

- ``heat``: county, level, category, year, x, y, division. It serves a box of the county and of a
  town alike: each column of tiles is one run of keys, and a document is read only if it counts.
- on the facts ``located``: community, instant, tile, category and grid of their cases. What is
  below a town is counted from it alone, no fact is read.
- on the facts ``divisions, reported.at``: the cases of a few hours of a county or town.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from services.stats.heat import WIDE, HeatCell, YearSum, days_of, kept_level, paths, year_sums
from services.stats.tiles import FINEST, Tiles, refined
from suishoupai.divisions import LEVELS

Document = dict[str, Any]
Span = tuple[datetime, datetime]

READ_INDEX = "heat"
READ_KEYS = ("county", "level", "category", "year", "x", "y", "division")
LOCATED = "located"
COMMUNITY = "lies_in.community"
LOCATED_KEYS = (
    COMMUNITY,
    "reported.at",
    "cell.x",
    "cell.y",
    "case.category",
    "lies_in.grid",
)
PLACED = {"point": 1, "reported.at": 1, "case": 1, "divisions": 1}
"""What is read of facts by which places are found."""
PAGE = 1000
"""Facts that are read at a time: their decoding must not hold the service up."""


@dataclass(frozen=True)
class HeatAsked:
    """Which cells are wanted: of cases of a division, reported from ``since`` to before ``until``
    (UTC), of a category or (empty) of all, in these tiles."""

    division: str
    since: datetime
    until: datetime
    category: str
    tiles: Tiles


class HeatStore:
    """The heat of one edition."""

    def __init__(self, facts: Collection[Document], heat: Collection[Document]) -> None:
        self._facts = facts
        self._heat = heat

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self._heat.create_index([(key, ASCENDING) for key in READ_KEYS], name=READ_INDEX)
        self._facts.create_index([(key, ASCENDING) for key in LOCATED_KEYS], name=LOCATED)
        self._facts.create_index([("divisions", ASCENDING), ("reported.at", ASCENDING)])

    def update(self, deltas: Mapping[HeatCell, int], session: ClientSession) -> None:
        """Changes the heat within the transaction of ``session``."""
        if updates := _updates(deltas):
            self._heat.bulk_write(updates, session=session)
        left = sorted({_id(cell) for cell, amount in deltas.items() if amount < 0})
        if left:
            self._heat.delete_many({"_id": {"$in": left}, "cases": 0}, session=session)

    def cells(self, asked: HeatAsked) -> Counter[tuple[int, int]]:
        """Tile (x, y) → cases; tiles without any are left out."""
        if LEVELS[len(asked.division)] not in WIDE:
            return self._counted(asked, _located_match(asked.division), [_span(asked)])
        days = days_of(asked.since, asked.until)
        found = self._summed(asked, year_sums(days.first, days.last))
        found.update(self._counted(asked, {"divisions": asked.division}, days.rest))
        return found

    def placed(self, division: str, since: datetime, until: datetime) -> Iterator[Document]:
        """Id, point, instant, case and divisions of the cases of a division that have a cell and
        were reported from ``since`` to before ``until``."""
        span = {"$gte": since, "$lt": until}
        wanted = {"divisions": division, "reported.at": span, "cell": {"$ne": None}}
        yield from self._facts.find(wanted, PLACED, batch_size=PAGE)

    def facts(
        self, division: str, since: datetime, until: datetime, session: ClientSession | None
    ) -> Iterator[Document]:
        """The facts of a division that were reported from ``since`` to before ``until``, without
        what is not counted."""
        span = {"$gte": since, "$lt": until}
        wanted = {"divisions": division, "reported.at": span}
        yield from self._facts.find(wanted, {"steps": 0, "marks": 0}, session=session)

    def kept(
        self, division: str, level: int, year: int, session: ClientSession | None
    ) -> Iterator[Document]:
        """The documents of a division, a level and a year."""
        wanted = {"county": division[:6], "level": level, "year": year, "division": division}
        yield from self._heat.find(wanted, session=session)

    def all(self, session: ClientSession | None = None) -> Iterator[Document]:
        """Every heat document there is."""
        yield from self._heat.find(session=session)

    def drop(self) -> None:
        """Gives the heat up."""
        self._heat.drop()

    def _summed(self, asked: HeatAsked, sums: Sequence[YearSum]) -> Counter[tuple[int, int]]:
        """The whole days, from the heat."""
        found: Counter[tuple[int, int]] = Counter()
        kept = refined(asked.tiles, kept_level(asked.tiles.level))
        for each in sums:
            match = _heat_match(asked, kept, each.year)
            cases = {"$subtract": [_sum_of(each.plus), _sum_of(each.minus)]}
            pipeline = [{"$match": match}, _grouped("x", "y", kept, asked.tiles, cases)]
            found.update(_cases(self._heat.aggregate(pipeline), kept, asked.tiles))
        return found

    def _counted(
        self, asked: HeatAsked, whose: Document, spans: Sequence[Span]
    ) -> Counter[tuple[int, int]]:
        """The cases reported in some spans, one by one from the facts."""
        found: Counter[tuple[int, int]] = Counter()
        tiles = refined(asked.tiles, FINEST)
        category = {"case.category": asked.category} if asked.category else {}
        for since, until in spans:
            span = {"reported.at": {"$gte": since, "$lt": until}}
            match = {**whose, **span, **_within(tiles, "cell.x", "cell.y"), **category}
            group = _grouped("cell.x", "cell.y", tiles, asked.tiles, 1)
            # The planner may hold the index of a grid's marks for as good: it is not.
            by: dict[str, Any] = {"hint": LOCATED} if COMMUNITY in whose else {}
            rows = self._facts.aggregate([{"$match": match}, group], **by)
            found.update(_cases(rows, tiles, asked.tiles))
        return found


def _span(asked: HeatAsked) -> Span:
    return asked.since, asked.until


def _located_match(division: str) -> Document:
    """The division as the index ``located`` knows it: a grid within its community."""
    codes = {LEVELS[length]: division[:length] for length in (12, 15) if length <= len(division)}
    return {f"lies_in.{level}": code for level, code in codes.items()}


def _heat_match(asked: HeatAsked, tiles: Tiles, year: int) -> Document:
    """One condition with all that the index needs."""
    whose = {} if LEVELS[len(asked.division)] == "county" else {"division": asked.division}
    return {
        "county": asked.division[:6],
        "level": tiles.level,
        "category": asked.category,
        "year": year,
        **_within(tiles, "x", "y"),
        **whose,
    }


def _within(tiles: Tiles, x: str, y: str) -> Document:
    return {
        x: {"$gte": tiles.left, "$lte": tiles.right},
        y: {"$gte": tiles.top, "$lte": tiles.bottom},
    }


def _grouped(x: str, y: str, read: Tiles, wanted: Tiles, cases: Any) -> Document:
    """What is read, summed up by the first of the finer tiles in each tile that is wanted."""
    finer = 2 ** (read.level - wanted.level)
    first = {
        name: {"$subtract": [f"${path}", {"$mod": [f"${path}", finer]}]}
        for name, path in (("x", x), ("y", y))
    }
    return {"$group": {"_id": first, "cases": {"$sum": cases}}}


def _cases(rows: Any, read: Tiles, wanted: Tiles) -> Counter[tuple[int, int]]:
    finer = read.level - wanted.level
    return Counter(
        {
            (row["_id"]["x"] >> finer, row["_id"]["y"] >> finer): row["cases"]
            for row in rows
            if row["cases"]
        }
    )


def _sum_of(figures: Sequence[str]) -> Document:
    """Figures that are not there are none."""
    return {"$sum": [f"${path}" for path in figures]}


def _updates(deltas: Mapping[HeatCell, int]) -> list[UpdateOne]:
    grouped: dict[str, tuple[HeatCell, Counter[str]]] = {}
    for cell, amount in deltas.items():
        if amount:
            _, amounts = grouped.setdefault(_id(cell), (cell, Counter()))
            amounts.update(dict.fromkeys(paths(cell.day), amount))
    return [
        UpdateOne({"_id": name}, {"$inc": amounts, "$setOnInsert": _named(cell)}, upsert=True)
        for name, (cell, amounts) in sorted(grouped.items())
    ]


def _id(cell: HeatCell) -> str:
    year = cell.day.year
    return f"{cell.division}|{cell.level}|{cell.category}|{year}|{cell.x}|{cell.y}"


def _named(cell: HeatCell) -> Document:
    return {
        "county": cell.division[:6],
        "division": cell.division,
        "level": cell.level,
        "category": cell.category,
        "year": cell.day.year,
        "x": cell.x,
        "y": cell.y,
    }
