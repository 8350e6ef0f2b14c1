"""Every MongoDB call about the people who read: their choices, and how far they have read.

Index: who listens to an inbox, among those who chose a channel.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

Document = dict[str, Any]


class PeopleStore:
    """One document for each account: {_id, read_until, choices, keys, saved_at}."""

    def __init__(self, database: Database[Document]) -> None:
        self._people = database["people"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if not self._indexed:
            self._people.create_index([("keys", ASCENDING)], sparse=True)
            self._indexed = True

    def find(self, account: str) -> Document | None:
        """What is known of an account."""
        return self._people.find_one({"_id": account})

    def subscribers(self, keys: Collection[str]) -> list[Document]:
        """The accounts that listen to one of these inboxes by a channel of their own."""
        return list(self._people.find({"keys": {"$in": list(keys)}}))

    def choose(self, account: str, choices: Document, keys: Sequence[str], at: datetime) -> None:
        """Keeps an account's choices, and the inboxes that are its own now."""
        self.create_indexes()
        chosen = {"choices": choices, "keys": list(keys), "saved_at": at}
        self._people.update_one({"_id": account}, {"$set": chosen}, upsert=True)

    def move(self, account: str, keys: Sequence[str]) -> None:
        """Keeps which inboxes are an account's own now."""
        self._people.update_one({"_id": account}, {"$set": {"keys": list(keys)}})

    def read_until(self, account: str, notice_id: str) -> None:
        """Keeps that an account has read everything up to a notice."""
        mark = {"$max": {"read_until": notice_id}}
        self._people.update_one({"_id": account}, mark, upsert=True)
