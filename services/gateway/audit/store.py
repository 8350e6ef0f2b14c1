"""Every MongoDB call about the audit log: it is written and read, and nothing else.

Indexes: the newest first, of one account and of one subject; and what is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from suishoupai.mongo import insert_new

Document = dict[str, Any]


class AuditStore:
    """Entries: {_id: ULID, at, account, action, subject, address, outcome, detail}; some with
    the key by which they are there once."""

    def __init__(self, database: Database[Document]) -> None:
        self._audit = database["audit"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        for field in ("account", "subject"):
            self._audit.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        self._audit.create_index(
            [("once", ASCENDING)],
            unique=True,
            partialFilterExpression={"once": {"$exists": True}},
        )
        self._indexed = True

    def write(self, entry: Document) -> None:
        """Adds an entry."""
        self._audit.insert_one(entry)

    def write_once(self, entries: Mapping[str, Document]) -> None:
        """Adds each entry unless there is one of its key; that one stays as it was."""
        self.create_indexes()
        rows = [{"once": once, **entry} for once, entry in entries.items()]
        insert_new(self._audit, rows, ("once",))

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest entries that fit."""
        return list(self._audit.find(query).sort("_id", DESCENDING).limit(limit))
