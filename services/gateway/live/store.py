"""Every MongoDB call about the log of happenings.

Numbers are given in the transaction that writes what they are given to: whoever gives the next ones
does so after that is committed, so a reader who has seen a number has seen all before it. They are
without gaps, so a reader knows when something is missing. Readers see only what a majority has:
a number that a failover could take back is never told.

Indexes: by event, unique, so that one delivered again is not told again; by case and version; by
time, to be forgotten after ``stream_hours``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from services.gateway.live.feed import Entry
from services.gateway.live.happenings import Happening, Known
from suishoupai import clock
from suishoupai.access import Whereabouts
from suishoupai.contracts.events import Event

Document = dict[str, Any]
Tell = Callable[[Sequence[Event], dict[str, Known]], list[Happening]]
"""From events and the newest that is known of their cases to what is written."""

OPTIONS_CONFLICT = 85
LAST = {"_id": "last"}


class HappeningStore:
    """Happenings: {_id: number, event: id, at, type, issue, version, whereabouts, left, shown}."""

    def __init__(self, database: Database[Document], hours: float) -> None:
        self._database = database
        self._happenings = database["happenings"]
        self._numbers = database["happening_numbers"]
        majority = ReadConcern("majority")
        self._told = self._happenings.with_options(read_concern=majority)
        self._given = self._numbers.with_options(read_concern=majority)
        self._seconds = round(hours * 3600)
        self._made = False

    def create_indexes(self) -> None:
        """Creates every index and the number to begin with; creating again changes nothing.

        A log that is made anew begins above every number of the one before, unless that wrote a
        thousand a second all its life: what a client heard of that one is then too old, and not
        taken for something else.
        """
        if self._made:
            return
        self._happenings.create_index("event", unique=True)
        self._happenings.create_index([("issue", ASCENDING), ("version", DESCENDING)])
        self._forget_in_time()
        born = clock.milliseconds(clock.now())
        self._numbers.update_one(LAST, {"$setOnInsert": {"number": born}}, upsert=True)
        self._made = True

    def _forget_in_time(self) -> None:
        try:
            self._happenings.create_index("at", expireAfterSeconds=self._seconds)
        except OperationFailure as error:
            if error.code != OPTIONS_CONFLICT:
                raise
            index = {"keyPattern": {"at": 1}, "expireAfterSeconds": self._seconds}
            self._database.command("collMod", "happenings", index=index)

    def append(self, events: Sequence[Event], tell: Tell) -> None:
        """Writes what events tell of, each event once, however often it comes."""
        self.create_indexes()
        with self._database.client.start_session() as session:
            session.with_transaction(
                lambda active: self._append(events, tell, active), ReadConcern("snapshot")
            )

    def _append(self, events: Sequence[Event], tell: Tell, session: ClientSession) -> None:
        once = {event.id: event for event in events}
        there = self._happenings.find({"event": {"$in": list(once)}}, {"event": 1}, session=session)
        for row in there:
            del once[row["event"]]
        known = self._newest([event.subject for event in once.values()], session)
        told = tell(list(once.values()), known)
        if told:
            at, number = clock.now(), self._give(len(told), session)
            rows = [_row(each, number + place, at) for place, each in enumerate(told)]
            self._happenings.insert_many(rows, session=session)

    def _give(self, amount: int, session: ClientSession) -> int:
        """The first of so many new numbers."""
        last = self._numbers.find_one_and_update(
            LAST,
            {"$inc": {"number": amount}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return _number(last) - amount + 1

    def _newest(self, issues: list[str], session: ClientSession) -> dict[str, Known]:
        fields = {name: {"$first": f"${name}"} for name in ("version", "whereabouts")}
        newest = self._happenings.aggregate(
            [
                {"$match": {"issue": {"$in": issues}}},
                {"$sort": {"issue": ASCENDING, "version": DESCENDING}},
                {"$group": {"_id": "$issue", **fields}},
            ],
            session=session,
        )
        return {row["_id"]: Known(row["version"], _where(row["whereabouts"])) for row in newest}

    def last(self) -> int:
        """The last number that was given."""
        self.create_indexes()
        return _number(self._given.find_one(LAST))

    def after(self, number: int, limit: int) -> list[Entry]:
        """At most ``limit`` entries after a number, in order."""
        rows = self._told.find({"_id": {"$gt": number}}).sort("_id", ASCENDING).limit(limit)
        return [_entry(row) for row in rows]

    def reaches_back_to(self, number: int) -> bool:
        """Whether everything after a number is there."""
        last = self.last()
        return number == last or (
            number < last and self._told.find_one({"_id": number + 1}, {"_id": 1}) is not None
        )


def _number(row: Document | None) -> int:
    """The number in the document that counts; raises ``LookupError`` when that was taken away."""
    if row is None:
        raise LookupError("the log of happenings has lost its number: start the gateway anew")
    return int(row["number"])


def _row(told: Happening, number: int, at: datetime) -> Document:
    return {
        "_id": number,
        "event": told.event,
        "at": at,
        "type": told.type,
        "issue": told.issue,
        "version": told.version,
        "whereabouts": asdict(told.whereabouts),
        "left": [asdict(each) for each in told.left],
        "shown": told.shown,
    }


def _entry(row: Document) -> Entry:
    return Entry(
        number=row["_id"],
        type=row["type"],
        whereabouts=_where(row["whereabouts"]),
        left=tuple(map(_where, row["left"])),
        shown=row["shown"],
    )


def _where(row: Document) -> Whereabouts:
    return Whereabouts(row["reporter"], row["party"], tuple(row["divisions"]), row["confidential"])
