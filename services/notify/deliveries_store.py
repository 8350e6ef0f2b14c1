"""Every MongoDB call about messages that go out.

Indexes: one message for each thing told, account and channel; what waits on a channel, the longest
due first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database

from services.notify.deliveries import KEY
from suishoupai.ids import new_id
from suishoupai.mongo import insert_new

Document = dict[str, Any]


class DeliveryStore:
    """Messages to accounts; a claim on one expires, whoever died with it."""

    def __init__(self, database: Database[Document]) -> None:
        self._deliveries = database["deliveries"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        self._deliveries.create_index([(name, ASCENDING) for name in KEY], unique=True)
        waiting = [(name, ASCENDING) for name in ("channel", "state", "at")]
        self._deliveries.create_index(waiting)
        self._indexed = True

    def insert(self, deliveries: Sequence[Document]) -> None:
        """Writes those that are new."""
        if not deliveries:
            return
        self.create_indexes()
        insert_new(self._deliveries, deliveries, KEY)

    def claim(self, channel: str, now: datetime, expires: datetime) -> Document | None:
        """The message of a channel that is due the longest, for this process alone until
        ``expires``; None when none is due."""
        due = {"channel": channel, "state": "waiting", "at": {"$lte": now}}
        claimed = {"$set": {"at": expires, "claim": new_id(now)}}
        return self._deliveries.find_one_and_update(
            due, claimed, sort=[("at", ASCENDING)], return_document=ReturnDocument.AFTER
        )

    def settle(self, delivery: Document, update: Document) -> bool:
        """Writes what became of a claimed message, unless the claim has expired to another."""
        ours = {"_id": delivery["_id"], "claim": delivery["claim"]}
        return self._deliveries.update_one(ours, update).matched_count == 1

    def of(self, about: str, account: str | None) -> list[Document]:
        """The messages about a thing told, to one account or to all."""
        to = {"account": account} if account else {}
        return list(self._deliveries.find({"about": about, **to}).sort("_id", ASCENDING))

    def count_waiting(self, channel: str) -> int:
        """How many messages wait on a channel."""
        return self._deliveries.count_documents({"channel": channel, "state": "waiting"})
