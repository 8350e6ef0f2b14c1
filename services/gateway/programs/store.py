"""Every MongoDB call about programs and their keys.

Indexes: the id of a key, which is how a program is found when it asks; the newest first.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, ReturnDocument
from pymongo.database import Database

Document = dict[str, Any]

FRESH_SECONDS = 5.0
"""How long a program that was looked up is remembered: a key that was revoked or a program that was
disabled by another process is refused after this."""
MOST_REMEMBERED = 10_000


class ProgramStore:
    """Programs: {_id: ULID, name, division, contact, limits: {reports_per_minute, …}, disabled,
    expires_at, version, created_at, keys: [{id: ULID, sha256, created_at, last_used_at}]}."""

    def __init__(self, database: Database[Document]) -> None:
        self._programs = database["programs"]
        self._remembered: dict[str, tuple[float, Document | None]] = {}

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self._programs.create_index(
            "keys.id", unique=True, partialFilterExpression={"keys.id": {"$exists": True}}
        )

    def insert(self, program: Document) -> None:
        """Adds a program."""
        self._programs.insert_one(program)

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest programs that fit."""
        return list(self._programs.find(query).sort("_id", DESCENDING).limit(limit))

    def get(self, program: str) -> Document | None:
        """A program by its id, or None."""
        return self._programs.find_one({"_id": program})

    def change(self, program: str, version: int, update: Document) -> Document | None:
        """A program after an update, or None when it is not at that version any more."""
        update = {**update, "$inc": {"version": 1}}
        changed = self._programs.find_one_and_update(
            {"_id": program, "version": version}, update, return_document=ReturnDocument.AFTER
        )
        self._remembered.clear()
        return changed

    def by_key(self, key_id: str) -> Document | None:
        """The program that has a key of this id, as it was at most ``FRESH_SECONDS`` ago."""
        known = self._remembered.get(key_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        program = self._programs.find_one({"keys.id": key_id})
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key_id] = time.monotonic() + FRESH_SECONDS, program
        return program

    def used(self, key_id: str, at: datetime, unless_since: datetime) -> None:
        """Notes when a key was used, unless it was already noted since then."""
        noted = {"id": key_id, "last_used_at": {"$not": {"$gte": unless_since}}}
        self._programs.update_one(
            {"keys": {"$elemMatch": noted}}, {"$set": {"keys.$.last_used_at": at}}
        )
        self._remembered.pop(key_id, None)
