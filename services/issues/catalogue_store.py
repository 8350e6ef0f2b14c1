"""Every MongoDB call for the catalogue: its rows, and who changed them when.

Collections: ``catalogue`` (a row's ``_id`` is its code and the day it begins, ``06010@2026-01-01``)
and ``catalogue_changes`` (one document for each import, numbered from 1; the last number is the
catalogue's edition). Indexes: rows by code and beginning, changes by the codes they touch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.issues.catalogue import Changes, Step
from suishoupai import clock
from suishoupai.truth.records import Overtaken

Document = dict[str, Any]

DATED = {"valid_from": {"$exists": True}}
UNDATED = {"valid_from": {"$exists": False}}
"""Filter of rows from the time when the catalogue knew no dates."""


@dataclass(frozen=True)
class Note:
    """Who changed the catalogue, when, with which file, and from which local date on."""

    by: str
    at: datetime
    file: str
    on: str


class CatalogueStore:
    """The rows of the catalogue with their periods, and the list of its changes."""

    def __init__(self, database: Database[Document]) -> None:
        self._client = database.client
        self._rows = database["catalogue"]
        self._changes = database["catalogue_changes"]

    def missing(self) -> str | None:
        """What keeps the service from working: a catalogue that was never seeded, or one without
        dates."""
        return None if self._rows.find_one(DATED) else "no catalogue: run `suishoupai seed`"

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        self._rows.create_index([("code", ASCENDING), ("valid_from", ASCENDING)])
        self._changes.create_index([("codes", ASCENDING), ("_id", ASCENDING)])

    def row(self, code: str, on: date) -> Document | None:
        """The row of a code that is in force on a local date, or None."""
        return self._rows.find_one({"code": code, **_in_force(on)})

    def rows(self, on: date) -> list[Document]:
        """The rows that are in force on a local date, by code."""
        return list(self._rows.find(_in_force(on)).sort("code", ASCENDING))

    def all_rows(self) -> list[Document]:
        """Every row there is or was, by code and beginning."""
        return list(self._rows.find(DATED).sort([("code", ASCENDING), ("valid_from", ASCENDING)]))

    def versions(self, code: str) -> list[Document]:
        """Every row of a code, in the order in which they begin."""
        return list(self._rows.find({"code": code}).sort("valid_from", ASCENDING))

    def edition(self) -> int:
        """The number of the last change; 0 before the first."""
        last = self._changes.find_one(sort=[("_id", DESCENDING)])
        return last["_id"] if last else 0

    def changed_at(self, at: datetime) -> datetime:
        """When what is in force at an instant became so: by a change of the catalogue, or because
        the day came on which a row begins or ends."""
        last = self._changes.find_one({}, {"at": 1}, sort=[("_id", DESCENDING)])
        today = clock.local_day(at).isoformat()
        days = {row[end] for row in self.all_rows() for end in ("valid_from", "valid_to")}
        begun = [clock.parse_instant(day) for day in days if day and day <= today]
        return max([*begun, *([last["at"]] if last else [])], default=clock.EPOCH)

    def changes_of(self, code: str) -> list[Document]:
        """The changes that touched a code, the oldest first."""
        return list(self._changes.find({"codes": code}).sort("_id", ASCENDING))

    def apply(self, changes: Changes, edition: int, note: Note) -> None:
        """Writes what changes, with a note of it, all or nothing; rows without dates go with it.

        ``edition``: as it was before the rows were read that the changes were compared with.
        Raises ``Overtaken`` when it is another by now.
        """
        self.create_indexes()
        record = {"_id": edition + 1, **asdict(note), **_recorded(changes)}
        gone = [UNDATED, {"_id": {"$in": [row["_id"] for row in changes.replaced]}}]
        rows = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in changes.written]

        def write(session: ClientSession) -> None:
            self._changes.insert_one(record, session=session)
            self._rows.delete_many({"$or": gone}, session=session)
            if rows:
                self._rows.bulk_write(rows, session=session)

        with self._client.start_session() as session:
            try:
                session.with_transaction(write)
            except DuplicateKeyError as error:
                raise Overtaken("the catalogue was changed meanwhile: try again") from error


def _in_force(on: date) -> Document:
    day = on.isoformat()
    return {"valid_from": {"$lte": day}, "$or": [{"valid_to": None}, {"valid_to": {"$gt": day}}]}


def _recorded(changes: Changes) -> Document:
    parts = {"added": changes.added, "changed": changes.changed, "ended": changes.ended}
    return {
        "codes": sorted({row["code"] for row in (*changes.written, *changes.replaced)}),
        "counts": {name: len(steps) for name, steps in parts.items()},
        **{name: [_step(step) for step in steps] for name, steps in parts.items()},
        "replaced": list(changes.replaced),
    }


def _step(step: Step) -> Document:
    fields = [{"field": name, "old": old, "new": new} for name, old, new in step.fields]
    return {"code": step.code, "name": step.name, "on": step.on, "fields": fields}
