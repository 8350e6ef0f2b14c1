"""Every MongoDB call of the stats service.

Facts and totals change in one transaction, so that no event is counted twice or half. The read
model has editions: one is live, and a new one can be built beside it (``model`` says which).
Indexes: cells by division and hour, and by parent and hour; facts by division and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.stats.counting import Cell, as_today
from suishoupai.divisions import parent
from suishoupai.truth.records import Overtaken

Document = dict[str, Any]
Deltas = Mapping[Cell, int]
Learn = Callable[[dict[str, Document]], tuple[list[Document], Deltas]]
"""From the known facts by issue to the changed facts and the changes of the cells."""


class Edition:
    """One edition of the read model: the facts of every issue and the totals kept from them."""

    def __init__(self, database: Database[Document], number: int) -> None:
        suffix = f".{number}" if number else ""
        self._facts = database[f"facts{suffix}"]
        self._cells = database[f"cells{suffix}"]

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self._cells.create_index([("division", ASCENDING), ("hour", ASCENDING)])
        self._cells.create_index([("parent", ASCENDING), ("hour", ASCENDING)])
        self._facts.create_index([("divisions", ASCENDING), ("reported.at", ASCENDING)])

    def update(self, session: ClientSession, ids: list[str], learn: Learn) -> None:
        """Changes facts and totals within the transaction of ``session``."""
        facts, deltas = learn(self.by_id({"$in": ids}, session))
        if facts:
            self._facts.bulk_write(
                [ReplaceOne({"_id": fact["_id"]}, fact, upsert=True) for fact in facts],
                session=session,
            )
        if updates := _cell_updates(deltas):
            self._cells.bulk_write(updates, session=session)

    def by_id(self, ids: Document, session: ClientSession | None = None) -> dict[str, Document]:
        """The facts whose id fits a filter, by id."""
        found = map(as_today, self._facts.find({"_id": ids}, session=session))
        return {fact["_id"]: fact for fact in found}

    def cells(
        self, division: str, since: datetime | None, until: datetime | None
    ) -> list[Document]:
        """The cells of a division for the hours from ``since`` to before ``until``."""
        return list(self._cells.find({"division": division, **_hours(since, until)}))

    def children(
        self, division: str, since: datetime | None, until: datetime | None
    ) -> list[Document]:
        """The cells of the divisions one level below."""
        return list(self._cells.find({"parent": division, **_hours(since, until)}))

    def facts(self, division: str, since: datetime, until: datetime) -> list[Document]:
        """The facts of a division reported from ``since`` to before ``until``."""
        span = {"$gte": since, "$lt": until}
        return list(map(as_today, self._facts.find({"divisions": division, "reported.at": span})))

    def all_cells(self, session: ClientSession | None = None) -> Iterator[Document]:
        """Every cell there is."""
        yield from self._cells.find(session=session)

    def drop(self) -> None:
        """Gives the edition up."""
        self._facts.drop()
        self._cells.drop()


@dataclass(frozen=True)
class Building:
    """An edition that is being made anew while another one is read."""

    number: int
    cursor: str
    """Issues up to this id are in it; the others come from their events or are still to come."""
    done: int
    """How many issues were taken over."""


class StatsStore:
    """The live edition, and beside it the one that is being built, if any."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._client = database.client
        self._model = database["model"]
        self._indexed = False

    def missing(self) -> str | None:
        """Nothing: figures start at zero."""
        return None

    def create_indexes(self) -> None:
        """Creates the live edition's indexes; creating again changes nothing."""
        if not self._indexed:
            self.live().create_indexes()
            self._indexed = True

    def live(self, session: ClientSession | None = None) -> Edition:
        """The edition that is read."""
        return Edition(self._database, self._read_model(session)["live"])

    def update(self, issues: Iterable[str], learn: Learn) -> None:
        """Changes facts and totals together; run again by the driver when another was quicker.

        What is being built learns the same in the same transaction, and so misses nothing.
        """
        self.create_indexes()
        ids = sorted(set(issues))

        def write(session: ClientSession) -> None:
            model = self._read_model(session)
            for number in _editions(model):
                Edition(self._database, number).update(session, ids, learn)

        with self._client.start_session() as session:
            session.with_transaction(write)

    def building(self) -> Building | None:
        """The edition that is being built, or None."""
        building = self._read_model()["building"]
        return Building(**building) if building else None

    def begin_building(self) -> Building:
        """Begins a new edition, or goes on with the one that was begun."""
        model = self._read_model()
        if model["building"] is None:
            number = model["live"] + 1
            edition = Edition(self._database, number)
            edition.drop()
            edition.create_indexes()
            begun = {"number": number, "cursor": "", "done": 0}
            self._model.update_one(
                {"_id": "model"}, {"$set": {"live": model["live"], "building": begun}}, upsert=True
            )
        building = self.building()
        assert building is not None  # noqa: S101 - just made
        return building

    def build(self, at: Building, facts: Sequence[str], learn: Learn) -> Building:
        """Takes a page of issues over into the new edition; raises ``Overtaken``."""
        after = Building(at.number, facts[-1], at.done + len(facts))

        def write(session: ClientSession) -> None:
            self._move(at, {"building": asdict(after)}, session)
            Edition(self._database, at.number).update(session, sorted(facts), learn)

        with self._client.start_session() as session:
            session.with_transaction(write)
        return after

    def finish_building(self, at: Building) -> Edition:
        """Makes the new edition the live one; returns the old one. Raises ``Overtaken``."""
        old = self.live()
        with self._client.start_session() as session:
            session.with_transaction(
                lambda active: self._move(at, {"live": at.number, "building": None}, active)
            )
        return old

    def _move(self, at: Building, change: Document, session: ClientSession) -> None:
        moved = self._model.update_one(
            {"_id": "model", "building": asdict(at)}, {"$set": change}, session=session
        )
        if not moved.matched_count:
            raise Overtaken("another rebuild is under way")

    def _read_model(self, session: ClientSession | None = None) -> Document:
        found = self._model.find_one({"_id": "model"}, session=session)
        return found or {"live": 0, "building": None}


def _editions(model: Document) -> list[int]:
    building = model["building"]
    return [model["live"], building["number"]] if building else [model["live"]]


def _hours(since: datetime | None, until: datetime | None) -> Document:
    span = {key: bound for key, bound in (("$gte", since), ("$lt", until)) if bound}
    return {"hour": span} if span else {}


def _cell_updates(deltas: Deltas) -> list[UpdateOne]:
    grouped: dict[tuple[str, datetime], dict[str, int]] = {}
    for (division, hour, name), amount in deltas.items():
        grouped.setdefault((division, hour), {})[f"figures.{name}"] = amount
    return [
        UpdateOne(
            {"_id": f"{division}|{hour:%Y-%m-%dT%H}Z"},
            {
                "$inc": amounts,
                "$setOnInsert": {"division": division, "parent": parent(division), "hour": hour},
            },
            upsert=True,
        )
        for (division, hour), amounts in sorted(grouped.items())
    ]
