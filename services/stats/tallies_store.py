"""Every MongoDB call on the tallies of an edition, and on the marks that its facts keep.

How tallies stand in documents: ``tally_documents``. Indexes:

- ``tallies``: parent, division, cut, period, start, value. It serves a division and all of those
  one level below alike (the codes below are skipped through, one after the other), with or without
  values.
- ``counted.LEVEL`` on the facts, for county, town, community and grid each: the division there,
  anchor, instant, id. An index holds one array at most, and that is ``marks``; so the divisions of
  a case stand one by one in ``lies_in``. Anchor and instant are bounded together by
  ``$elemMatch``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from services.stats.asked import UNCOUNTED, Asked, counted_index, having_mark
from services.stats.cuts import PATHS, text
from services.stats.periods import HOLDERS, PERIODS, end_of, start_of, starts
from services.stats.planning import Part, Span, planned, whole
from services.stats.tallies import Tally, kept_units
from services.stats.tally_documents import (
    Key,
    all_paths,
    holding,
    id_of,
    named,
    place,
    shown,
    told,
    within,
)
from suishoupai.clock import LOCAL
from suishoupai.divisions import LEVELS, parent

Document = dict[str, Any]

READ_INDEX = "tallies"
MARK = "$marks.marks"
"""Of a fact of which each mark is told by itself."""
AT_ONCE = 10_000
"""Documents that are sent in one answer: left alone, the server would send the first hundred and
wait to be asked for the others."""
READ_KEYS = ("parent", "division", "cut", "period", "start", "value")


class TallyStore:
    """The tallies of one edition, and the marks of its facts."""

    def __init__(self, facts: Collection[Document], tallies: Collection[Document]) -> None:
        self._facts = facts
        self._tallies = tallies

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self._tallies.create_index([(key, ASCENDING) for key in READ_KEYS], name=READ_INDEX)
        for level in LEVELS.values():
            keys = (f"lies_in.{level}", "marks.anchor", "marks.at", "_id")
            self._facts.create_index([(key, ASCENDING) for key in keys], name=f"counted.{level}")

    def update(self, deltas: Mapping[Tally, int], session: ClientSession) -> None:
        """Changes the tallies within the transaction of ``session``."""
        if updates := _updates(deltas):
            self._tallies.bulk_write(updates, session=session)

    def tallied(self, asked: Asked) -> dict[str, Counter[str]]:
        """Value of the cut → mark → cases; values and marks without any are left out."""
        parts = planned(asked.since, asked.until, asked.units)
        found = self._summed(asked.documents, parts, asked.marks, "value")
        value = f"${PATHS[asked.cut]}" if asked.cut else {"$literal": ""}
        for row in self._rest(asked, parts, value):
            found[text(row["by"])][row["mark"]] += row["cases"]
        return _with_cases(found)

    def series(self, asked: Asked, period: str) -> dict[datetime, Counter[str]]:
        """Start of each ``period`` (UTC) that lies in the range or reaches into it → mark → cases
        of all values together; in order, with periods in which there is nothing.

        ``period``: one of ``periods.PERIODS``.
        """
        parts = planned(asked.since, asked.until, _units_within(period, asked.units))
        series: dict[datetime, Counter[str]] = {
            start: Counter() for start in starts(period, asked.since, asked.until)
        }
        for start, counts in self._summed(asked.documents, parts, asked.marks, "start").items():
            series[start_of(period, start)].update(counts)
        for row in self._rest(asked, parts, _start(period)):
            series[start_of(period, row["by"])][row["mark"]] += row["cases"]
        return {start: +counts for start, counts in series.items()}

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
        below = {**asked.documents, "parent": {"$in": list(parents)}}
        del below["division"]
        found = self._summed(below, parts, asked.marks, "division")
        for row in self._rest(asked, parts, f"$lies_in.{level}"):
            if row["by"] is not None:
                found[row["by"]][row["mark"]] += row["cases"]
        return _with_cases(found)

    def spans_with(self, asked: Asked, cases: int) -> list[Span]:
        """Where the first so many cases are, that have any of the marks: runs of time, in order and
        disjoint, as short as the units that are kept allow.

        All of them together hold as many, or there are no more. What no unit holds is always among
        them, until there are enough.
        """
        spans = [(asked.since, asked.until)] if asked.since < asked.until else []
        for unit in asked.units:
            spans = self._narrowed(asked, unit, spans, cases)
        return spans

    def _narrowed(self, asked: Asked, unit: str, spans: list[Span], cases: int) -> list[Span]:
        """The spans with their whole units alone, of those the ones that hold a case."""
        wholes = [_wholes(unit, span) for span in spans]
        held = self._held_by_unit(asked, unit, [each for units in wholes for each in units])
        found: list[Span] = []
        for span, units in zip(spans, wholes, strict=True):
            for piece in _with_ends(span, units):
                if piece not in held:
                    found.append(piece)
                elif held[piece]:
                    found.append(piece)
                    cases -= held[piece]
                    if cases <= 0:
                        return found
        return found

    def _held_by_unit(self, asked: Asked, unit: str, units: Sequence[Span]) -> dict[Span, int]:
        """Each of some units → its cases; one read of the documents that hold them."""
        held = dict.fromkeys(units, 0)
        period = HOLDERS.get(unit, unit)
        holders = sorted({start_of(period, start) for start, _ in units})
        which = {**asked.documents, "period": period, "start": {"$in": holders}}
        fields = {"_id": 0, "start": 1, **dict.fromkeys(all_paths(unit, asked.marks), 1)}
        for row in self._tallies.find(which, fields) if holders else ():
            all_of_it = Part(unit, row["start"], end_of(period, row["start"]))
            for start, figures in within(row, all_of_it):
                if (span := (start, end_of(unit, start))) in held:
                    held[span] += sum(figures.get(mark, 0) for mark in asked.marks)
        return held

    def facts(
        self, division: str, since: datetime, until: datetime, session: ClientSession | None = None
    ) -> Iterator[Document]:
        """The facts of a division that have any mark from ``since`` to before ``until``."""
        span = {"at": {"$gte": since, "$lt": until}}
        found = self._facts.find(having_mark(division, span), UNCOUNTED, session=session)
        yield from found.hint(counted_index(division))

    def kept(
        self, division: str, since: datetime, until: datetime, session: ClientSession | None = None
    ) -> Iterator[tuple[Tally, int]]:
        """The tallies of a division that begin from ``since`` to before ``until``, with their
        figures."""
        span = {"$gte": start_of("year", since), "$lt": until}
        condition = {"parent": parent(division), "division": division, "start": span}
        for row in self._tallies.find(condition, session=session):
            for tally, cases in told(row):
                if since <= tally[4] < until:
                    yield tally, cases

    def all(self, session: ClientSession | None = None) -> Iterator[tuple[Tally, int]]:
        """Every tally there is, with its figure."""
        for row in self._tallies.find(session=session):
            yield from told(row)

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
            wanted = {**which, **holding(part)}
            for row in self._tallies.find(wanted, shown(part, by, marks), batch_size=AT_ONCE):
                for start, figures in within(row, part):
                    counts = found[start if by == "start" else row[by]]
                    for mark in marks:
                        if cases := figures.get(mark):
                            counts[mark] += part.sign * cases
        return found

    def _rest(self, asked: Asked, parts: Iterable[Part], by: str | Document) -> Iterator[Document]:
        """What no unit holds, counted from the facts: ``{by, mark, cases}``, by the signs of the
        parts; ``by``: an expression of a fact and one of its ``marks``."""
        rest = [part for part in parts if part.unit is None]
        if not rest or not asked.marks:
            return
        spans = [{"$gte": part.since, "$lt": part.until} for part in rest]
        pipeline: list[Document] = [
            {"$match": {"$or": [asked.facts(span) for span in spans]}},
            {"$unwind": "$marks"},
            {"$match": {"$or": [{"marks.at": span} for span in spans]}},
            {"$unwind": "$marks.marks"},
            {"$match": {"marks.marks": {"$in": list(asked.marks)}}},
            {"$group": {"_id": {"by": by, "mark": MARK}, "cases": {"$sum": _sign(rest)}}},
        ]
        # Another index might tell a few parties or days apart, and read all their cases for it.
        hint = counted_index(asked.division)
        for row in self._facts.aggregate(pipeline, hint=hint, batchSize=AT_ONCE):
            yield {"by": None, **row["_id"], "cases": row["cases"]}


def _wholes(unit: str, span: Span) -> list[Span]:
    """Each whole unit within a span."""
    first, last = whole(unit, *span)
    if first >= last:
        return []
    return [(start, end_of(unit, start)) for start in starts(unit, first, last)]


def _with_ends(span: Span, units: Sequence[Span]) -> list[Span]:
    """The units within a span, and what lies before and after them."""
    if not units:
        return [span]
    before, after = (span[0], units[0][0]), (units[-1][1], span[1])
    return [each for each in (before, *units, after) if each[0] < each[1]]


def _with_cases(found: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Without what was counted and taken off again."""
    return {key: left for key, counts in found.items() if (left := +counts)}


