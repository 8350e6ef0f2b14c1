"""The figures against the cases, and a new edition of them (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.stats import counting
from services.stats.counting import Cell
from services.stats.handlers import changes, flat
from services.stats.store import Building, Edition, StatsStore
from suishoupai.clock import now
from suishoupai.truth.records import Case, Notice

Document = dict[str, Any]

COMPARED = ("reported", "assignment", "case", "notices", "steps", *counting.ORIGIN, "divisions")


def fact_of(case: Case, notices: Iterable[Notice]) -> Document:
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
    }
    return {**fact, "divisions": counting.divisions_of(fact)}


class Figures:
    """The live edition, seen at one instant."""

    def __init__(self, database: Database[Document], session: ClientSession | None = None) -> None:
        self._session = session
        self._edition = StatsStore(database).live(session)
        self._recounted: Counter[Cell] = Counter()

    def facts(self, ids: Document) -> dict[str, Document]:
        """What is known of each issue whose id fits a filter."""
        return self._edition.by_id(ids, self._session)

    def recount(self, facts: Iterable[Document]) -> None:
        """Adds up what these facts fill."""
        for fact in facts:
            self._recounted.update(counting.cells(fact))

    def differences(self) -> Iterator[tuple[str, int, int]]:
        """Every cell whose kept figure is not the sum over the recounted facts: its name, the
        recounted and the kept amount."""
        left = dict(self._recounted)
        for raw in self._edition.all_cells(self._session):
            for name, kept in flat(raw["figures"]).items():
                recounted = left.pop((raw["division"], raw["hour"], name), 0)
                if kept != recounted:
                    yield _cell_name(raw["division"], raw["hour"], name), recounted, kept
        for (division, hour, name), recounted in left.items():
            yield _cell_name(division, hour, name), recounted, 0

    @property
    def recounted_cells(self) -> int:
        """How many figures were recounted."""
        return len(self._recounted)


def _cell_name(division: str, hour: datetime, name: str) -> str:
    return f"{division} {hour:%Y-%m-%dT%H}Z {name}"


def fact_differences(expected: Document, found: Document | None) -> Iterator[tuple[str, Any, Any]]:
    """Each part in which what is known differs from what must be known."""
    if found is None:
        yield "counted", "once", "not at all"
        return
    for part in COMPARED:
        if expected[part] != found[part]:
            yield part, expected[part], found[part]


class Rebuilding:
    """Makes a new edition beside the live one, page by page; begun before, it goes on there."""

    def __init__(self, database: Database[Document]) -> None:
        self._store = StatsStore(database)
        self._at: Building = self._store.begin_building()

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
        facts = {case.id: fact_of(case, notices.get(case.id, ())) for case in cases}
        # When something was first counted is not in the cases: the live edition remembers.
        live = self._store.live().by_id({"$in": list(facts)})
        at = now()

        def learn(known: dict[str, Document]) -> tuple[list[Document], Counter[Cell]]:
            merged = {
                issue: counting.merge(known.get(issue) or _begun(fact, live.get(issue)), fact)
                for issue, fact in facts.items()
            }
            return changes(known, merged, at)

        self._at = self._store.build(self._at, [case.id for case in cases], learn)

    def finish(self) -> Edition:
        """Makes the new edition the live one; returns the old one, to be dropped."""
        return self._store.finish_building(self._at)


def _begun(fact: Document, live: Document | None) -> Document:
    counted = {"counted_at": live["counted_at"]} if live else {}
    return {**counting.new_fact(fact["_id"]), **counted}
