"""Every MongoDB call about the audit log: it is written and read, and nothing else.

Indexes: the newest first, of one account and of one subject; and what is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

Document = dict[str, Any]

DUPLICATE = 11000
"""MongoDB's code for a key that is there already."""


class AuditStore:
    """Entries: {_id: ULID, at, account, action, subject, address, outcome, detail}; some with
    the key by which they are there once."""

    def __init__(self, database: Database[Document]) -> None:
        self._audit = database["audit"]

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        for field in ("account", "subject"):
            self._audit.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        self._audit.create_index(
            [("once", ASCENDING)],
            unique=True,
            partialFilterExpression={"once": {"$exists": True}},
        )

    def write(self, entry: Document) -> None:
        """Adds an entry."""
        self._audit.insert_one(entry)

    def write_once(self, entries: Mapping[str, Document]) -> None:
        """Adds each entry unless there is one of its key; that one stays as it was."""
        rows = [
            UpdateOne({"once": once}, {"$setOnInsert": entry}, upsert=True)
            for once, entry in entries.items()
        ]
        try:
            self._audit.bulk_write(rows, ordered=False)
        except BulkWriteError as error:
            # Two at once: the index lets one of them in, and the other has nothing left to write.
            if any(each["code"] != DUPLICATE for each in error.details["writeErrors"]):
                raise

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest entries that fit."""
        return list(self._audit.find(query).sort("_id", DESCENDING).limit(limit))
