"""Every MongoDB call about sessions.

Indexes: the newest of an account, what ended lately, and what has expired (removed by the server).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

Document = dict[str, Any]

LIVE = {"ended_at": None}


class SessionStore:
    """Sessions: {_id: ULID, account, current: digest of the refresh token that is good now,
    generation: how many there were before it, created_at, refreshed_at, expires_at, address, agent;
    ended_at once it has ended}."""

    def __init__(self, database: Database[Document]) -> None:
        self._sessions = database["sessions"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if not self._indexed:
            self._sessions.create_index([("account", ASCENDING), ("_id", DESCENDING)])
            self._sessions.create_index("ended_at", sparse=True)
            self._sessions.create_index("expires_at", expireAfterSeconds=0)
            self._indexed = True

    def open(self, session: Document) -> None:
        """Adds a session."""
        self.create_indexes()
        self._sessions.insert_one(session)

    def find(self, session: str) -> Document | None:
        """A session, ended or not, or None."""
        return self._sessions.find_one({"_id": session})

    def rotate(self, session: str, current: str, fields: Document) -> bool:
        """Writes the next refresh token and with it ``fields``; False when ``current`` is not the
        one that is good, or the session has ended: of two who ask at once one is first."""
        rotated = self._sessions.update_one(
            {"_id": session, "current": current, **LIVE},
            {"$set": fields, "$inc": {"generation": 1}},
        )
        return rotated.matched_count == 1

    def page(self, account: str, now: datetime, before: str | None, limit: int) -> list[Document]:
        """The live sessions of an account, the newest first."""
        query: Document = {"account": account, "expires_at": {"$gt": now}, **LIVE}
        if before:
            query["_id"] = {"$lt": before}
        return list(self._sessions.find(query).sort("_id", DESCENDING).limit(limit))

    def end(self, account: str, session: str, at: datetime) -> bool:
        """Ends one session of an account; False when there is none such alive."""
        ended = self._sessions.update_one(
            {"_id": session, "account": account, **LIVE}, {"$set": {"ended_at": at}}
        )
        return ended.matched_count == 1

    def end_all(self, account: str, at: datetime, spare: str | None = None) -> list[str]:
        """Ends the sessions of an account, but for one that is spared; says which."""
        query = {"account": account, "_id": {"$ne": spare}, **LIVE}
        ids = [row["_id"] for row in self._sessions.find(query, {"_id": 1})]
        self._sessions.update_many({"_id": {"$in": ids}, **LIVE}, {"$set": {"ended_at": at}})
        return ids

    def ended_since(self, at: datetime) -> list[tuple[str, datetime]]:
        """The sessions that ended at an instant or after, and when."""
        found = self._sessions.find({"ended_at": {"$gte": at}}, {"ended_at": 1})
        return [(row["_id"], row["ended_at"]) for row in found]
