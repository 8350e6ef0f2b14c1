"""Every MongoDB call about the audit log: it is written and read, and nothing else.

Indexes: the newest first, of one account and of one subject.
"""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

Document = dict[str, Any]


class AuditStore:
    """Entries: {_id: ULID, at, account, action, subject, address, outcome, detail}."""

    def __init__(self, database: Database[Document]) -> None:
        self._audit = database["audit"]

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        for field in ("account", "subject"):
            self._audit.create_index([(field, ASCENDING), ("_id", DESCENDING)])

    def write(self, entry: Document) -> None:
        """Adds an entry."""
        self._audit.insert_one(entry)

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest entries that fit."""
        return list(self._audit.find(query).sort("_id", DESCENDING).limit(limit))
