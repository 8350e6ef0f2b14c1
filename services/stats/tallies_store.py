"""Every MongoDB call on the tallies of an edition, and on the marks that its facts keep.

A document holds the tallies of one division, cut, value and holding period (a year, a month or a
day, by its local start): ``{_id, parent, division, cut, value, period, start, parts: {NAME: {mark:
cases}}}``. The parts of a year are its months, of a month its days, of a day its hours, each named
by its two digits; a year has ``figures: {mark: cases}`` of its own besides. Indexes:

- ``tallies``: parent, division, cut, period, start, value. It serves a division and all of those
  one level below alike (the codes below are skipped through, one after the other), with or without
  values.
- ``marked.LEVEL`` on the facts, for county, town, community and grid each: the division there,
  mark, instant, id. An index holds one array at most, and that is ``marks``; so the divisions of a
  case stand one by one in ``lies_in``. Mark and instant are bounded together by ``$elemMatch``. No
  index serves a sort by a field of an array (it would sort by the least of all marks), so pages
  come in the order of the index itself, which the hint makes certain.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from services.stats.cuts import PATHS, raw, text
from services.stats.periods import (
    HOLDERS,
    PARTS,
    PERIODS,
    part_name,
    part_start,
    start_of,
    starts,
)
from services.stats.tallies import UNCUT, Part, Tally, kept_units, marks_of, planned
from suishoupai.clock import LOCAL
from suishoupai.divisions import LEVELS, parent

Document = dict[str, Any]

READ_INDEX = "tallies"
READ_KEYS = ("parent", "division", "cut", "period", "start", "value")
INSTANT = timedelta(microseconds=1)
UNCOUNTED = {"steps": 0, "notices": 0, "counted_at": 0}
"""What is not read of facts that are only counted."""


@dataclass(frozen=True)
class Asked:
    """Which tallies are wanted: how many cases have each of ``marks`` in a division, at an instant
    from ``since`` to before ``until`` (UTC)."""

    division: str
    since: datetime
    until: datetime
    marks: Sequence[str]
    cut: str = ""
    values: Sequence[str] | None = None
    """Values of the cut; None takes every one."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for marks that no cut has."""
        if self.cut and any(mark.startswith(UNCUT) for mark in self.marks):
            raise ValueError(f"marks that begin with {UNCUT} are kept in no cut")


@dataclass(frozen=True)
class Marked:
    """A case that has a mark, with the instant by which it counts there."""

    at: datetime
    fact: Document


