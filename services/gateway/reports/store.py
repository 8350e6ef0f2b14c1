"""Every MongoDB call about reports; what they have in common with other jobs is in ``JobStore``.

Indexes besides those of every job: of scheduled reports one for each month and division, whoever
writes it; the reports of a division, the newest first; an account's; who hears of a division; what
is still to be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.gateway.jobs.store import JobStore
from suishoupai.messaging.outbox import create_outbox_index

Document = dict[str, Any]


class ReportStore(JobStore):
    """Reports: jobs with {division, divisions, month, scheduled, answers: [{key, answer}], policy,
    outbox}; the account of a scheduled one is None. Subscriptions: {_id: account, divisions:
    [{code, since}]}."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database, "reports", "report_files")
        self._subscriptions = database["report_subscriptions"]

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        super().create_indexes()
        self.jobs.create_index(
            [("month", ASCENDING), ("division", ASCENDING)],
            unique=True,
            partialFilterExpression={"scheduled": True},
        )
        self.jobs.create_index([("divisions", ASCENDING), ("_id", DESCENDING)])
        self.jobs.create_index([("division", ASCENDING), ("_id", DESCENDING)])
        self.jobs.create_index([("account", ASCENDING), ("_id", DESCENDING)])
        self._subscriptions.create_index([("divisions.code", ASCENDING)])
        create_outbox_index(self.jobs)

    def find(self, report: str) -> Document | None:
        """A report, or None."""
        return self.jobs.find_one({"_id": report}, {"answers": 0})

    def listed(self, query: Document, before: str | None, limit: int) -> list[Document]:
        """The newest reports that fit, from a cursor on."""
        older = {"_id": {"$lt": before}} if before else {}
        found = self.jobs.find({**query, **older}, {"answers": 0})
        return list(found.sort("_id", DESCENDING).limit(limit))

    def count_of(self, account: str, most: int) -> int:
        """How many reports of an account there are, up to ``most``."""
        return self.jobs.count_documents({"account": account}, limit=most)

    def schedule(self, report: Document) -> bool:
        """Writes a scheduled report unless there is one of its month and division; says whether it
        was written."""
        self.create_indexes()
        try:
            self.jobs.insert_one(report)
        except DuplicateKeyError:
            return False
        return True

    def scheduled(self, month: str) -> set[str]:
        """The divisions that have a scheduled report of a month."""
        return set(self.jobs.distinct("division", {"scheduled": True, "month": month}))

    def subscriptions(self, account: str) -> list[Document]:
        """What an account hears of: [{code, since}]."""
        found = self._subscriptions.find_one({"_id": account})
        return list(found["divisions"]) if found else []

    def subscribe(self, account: str, divisions: Sequence[Document]) -> None:
        """Keeps what an account hears of."""
        self.create_indexes()
        kept = {"$set": {"divisions": list(divisions)}}
        self._subscriptions.update_one({"_id": account}, kept, upsert=True)

    def subscribed(self, until: datetime) -> set[str]:
        """The divisions that somebody has subscribed to by then."""
        found = self._subscriptions.aggregate(
            [
                {"$unwind": "$divisions"},
                {"$match": {"divisions.since": {"$lte": until}}},
                {"$group": {"_id": "$divisions.code"}},
            ]
        )
        return {row["_id"] for row in found}

    def subscribers(self, division: str, until: datetime) -> list[str]:
        """The accounts that have subscribed to a division by then."""
        wanted = {"code": division, "since": {"$lte": until}}
        found = self._subscriptions.find({"divisions": {"$elemMatch": wanted}}, {"_id": 1})
        return sorted(row["_id"] for row in found)

    def keep_files(self, report: str, files: Iterable[tuple[str, bytes]]) -> list[Document]:
        """Keeps the files of a report, each in one part, and says how they are found: {id, bytes,
        format}."""
        return [{**self.keep_part(report, content), "format": form} for form, content in files]
