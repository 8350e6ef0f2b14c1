"""Every MongoDB call on the repeat places that are kept.

They are found all at once (a snapshot): ``repeat_places`` holds them, each with the snapshot's id
and its rank, ``repeat_places_made`` one document that says which snapshot is read and which replica
finds the next one: ``{_id, due_at, claim, snapshot, earlier, made_at}``. A snapshot is read from
the instant on at which that document names it; the one before stays for those who are reading it.
Index: snapshot, division, cases from most to fewest, rank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from suishoupai.ids import new_id

Document = dict[str, Any]

MADE = {"_id": "made"}
READ_INDEX = "repeat_places"
READ_KEYS = [
    ("snapshot", ASCENDING),
    ("divisions", ASCENDING),
    ("cases", DESCENDING),
    ("rank", ASCENDING),
]
NOT_TOLD = {"_id": 0, "snapshot": 0, "rank": 0, "divisions": 0}


@dataclass(frozen=True)
class Snapshot:
    """Places that were found at one instant."""

    id: str
    made_at: datetime


class RepeatPlacesStore:
    """The repeat places of the county as they were found last."""

    def __init__(self, database: Database[Document]) -> None:
        self._places = database["repeat_places"]
        self._made = database["repeat_places_made"]

    def create_indexes(self) -> None:
        """Creates the index."""
        self._places.create_index(READ_KEYS, name=READ_INDEX)

    def claim(self, at: datetime, every: timedelta) -> str | None:
        """The id of a snapshot that is to be made now, by whoever is told; None when none is due.

        Who is told and dies has lost its turn: another one's is due ``every`` after.
        """
        claim = new_id(at)
        due = {**MADE, "due_at": {"$not": {"$gt": at}}}
        change = {"$set": {"due_at": at + every, "claim": claim}}
        try:
            moved = self._made.update_one(due, change, upsert=True)
        except DuplicateKeyError:  # it is there, and not due
            return None
        return claim if moved.matched_count or moved.upserted_id else None

    def publish(self, claim: str, made_at: datetime, places: Iterable[Document]) -> bool:
        """Makes a snapshot the one that is read; False when another was claimed meanwhile."""
        rows = [{**place, "snapshot": claim, "rank": n} for n, place in enumerate(places)]
        if rows:
            self._places.insert_many(rows)
        before = self._made.find_one(MADE) or {}
        earlier = before.get("snapshot")
        change = {"snapshot": claim, "earlier": earlier, "made_at": made_at}
        moved = self._made.update_one({**MADE, "claim": claim}, {"$set": change})
        if not moved.matched_count:
            self._places.delete_many({"snapshot": claim})
            return False
        self._places.delete_many({"snapshot": {"$nin": [claim, earlier]}})
        return True

    def latest(self) -> Snapshot | None:
        """The snapshot that is read; None before the first one."""
        made = self._made.find_one(MADE)
        return Snapshot(made["snapshot"], made["made_at"]) if made and "snapshot" in made else None

    def places(self, snapshot: str, division: str, least: int, limit: int) -> list[Document]:
        """The places of a division that have at least so many cases, those with the most first."""
        found = self._places.find(_match(snapshot, division, least), NOT_TOLD)
        return list(found.sort([("cases", DESCENDING), ("rank", ASCENDING)]).limit(limit))

    def amount(self, snapshot: str, division: str, least: int) -> int:
        """How many places of a division have at least so many cases."""
        return self._places.count_documents(_match(snapshot, division, least))


def _match(snapshot: str, division: str, least: int) -> Document:
    return {"snapshot": snapshot, "divisions": division, "cases": {"$gte": least}}