def _sign(rest: Iterable[Part]) -> Document:
    """The sign of the part that a mark lies in; those that are counted from facts are disjoint."""
    at = "$marks.at"
    within = [
        {"$and": [{"$gte": [at, part.since]}, {"$lt": [at, part.until]}]}
        for part in rest
        if part.sign < 0
    ]
    return {"$cond": [{"$or": within}, -1, 1]}


def _start(period: str) -> Document:
    """The start of the hour or of the local day of a mark, which lies within the period."""
    unit = "hour" if period == "hour" else "day"
    return {"$dateTrunc": {"date": "$marks.at", "unit": unit, "timezone": LOCAL.key}}


def _units_within(period: str, units: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the units of which each lies within one such period."""
    return tuple(unit for unit in units if PERIODS.index(unit) <= PERIODS.index(period))


def _updates(deltas: Mapping[Tally, int]) -> list[UpdateOne]:
    grouped: dict[Key, dict[str, int]] = {}
    for tally, amount in deltas.items():
        if amount:
            key, name = place(tally)
            grouped.setdefault(key, {})[name] = amount
    return [
        UpdateOne({"_id": id_of(key)}, {"$inc": amounts, "$setOnInsert": named(key)}, upsert=True)
        for key, amounts in sorted(grouped.items())
    ]
