"""Every MongoDB call about invitations; what has expired is removed by a TTL index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pymongo.client_session import ClientSession
from pymongo.database import Database

Document = dict[str, Any]
Made = TypeVar("Made")


class InvitationStore:
    """Invitations: {_id: SHA-256 of the token, username, account: what is made of it, or None where
    a password is set anew, by, created_at, expires_at}."""

    def __init__(self, database: Database[Document]) -> None:
        self._client = database.client
        self._invitations = database["invitations"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if not self._indexed:
            self._invitations.create_index("expires_at", expireAfterSeconds=0)
            self._invitations.create_index("username")
            self._indexed = True

    def add(self, invitation: Document) -> None:
        """Adds an invitation in the place of those that the same inviter gave to the name."""
        self.create_indexes()
        same = {name: invitation[name] for name in ("username", "by")}
        self._invitations.delete_many(same)
        self._invitations.insert_one(invitation)

    def find(self, digest: str, now: datetime) -> Document | None:
        """The invitation of a token that is good now, or None."""
        return self._invitations.find_one({"_id": digest, "expires_at": {"$gt": now}})

    def drop(self, username: str) -> None:
        """Takes back every invitation to a name."""
        self._invitations.delete_many({"username": username})

    def use(self, digest: str, make: Callable[[ClientSession], Made]) -> Made | None:
        """What ``make`` makes of an invitation, which is gone with it, or neither is; None when it
        is gone already."""

        def write(session: ClientSession) -> Made | None:
            used = self._invitations.find_one_and_delete({"_id": digest}, session=session)
            if used is None:
                return None
            self._invitations.delete_many({"username": used["username"]}, session=session)
            return make(session)

        with self._client.start_session() as session:
            return session.with_transaction(write)