class TallyStore:
    """The tallies of one edition, and the marks of its facts."""

    def __init__(self, facts: Collection[Document], tallies: Collection[Document]) -> None:
        self._facts = facts
        self._tallies = tallies

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self._tallies.create_index([(key, ASCENDING) for key in READ_KEYS], name=READ_INDEX)
        for level in LEVELS.values():
            keys = (f"lies_in.{level}", "marks.mark", "marks.at", "_id")
            self._facts.create_index([(key, ASCENDING) for key in keys], name=f"marked.{level}")

    def update(self, deltas: Mapping[Tally, int], session: ClientSession) -> None:
        """Changes the tallies within the transaction of ``session``."""
        if updates := _updates(deltas):
            self._tallies.bulk_write(updates, session=session)

    def tallied(self, asked: Asked) -> dict[str, Counter[str]]:
        """Value of the cut → mark → cases; values and marks without any are left out."""
        parts = planned(asked.since, asked.until, _units(asked))
        found = self._summed(_whole(asked), parts, asked.marks, "value")
        value = f"${PATHS[asked.cut]}" if asked.cut else {"$literal": ""}
        for row in self._rest(asked, parts, value):
            found[text(row["by"])][row["mark"]] += row["cases"]
        return dict(found)

    def series(self, asked: Asked, period: str) -> dict[datetime, Counter[str]]:
        """Start of each ``period`` (UTC) that lies in the range or reaches into it → mark → cases
        of all values together; in order, with periods in which there is nothing.

        ``period``: one of ``periods.PERIODS``.
        """
        parts = planned(asked.since, asked.until, _units_within(period, _units(asked)))
        series: dict[datetime, Counter[str]] = {
            start: Counter() for start in starts(period, asked.since, asked.until)
        }
        for start, counts in self._summed(_whole(asked), parts, asked.marks, "start").items():
            series[start_of(period, start)].update(counts)
        for row in self._rest(asked, parts, _start(period)):
            series[start_of(period, row["by"])][row["mark"]] += row["cases"]
        return series

    def children(self, asked: Asked) -> dict[str, Counter[str]]:
        """Code of each division one level below → mark → cases of all values together; divisions
        without any are left out."""
        level = LEVELS.get(len(asked.division) + 3)
        return self.descendants(asked, level, [asked.division]) if level else {}

    def descendants(
        self, asked: Asked, level: str, parents: Sequence[str]
    ) -> dict[str, Counter[str]]:
        """Code of each division of a level below → mark → cases of all values together; divisions
        without any are left out. ``parents``: those one level above it, and no others have any.
        """
        parts = planned(asked.since, asked.until, kept_units(asked.cut, level))
        below = {**_whole(asked), "parent": {"$in": list(parents)}}
        del below["division"]
        found = self._summed(below, parts, asked.marks, "division")
        for row in self._rest(asked, parts, f"$lies_in.{level}"):
            if row["by"] is not None:
                found[row["by"]][row["mark"]] += row["cases"]
        return dict(found)

    def cases(self, asked: Asked, after: tuple[datetime, str] | None, limit: int) -> list[Marked]:
        """The cases of a division that have the one mark asked for, by its instant and their id.

        ``after``: instant and id of the last one that was shown before. Values of a cut are looked
        for among the cases of the division: no index has them.
        """
        (mark,) = asked.marks
        found: list[Marked] = []
        for span, ids in _spans_after(asked, after):
            if room := limit - len(found):
                condition = _marks_match(asked.division, {"mark": mark, "at": span})
                facts = self._facts.find({**condition, **ids, **_cut_match(asked)})
                for fact in facts.hint(_marked(asked.division)).limit(room):
                    found.append(Marked(marks_of(fact)[mark], fact))
        return found

    def facts(
        self, division: str, since: datetime, until: datetime, session: ClientSession | None = None
    ) -> Iterator[Document]:
        """The facts of a division that have any mark from ``since`` to before ``until``."""
        span = {"at": {"$gte": since, "$lt": until}}
        found = self._facts.find(_marks_match(division, span), UNCOUNTED, session=session)
        yield from found.hint(_marked(division))

    def kept(
        self, division: str, since: datetime, until: datetime, session: ClientSession | None = None
    ) -> Iterator[tuple[Tally, int]]:
        """The tallies of a division that begin from ``since`` to before ``until``, with their
        figures."""
        span = {"$gte": start_of("year", since), "$lt": until}
        condition = {"parent": parent(division), "division": division, "start": span}
        for row in self._tallies.find(condition, session=session):
            for tally, cases in _told(row):
                if since <= tally[4] < until:
                    yield tally, cases

    def all(self, session: ClientSession | None = None) -> Iterator[tuple[Tally, int]]:
        """Every tally there is, with its figure."""
        for row in self._tallies.find(session=session):
            yield from _told(row)

    def drop(self) -> None:
        """Gives the tallies up."""
        self._tallies.drop()

    def _summed(
        self, which: Document, parts: Iterable[Part], marks: Sequence[str], by: str
    ) -> defaultdict[Any, Counter[str]]:
        """What the documents of ``which`` hold of the whole units among the parts, by one of their
        fields; ``start``: by the start of each unit."""
        found: defaultdict[Any, Counter[str]] = defaultdict(Counter)
        for part in parts:
            if part.unit is None or not marks:
                continue
            for row in self._tallies.find({**which, **_held(part)}, _shown(part, by)):
                for start, figures in _within(row, part):
                    counts = found[start if by == "start" else row[by]]
                    for mark in marks:
                        if cases := figures.get(mark):
                            counts[mark] += cases
        return defaultdict(Counter, {key: counts for key, counts in found.items() if counts})

    def _rest(self, asked: Asked, parts: Iterable[Part], by: str | Document) -> Iterator[Document]:
        """What no unit holds, counted from the facts: ``{by, mark, cases}``; ``by``: an expression
        of a fact and one of its ``marks``."""
        spans = [{"$gte": part.since, "$lt": part.until} for part in parts if part.unit is None]
        if not spans or not asked.marks:
            return
        wanted = {"marks.mark": {"$in": list(asked.marks)}}
        pipeline: list[Document] = [
            {"$match": {"$or": [_rest_match(asked, span) for span in spans]}},
            {"$unwind": "$marks"},
            {"$match": {**wanted, "$or": [{"marks.at": span} for span in spans]}},
            {"$group": {"_id": {"by": by, "mark": "$marks.mark"}, "cases": {"$sum": 1}}},
        ]
        # Another index might tell a few parties or days apart, and read all their cases for it.
        for row in self._facts.aggregate(pipeline, hint=_marked(asked.division)):
            yield {"by": None, **row["_id"], "cases": row["cases"]}


def _rest_match(asked: Asked, span: Document) -> Document:
    marked = {"mark": {"$in": list(asked.marks)}, "at": span}
    return {**_marks_match(asked.division, marked), **_cut_match(asked)}


def _start(period: str) -> Document:
    """The start of the hour or of the local day of a mark, which lies within the period."""
    unit = "hour" if period == "hour" else "day"
    return {"$dateTrunc": {"date": "$marks.at", "unit": unit, "timezone": LOCAL.key}}


