"""Every MongoDB call about wrong passwords and codes; they are forgotten by a TTL index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]


class AttemptStore:
    """Wrong ones in a row: {_id: key of the name, failures, until: when they are forgotten}."""

    def __init__(self, database: Database[Document]) -> None:
        self._attempts = database["login_failures"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if not self._indexed:
            self._attempts.create_index("until", expireAfterSeconds=0)
            self._indexed = True

    def find(self, key: str) -> Document | None:
        """What is counted of a name, or None."""
        return self._attempts.find_one({"_id": key})

    def fail(self, key: str, now: datetime, until: datetime) -> Document:
        """Counts one more wrong one; what is counted then, without those whose time is over."""
        self.create_indexes()
        try:
            counted: Document = self._attempts.find_one_and_update(
                {"_id": key, "until": {"$gt": now}},
                {"$inc": {"failures": 1}, "$set": {"until": until}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )  # type: ignore[assignment]  # an upsert always leaves one
        except DuplicateKeyError:
            # One is there whose time is over, unless another failure was a moment sooner.
            self._attempts.delete_one({"_id": key, "until": {"$lte": now}})
            return self.fail(key, now, until)
        return counted

    def clear(self, key: str, most: int, now: datetime) -> None:
        """Forgets the wrong ones of a name that is not locked: fewer than ``most``."""
        unlocked = [{"failures": {"$lt": most}}, {"until": {"$lte": now}}]
        self._attempts.delete_one({"_id": key, "$or": unlocked})

    def unlock(self, key: str) -> None:
        """Forgets everything about a name."""
        self._attempts.delete_one({"_id": key})
