"""Every MongoDB call on the facts of the stats service, and on the editions of its read model.

Facts and tallies change in one transaction, so that no event is counted twice or half. The read
model has editions: one is live, and a new one can be built beside it (``model`` says which).
Indexes: see ``tallies_store``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.stats.cases_store import CaseStore
from services.stats.counting import as_today
from services.stats.heat import HeatCell
from services.stats.heat_store import HeatStore
from services.stats.parties_store import PartyStore
from services.stats.repeat_places_store import RepeatPlacesStore
from services.stats.tallies import Tally
from services.stats.tallies_store import TallyStore
from suishoupai.truth.records import Overtaken

Document = dict[str, Any]


EARLIER = ("cells",)
"""Collections of an edition that earlier versions made."""


@dataclass(frozen=True)
class Changes:
    """What is written together: the facts that changed, and by how much tallies and heat do."""

    facts: list[Document]
    tallies: Mapping[Tally, int]
    heat: Mapping[HeatCell, int]
    before: Mapping[str, Document]
    """What was known of cases before, by id; nothing of one that is new."""


Learn = Callable[[dict[str, Document]], Changes]
"""From the known facts by issue to the changes."""


class Edition:
    """One edition of the read model: the facts of every issue and the tallies kept from them."""

    def __init__(self, database: Database[Document], number: int) -> None:
        suffix = f".{number}" if number else ""
        self._facts = database[f"facts{suffix}"]
        self._before = [database[f"{name}{suffix}"] for name in EARLIER]
        self.tallies = TallyStore(self._facts, database[f"tallies{suffix}"])
        self.cases = CaseStore(self._facts, self.tallies)
        self.parties = PartyStore(self._facts)
        self.heat = HeatStore(self._facts, database[f"heat{suffix}"])

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self.tallies.create_indexes()
        self.parties.create_indexes()
        self.heat.create_indexes()

    def update(self, session: ClientSession, ids: list[str], learn: Learn) -> Changes:
        """Changes facts and totals within the transaction of ``session``; says what changed."""
        changes = learn(self.by_id({"$in": ids}, session))
        if changes.facts:
            self._facts.bulk_write(
                [ReplaceOne({"_id": fact["_id"]}, fact, upsert=True) for fact in changes.facts],
                session=session,
            )
        self.tallies.update(changes.tallies, session)
        self.heat.update(changes.heat, session)
        return changes

    def is_empty(self, session: ClientSession | None = None) -> bool:
        """Whether nothing was ever counted in it."""
        return self._facts.find_one({}, {"_id": 1}, session=session) is None

    def by_id(self, ids: Document, session: ClientSession | None = None) -> dict[str, Document]:
        """The facts whose id fits a filter, by id."""
        found = map(as_today, self._facts.find({"_id": ids}, session=session))
        return {fact["_id"]: fact for fact in found}

    def drop(self) -> None:
        """Gives the edition up."""
        self._facts.drop()
        for collection in self._before:
            collection.drop()
        self.tallies.drop()
        self.heat.drop()


@dataclass(frozen=True)
class Building:
    """An edition that is being made anew while another one is read."""

    number: int
    cursor: str
    """Issues up to this id are in it; the others come from their events or are still to come."""
    done: int
    """How many issues were taken over."""
    digest: str = ""
    """Of the definitions it is tallied by."""


class StatsStore:
    """The live edition, and beside it the one that is being built, if any."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._client = database.client
        self._model = database["model"]
        self._indexed = False
        self._begun = False
        self.repeat_places = RepeatPlacesStore(database)

    def missing(self) -> str | None:
        """Nothing: figures start at zero."""
        return None

    def create_indexes(self) -> None:
        """Creates the live edition's indexes; creating again changes nothing."""
        if not self._indexed:
            self.live().create_indexes()
            self.repeat_places.create_indexes()
            self._indexed = True

    def live(self, session: ClientSession | None = None) -> Edition:
        """The edition that is read."""
        return Edition(self._database, self._read_model(session)["live"])

    def digest(self, session: ClientSession | None = None) -> str | None:
        """Of the definitions the live edition was made with; None when they are not known."""
        digest: str | None = self._read_model(session).get("digest")
        return digest

    def is_stale(self, digest: str, session: ClientSession | None = None) -> bool:
        """Whether the live edition was made with other definitions than those of ``digest``.

        What happened since is marked by the definitions of its day, all else by those it was made
        with: ``rebuild stats`` makes all of it anew. An edition that is empty is never stale.
        """
        return self.digest(session) != digest and not self.live(session).is_empty(session)

    def update(self, issues: Iterable[str], learn: Learn, digest: str) -> Changes:
        """Changes facts and totals together; run again by the driver when another was quicker.
        Says what was changed in the live edition, of the one run that holds.

        What is being built learns the same in the same transaction, and so misses nothing.
        ``digest``: of the definitions ``learn`` goes by; an edition that begins empty keeps it.
        """
        self._begin(digest)
        ids = sorted(set(issues))

        def write(session: ClientSession) -> Changes:
            live, *building = _editions(self._read_model(session))
            changes = Edition(self._database, live).update(session, ids, learn)
            for number in building:
                Edition(self._database, number).update(session, ids, learn)
            return changes

        with self._client.start_session() as session:
            return session.with_transaction(write)

    def _begin(self, digest: str) -> None:
        if not self._begun:
            self.create_indexes()
            if self._model.find_one({"_id": "model"}) is None and self.live().is_empty():
                first = {"live": 0, "building": None, "digest": digest}
                self._model.update_one({"_id": "model"}, {"$setOnInsert": first}, upsert=True)
            self._begun = True

    def building(self) -> Building | None:
        """The edition that is being built, or None."""
        building = self._read_model()["building"]
        return Building(**building) if building else None

    def begin_building(self, digest: str) -> Building:
        """Begins a new edition, or goes on with the one that was begun by the same definitions."""
        model = self._read_model()
        begun = self.building()
        if begun is not None and begun.digest == digest:
            return begun
        new = Building((begun.number if begun else model["live"]) + 1, "", 0, digest)
        edition = Edition(self._database, new.number)
        edition.drop()
        edition.create_indexes()
        change = {"live": model["live"], "building": asdict(new)}
        self._model.update_one({"_id": "model"}, {"$set": change}, upsert=True)
        if begun is not None:
            Edition(self._database, begun.number).drop()
        return new

    def build(self, at: Building, facts: Sequence[str], learn: Learn) -> Building:
        """Takes a page of issues over into the new edition; raises ``Overtaken``."""
        after = replace(at, cursor=facts[-1], done=at.done + len(facts))

        def write(session: ClientSession) -> None:
            self._move(at, {"building": asdict(after)}, session)
            Edition(self._database, at.number).update(session, sorted(facts), learn)

        with self._client.start_session() as session:
            session.with_transaction(write)
        return after

    def finish_building(self, at: Building) -> Edition:
        """Makes the new edition the live one; returns the old one. Raises ``Overtaken``."""
        old = self.live()
        change = {"live": at.number, "building": None, "digest": at.digest}
        with self._client.start_session() as session:
            session.with_transaction(lambda active: self._move(at, change, active))
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