def _marked(division: str) -> str:
    return f"marked.{LEVELS[len(division)]}"


def _spans_after(
    asked: Asked, after: tuple[datetime, str] | None
) -> list[tuple[Document, Document]]:
    """What is left of the range after a case: conditions on the instant and on the id."""
    if after is None or after[0] < asked.since:
        return [({"$gte": asked.since, "$lt": asked.until}, {})]
    at, issue = after
    if at >= asked.until:
        return []
    return [
        ({"$gte": at, "$lte": at}, {"_id": {"$gt": issue}}),
        ({"$gt": at, "$lt": asked.until}, {}),
    ]


def _cut_match(asked: Asked) -> Document:
    if asked.cut == "":
        return {}
    if asked.values is None:
        return {PATHS[asked.cut]: {"$ne": None}}
    return {PATHS[asked.cut]: {"$in": [raw(asked.cut, value) for value in asked.values]}}


def _marks_match(division: str, condition: Document) -> Document:
    level = LEVELS[len(division)]
    return {f"lies_in.{level}": division, "marks": {"$elemMatch": condition}}


def _units(asked: Asked) -> tuple[str, ...]:
    return kept_units(asked.cut, LEVELS[len(asked.division)])


def _units_within(period: str, units: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the units of which each lies within one such period."""
    return tuple(unit for unit in units if PERIODS.index(unit) <= PERIODS.index(period))


def _whole(asked: Asked) -> Document:
    """The documents of a division, its cut and values."""
    values = {} if asked.values is None else {"value": {"$in": list(asked.values)}}
    return {
        "parent": parent(asked.division),
        "division": asked.division,
        "cut": asked.cut,
        **values,
    }


def _held(part: Part) -> Document:
    """The documents that hold the units of a part."""
    period = HOLDERS.get(str(part.unit), "year")
    start = {"$gte": start_of(period, part.since), "$lt": part.until}
    return {"period": period, "start": start}


def _shown(part: Part, by: str) -> Document:
    """What is read of them: of a part that lies in one document, its units alone."""
    unit = str(part.unit)
    if unit not in HOLDERS:
        return {"_id": 0, by: 1, "start": 1, "figures": 1}
    held = {"parts": 1}
    if start_of(HOLDERS[unit], part.since) == start_of(HOLDERS[unit], part.until - INSTANT):
        held = {
            f"parts.{part_name(unit, start)}": 1 for start in starts(unit, part.since, part.until)
        }
    return {"_id": 0, by: 1, "start": 1, **held}


def _within(row: Document, part: Part) -> Iterator[tuple[datetime, Mapping[str, int]]]:
    """The start of each unit of a part that a document holds, and its figures."""
    unit = str(part.unit)
    if unit not in HOLDERS:
        yield row["start"], row.get("figures", {})
        return
    for name, figures in row.get("parts", {}).items():
        start = part_start(unit, row["start"], name)
        if part.since <= start < part.until:
            yield start, figures


def _told(row: Document) -> Iterator[tuple[Tally, int]]:
    """Each tally of a document, with its figure."""
    which = (row["division"], row["cut"], row["value"])
    for mark, cases in row.get("figures", {}).items():
        yield (*which, "year", row["start"], mark), cases
    unit = PARTS[row["period"]]
    for name, figures in row.get("parts", {}).items():
        start = part_start(unit, row["start"], name)
        for mark, cases in figures.items():
            yield (*which, unit, start, mark), cases


def _updates(deltas: Mapping[Tally, int]) -> list[UpdateOne]:
    grouped: dict[_Key, dict[str, int]] = {}
    for tally, amount in deltas.items():
        if amount:
            key, name = _place(tally)
            grouped.setdefault(key, {})[name] = amount
    return [
        UpdateOne({"_id": _id(key)}, {"$inc": amounts, "$setOnInsert": _named(key)}, upsert=True)
        for key, amounts in sorted(grouped.items())
    ]


_Key = tuple[str, str, str, str, datetime]


def _place(tally: Tally) -> tuple[_Key, str]:
    """The document that holds a tally, and its field there."""
    division, cut, value, unit, start, mark = tally
    if unit not in HOLDERS:
        return (division, cut, value, unit, start), f"figures.{mark}"
    period = HOLDERS[unit]
    key = (division, cut, value, period, start_of(period, start))
    return key, f"parts.{part_name(unit, start)}.{mark}"


def _id(key: _Key) -> str:
    division, cut, value, period, start = key
    return f"{division}|{cut}|{value}|{period}|{start:%Y-%m-%dT%H}Z"


def _named(key: _Key) -> Document:
    return {"parent": parent(key[0]), **dict(zip(_KEYS, key, strict=True))}


_KEYS = ("division", "cut", "value", "period", "start")
