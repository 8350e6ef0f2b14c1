"""The figures against the cases, and a new edition of them (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.stats import counting, tallies
from services.stats.definitions import current
from services.stats.handlers import changes, derived
from services.stats.heat_truth import HeatRecount
from services.stats.periods import end_of, start_of
from services.stats.store import Building, Changes, Edition, StatsStore
from services.stats.tallies import Definitions, Tally, marks_of
from suishoupai.clock import now
from suishoupai.truth.records import Case, Notice

Document = dict[str, Any]

COMPARED = ("reported", "assignment", "case", "notices", "steps", *counting.ORIGIN, "divisions")
TALLIED = ("lies_in", "marks", "cell")
"""Parts of a fact that are compared as well when the edition was made with today's definitions."""


def fact_of(case: Case, notices: Iterable[Notice], definitions: Definitions) -> Document:
    """What stats must know of a case."""
    given = case.assignment
    fact = {
        **counting.new_fact(case.id),
        "reported": counting.reported(case.reported_at, case.number),
        "assignment": counting.assignment(given.sequence, given.grid) if given else None,
        "case": counting.case(case.version, case.state, case.category, case.party),
        "notices": sorted(
            notice.id for notice in notices if counting.is_telling(notice.kind, notice.recipient)
        ),
        "steps": [counting.counted_step(step) for step in case.steps],
        **counting.origin(case.source, case.courier, case.reporter),
        "point": counting.point(*case.point) if case.point else None,
    }
    return {**fact, **derived(fact, definitions)}


def fact_differences(
    expected: Document, found: Document | None, parts: Sequence[str]
) -> Iterator[tuple[str, Any, Any]]:
    """Each of these parts in which what is known differs from what must be known."""
    if found is None:
        yield "counted", "once", "not at all"
        return
    for part in parts:
        if expected[part] != found.get(part):
            yield part, expected[part], found.get(part)


class Figures:
    """The live edition, seen at one instant."""

    def __init__(
        self,
        database: Database[Document],
        session: ClientSession | None = None,
        definitions: Definitions | None = None,
    ) -> None:
        self._session = session
        self._definitions = definitions or current()
        store = StatsStore(database)
        self._edition = store.live(session)
        self._stale = store.is_stale(self._definitions.digest, session)
        self._digest = store.digest(session)
        self._recounted = 0
        self._prints: defaultdict[Where, int] = defaultdict(int)
        self._heat = HeatRecount()

    def facts(self, ids: Document) -> dict[str, Document]:
        """What is known of each issue whose id fits a filter."""
        return self._edition.by_id(ids, self._session)

    def fact_differences(
        self, case: Case, notices: Iterable[Notice], found: Document | None
    ) -> Iterator[tuple[str, Any, Any]]:
        """Each part in which what is known of a case differs from what must be known.

        Of an edition made with other definitions, the marks are not compared.
        """
        expected = fact_of(case, notices, self._definitions)
        parts = COMPARED if self._stale else (*COMPARED, *TALLIED)
        yield from fact_differences(expected, found, parts)

    def recount(self, facts: Iterable[Document]) -> None:
        """Adds up what these facts fill."""
        for fact in facts:
            for tally in tallies.tallies(fact, marks_of(fact)):
                self._prints[_where(tally)] += hash(tally)
                self._recounted += 1
            self._heat.add(fact)

    def differences(self) -> Iterator[tuple[str, object, object]]:
        """Every tally whose kept figure is not the sum over the recounted facts: its name, the
        recounted and the kept amount. Of an edition that other definitions made, that alone is
        told: all of it has to be made anew."""
        if self._stale:
            yield "definitions", self._definitions.digest, self._digest
        else:
            yield from self._tally_differences()
            yield from self._heat.differences(self._edition.heat, self._session)

    def _tally_differences(self) -> Iterator[tuple[str, int, int]]:
        """All tallies do not fit into memory. Of each division and month (or year, of what is kept
        by years) the sum of the hashes of what is recounted tells whether anything differs; only
        what does is counted one by one."""
        for tally, kept in self._edition.tallies.all(self._session):
            self._prints[_where(tally)] -= kept * hash(tally)
        for where, unequal in sorted(self._prints.items()):
            if unequal:
                yield from self._one_by_one(where)

    def _one_by_one(self, where: Where) -> Iterator[tuple[str, int, int]]:
        division, period, since = where
        which = (division, since, end_of(period, since), self._session)
        recounted = Counter(
            tally
            for fact in self._edition.tallies.facts(*which)
            for tally in tallies.tallies(fact, marks_of(fact))
            if _where(tally) == where
        )
        kept = Counter(
            {tally: n for tally, n in self._edition.tallies.kept(*which) if _where(tally) == where}
        )
        for tally in sorted(recounted.keys() | kept.keys()):
            if recounted[tally] != kept[tally]:
                yield _tally_name(tally), recounted[tally], kept[tally]

    @property
    def stale(self) -> bool:
        """Whether they were made by other definitions, and have to be made anew."""
        return self._stale

    @property
    def recounted(self) -> int:
        """How many times a case counts in a tally."""
        return self._recounted


Where = tuple[str, str, datetime]
"""Division code, ``year`` or ``month``, and its start."""


def _where(tally: Tally) -> Where:
    """Within what a tally is recounted: those of a year for themselves, all others by month."""
    period = "year" if tally[3] == "year" else "month"
    return tally[0], period, start_of(period, tally[4])


def _tally_name(tally: Tally) -> str:
    division, cut, value, unit, start, mark = tally
    which = f" {cut} {value}" if cut else ""
    return f"{division}{which} {unit} {start:%Y-%m-%dT%H}Z {mark}"


class Rebuilding:
    """Makes a new edition beside the live one, page by page; begun before, it goes on there."""

    def __init__(
        self, database: Database[Document], definitions: Definitions | None = None
    ) -> None:
        self._store = StatsStore(database)
        self._definitions = definitions or current()
        self._at: Building = self._store.begin_building(self._definitions.digest)

    @property
    def cursor(self) -> str:
        """Id of the last case that was taken over; empty before the first."""
        return self._at.cursor

    @property
    def done(self) -> int:
        """How many cases were taken over."""
        return self._at.done

    def take(self, cases: Sequence[Case], notices: Mapping[str, Sequence[Notice]]) -> None:
        """Takes the next cases over; raises ``Overtaken`` when another process did."""
        facts = {
            case.id: fact_of(case, notices.get(case.id, ()), self._definitions) for case in cases
        }
        # When something was first counted is not in the cases: the live edition remembers.
        live = self._store.live().by_id({"$in": list(facts)})
        at = now()

        def learn(known: dict[str, Document]) -> Changes:
            merged = {
                issue: counting.merge(known.get(issue) or _begun(fact, live.get(issue)), fact)
                for issue, fact in facts.items()
            }
            return changes(known, merged, at, self._definitions)

        self._at = self._store.build(self._at, [case.id for case in cases], learn)

    def finish(self) -> Edition:
        """Makes the new edition the live one; returns the old one, to be dropped."""
        return self._store.finish_building(self._at)


def _begun(fact: Document, live: Document | None) -> Document:
    counted = {"counted_at": live["counted_at"]} if live else {}
    return {**counting.new_fact(fact["_id"]), **counted}
