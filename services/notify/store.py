"""Every MongoDB call of the notify service.

Indexes: one notice for each issue, assignment and party; an inbox, a division and an issue, each
with the newest notice first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from suishoupai.messaging.outbox import create_outbox_index

Document = dict[str, Any]

KEY = ("issue", "assignment", "party")


class NoticeStore:
    """The notices of every party."""

    def __init__(self, database: Database[Document]) -> None:
        self.notices = database["notices"]
        self._indexed = False

    def missing(self) -> str | None:
        """Nothing: an empty inbox is complete."""
        return None

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        self.notices.create_index([(name, ASCENDING) for name in KEY], unique=True)
        for field in ("party", "division"):
            self.notices.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        create_outbox_index(self.notices)
        self._indexed = True

    def insert(self, notices: Sequence[Document]) -> list[str]:
        """Writes the notices that are new; returns the ids of those."""
        self.create_indexes()
        updates = [
            UpdateOne({name: notice[name] for name in KEY}, {"$setOnInsert": notice}, upsert=True)
            for notice in notices
        ]
        result = self.notices.bulk_write(updates, ordered=False)
        return list((result.upserted_ids or {}).values())

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest notices that fit."""
        return list(self.notices.find(query).sort("_id", DESCENDING).limit(limit))

    def about(self, issues: Document, session: ClientSession | None = None) -> list[Document]:
        """The notices about the issues whose id fits a filter."""
        return list(self.notices.find({"issue": issues}, {"outbox": 0}, session=session))
