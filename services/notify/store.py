"""Every MongoDB call of the notify service.

Indexes: one notice for each issue, kind, sequence and party (of a digest: no issue, and the local
date as sequence); an inbox, a division and an issue, each with the newest notice first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, OperationFailure

from services.notify.notices import KINDS
from suishoupai.ids import first_id
from suishoupai.messaging.outbox import create_outbox_index

Document = dict[str, Any]

KEY = ("issue", "kind", "sequence", "party")

OLD_KEY_INDEX = "issue_1_assignment_1_party_1"
"""The key of the time when every notice was about an assignment."""
INDEX_NOT_FOUND, DUPLICATE = 27, 11000


class NoticeStore:
    """The notices of every party."""

    def __init__(self, database: Database[Document]) -> None:
        self.notices = database["notices"]
        self._digests = database["digests"]
        self._indexed = False

    def missing(self) -> str | None:
        """Nothing: an empty inbox is complete."""
        return None

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        outdated = OLD_KEY_INDEX in self.notices.index_information()
        if outdated:
            self._name_kinds()
        self.notices.create_index([(name, ASCENDING) for name in KEY], unique=True)
        if outdated:
            self._drop_old_key()
        for field in ("party", "division"):
            self.notices.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        create_outbox_index(self.notices)
        self._indexed = True

    def _name_kinds(self) -> None:
        """Gives the notices of that earlier time the fields of today's key."""
        today = {"kind": "assigned", "sequence": "$assignment"}
        self.notices.update_many({"kind": {"$exists": False}}, [{"$set": today}])

    def _drop_old_key(self) -> None:
        try:
            self.notices.drop_index(OLD_KEY_INDEX)
        except OperationFailure as error:
            if error.code != INDEX_NOT_FOUND:  # another replica was faster
                raise

    def insert(self, notices: Sequence[Document]) -> list[str]:
        """Writes the notices that are new; returns the ids of those."""
        self.create_indexes()
        updates = [
            UpdateOne({name: notice[name] for name in KEY}, {"$setOnInsert": notice}, upsert=True)
            for notice in notices
        ]
        try:
            result = self.notices.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            return _written_beside_duplicates(error)
        return list((result.upserted_ids or {}).values())

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest notices that fit."""
        return list(self.notices.find(query).sort("_id", DESCENDING).limit(limit))

    def about(self, issues: Document, session: ClientSession | None = None) -> list[Document]:
        """The notices about the issues whose id fits a filter."""
        return list(self.notices.find({"issue": issues}, {"outbox": 0}, session=session))

    def counts_since_digest(self, until: datetime) -> Iterator[tuple[str, Document]]:
        """Each party with notices since its last digest and before ``until``, and how many of
        each kind."""
        self.create_indexes()
        for party in self.notices.distinct("party"):
            counts = self._counts(party, self._digested_until(party), until)
            if counts:
                yield party, counts

    def is_digested(self, day: int) -> bool:
        """Whether every digest of a local date is written."""
        return self._digests.find_one({"_id": day}) is not None

    def finish_digests(self, day: int) -> None:
        """Keeps that every digest of a local date is written."""
        self._digests.update_one({"_id": day}, {"$set": {"done": True}}, upsert=True)

    def _digested_until(self, party: str) -> datetime | None:
        query = {"issue": None, "kind": "digest", "party": party}
        last = self.notices.find_one(query, sort=[("sequence", DESCENDING)])
        return last["until"] if last else None

    def _counts(self, party: str, since: datetime | None, until: datetime) -> Document:
        # Ids are ordered by the time of sending: the inbox's index finds the span.
        span = {"$lt": first_id(until), **({"$gte": first_id(since)} if since else {})}
        rows = self.notices.aggregate(
            [
                {"$match": {"party": party, "_id": span, "kind": {"$in": list(KINDS.values())}}},
                {"$group": {"_id": "$kind", "count": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["count"] for row in rows}


def _written_beside_duplicates(error: BulkWriteError) -> list[str]:
    """What was written where another replica wrote the rest at the same time."""
    details = error.details or {}
    only_duplicates = all(fault["code"] == DUPLICATE for fault in details["writeErrors"])
    if not only_duplicates or details["writeConcernErrors"]:
        raise error
    return [row["_id"] for row in details["upserted"]]
