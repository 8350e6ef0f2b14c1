"""Every MongoDB call about accounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database

Document = dict[str, Any]


class AccountStore:
    """Accounts: {_id: user name, password: hash, roles, division, party, member}."""

    def __init__(self, database: Database[Document]) -> None:
        self._accounts = database["accounts"]

    def missing(self) -> str | None:
        """What keeps people from logging in: no account at all."""
        return None if self._accounts.find_one({}, {"_id": 1}) else "no accounts"

    def create_indexes(self) -> None:
        """None are needed: accounts are found by their name."""

    def find(self, username: str) -> Document | None:
        """The account of a user name, or None."""
        return self._accounts.find_one({"_id": username})

    def write(self, accounts: Iterable[Document]) -> None:
        """Writes accounts, each replacing the one of its name."""
        self._accounts.bulk_write(
            [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in accounts]
        )
