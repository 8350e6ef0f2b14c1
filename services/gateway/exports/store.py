"""Every MongoDB call about exports; what they have in common with other jobs is in ``JobStore``.

Indexes besides those of every job: an account's exports, the newest first.
"""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from services.gateway.jobs.store import JobStore

Document = dict[str, Any]


class ExportStore(JobStore):
    """Exports: jobs with {format, header, fields, filters, cursor, seen_as}."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database, "exports", "export_files")

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        super().create_indexes()
        self.jobs.create_index([("account", ASCENDING), ("_id", DESCENDING)])

    def of(self, account: str, before: str | None, limit: int) -> list[Document]:
        """The newest exports of an account, from a cursor on."""
        older = {"_id": {"$lt": before}} if before else {}
        found = self.jobs.find({"account": account, **older})
        return list(found.sort("_id", DESCENDING).limit(limit))

    def find(self, export: str, account: str) -> Document | None:
        """An export of an account, or None."""
        return self.jobs.find_one({"_id": export, "account": account})
