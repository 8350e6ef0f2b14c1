"""Every MongoDB call about the deliveries of webhooks.

Indexes: one delivery for each webhook and event; what waits for a webhook, the longest due first;
a webhook's own, the newest first, and its failed ones; all that wait; and the age at which they are
dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database

from suishoupai.mongo import insert_new

Document = dict[str, Any]

KEPT = timedelta(days=14)
KEY = ("webhook", "event")
_AGAIN: Document = {"state": "waiting", "failures": 0, "reason": None, "sent_at": None}


class DeliveryStore:
    """Deliveries, as ``messages`` describes them."""

    def __init__(self, database: Database[Document]) -> None:
        self._deliveries = database["webhook_deliveries"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        create = self._deliveries.create_index
        create([(name, ASCENDING) for name in KEY], unique=True)
        create([(name, ASCENDING) for name in ("webhook", "state", "at", "order")])
        create([("webhook", ASCENDING), ("_id", DESCENDING)])
        create("state", partialFilterExpression={"state": "waiting"})
        create("created_at", expireAfterSeconds=int(KEPT.total_seconds()))
        self._indexed = True

    def insert(self, deliveries: Sequence[Document]) -> None:
        """Writes those that are new."""
        self.create_indexes()
        insert_new(self._deliveries, deliveries, KEY)

    def next_due(self, webhook: str, now: datetime) -> Document | None:
        """What is due for a webhook the longest; of what became due at once, the older version of
        a case first."""
        due = {"webhook": webhook, "state": "waiting", "at": {"$lte": now}}
        return self._deliveries.find_one(due, sort=[("at", ASCENDING), ("order", ASCENDING)])

    def next_at(self, webhook: str) -> datetime | None:
        """When something is due for a webhook next, or None."""
        waiting = {"webhook": webhook, "state": "waiting"}
        found = self._deliveries.find_one(waiting, {"at": 1}, sort=[("at", ASCENDING)])
        return found["at"] if found else None

    def settle(self, delivery: str, update: Document) -> None:
        """Writes what became of a delivery that waited."""
        self._deliveries.update_one({"_id": delivery, "state": "waiting"}, update)

    def park(self, webhook: str, reason: str) -> int:
        """Gives up what waits for a webhook; says how much that was."""
        waiting = {"webhook": webhook, "state": "waiting"}
        parked = {"$set": {"state": "failed", "reason": reason}}
        return self._deliveries.update_many(waiting, parked).modified_count

    def replay(self, webhook: str, delivery: str, at: datetime) -> Document | None:
        """A delivery of a webhook, to be sent again now; None when there is none of that id."""
        return self._deliveries.find_one_and_update(
            {"_id": delivery, "webhook": webhook},
            {"$set": {**_AGAIN, "at": at}},
            return_document=ReturnDocument.AFTER,
        )

    def replay_failed(self, webhook: str, since: datetime, most: int) -> int:
        """Lets the oldest of what failed since then be sent again, in its old order; says how many
        those are."""
        failed = {"webhook": webhook, "state": "failed"}
        oldest = self._deliveries.find({**failed, "created_at": {"$gte": since}}, {"_id": 1})
        ids = [each["_id"] for each in oldest.sort("_id", ASCENDING).limit(most)]
        again = [{"$set": {**_AGAIN, "at": "$happened_at"}}]
        return self._deliveries.update_many({**failed, "_id": {"$in": ids}}, again).modified_count

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest deliveries that fit, without what they say."""
        found = self._deliveries.find(query, {"body": 0, "where": 0})
        return list(found.sort("_id", DESCENDING).limit(limit))

    def delete_of(self, webhook: str) -> None:
        """Takes the deliveries of a webhook away."""
        self._deliveries.delete_many({"webhook": webhook})

    def count_waiting(self) -> int:
        """How many deliveries wait."""
        return self._deliveries.count_documents({"state": "waiting"})
