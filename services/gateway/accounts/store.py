"""Every MongoDB call about accounts.

Indexes: by name (``_id``), and by who looks after them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.gateway.accounts.bindings import Binding
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]

COUNTY_ADMINS = {"roles": "admin", "division": None, "disabled_at": None}
"""Those without whom nobody could be let in any more."""


class AccountStore:
    """Accounts as ``records.new_account`` makes them; ``totp`` is {secret} while it is being set up
    and {secret, step, recovery, since} once it is on."""

    def __init__(self, database: Database[Document]) -> None:
        self._client = database.client
        self._accounts = database["accounts"]
        self._guards = database["guards"]

    def missing(self) -> str | None:
        """What keeps people from logging in: no account at all."""
        if self._accounts.find_one({}, {"_id": 1}):
            return None
        return "no accounts: run `suishoupai admin create NAME`"

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self._accounts.create_index([("homes", ASCENDING), ("_id", ASCENDING)])

    def find(self, username: str) -> Document | None:
        """The account of a user name, or None."""
        return self._accounts.find_one({"_id": username})

    def page(self, query: Document, after: str, limit: int) -> list[Document]:
        """Accounts that fit, by name, after a name."""
        found = self._accounts.find({**query, "_id": {"$gt": after}})
        return list(found.sort("_id", ASCENDING).limit(limit))

    def write(self, accounts: Iterable[Document]) -> None:
        """Writes accounts, each replacing the one of its name."""
        self._accounts.bulk_write(
            [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in accounts]
        )

    def insert(self, account: Document, session: ClientSession | None = None) -> None:
        """Adds an account; raises ``Problem`` when its name is taken."""
        try:
            self._accounts.insert_one(account, session=session)
        except DuplicateKeyError as error:
            raise Problem("taken", f"there is an account {account['_id']} already") from error

    def change(self, username: str, version: int, fields: Document) -> Document | None:
        """The account with other roles, binding, name or state; None when its version is another.

        Raises ``Problem`` when no admin of the whole county would be left: whoever changes the last
        but one at the same time has to come after this.
        """

        def write(session: ClientSession) -> Document | None:
            self._guards.update_one(
                {"_id": "admins"}, {"$inc": {"changes": 1}}, upsert=True, session=session
            )
            before = self._accounts.find_one_and_update(
                {"_id": username, "version": version},
                {"$set": fields, "$inc": {"version": 1}},
                session=session,
            )
            if before and Binding.of(before).is_county_admin and not before["disabled_at"]:
                self._require_admin(session)
            return self._accounts.find_one({"_id": username}, session=session) if before else None

        with self._client.start_session() as session:
            return session.with_transaction(write)

    def _require_admin(self, session: ClientSession) -> None:
        if self._accounts.find_one(COUNTY_ADMINS, {"_id": 1}, session=session) is None:
            raise Problem("not-now", "no admin of the whole county would be left")

    def rehash(self, username: str, old: str, new: str) -> None:
        """Keeps the same password as another hash."""
        self._accounts.update_one({"_id": username, "password": old}, {"$set": {"password": new}})

    def set_password(self, username: str, old: str, new: str) -> bool:
        """Replaces a hash by that of another password; False when it is not ``old`` any more."""
        changed = self._accounts.update_one(
            {"_id": username, "password": old},
            {"$set": {"password": new}, "$inc": {"version": 1}},
        )
        return changed.matched_count == 1

    def reset(self, username: str, password: str, session: ClientSession) -> Document | None:
        """The account as it was, whose password is set anew and its second factor taken off."""
        return self._accounts.find_one_and_update(
            {"_id": username},
            {"$set": {"password": password, "totp": None}, "$inc": {"version": 1}},
            session=session,
        )

    def begin_totp(self, username: str, secret: str) -> bool:
        """Keeps the secret of a second factor that is not on yet; False when one is."""
        changed = self._accounts.update_one(
            {"_id": username, "totp.step": {"$exists": False}},
            {"$set": {"totp": {"secret": secret}}},
        )
        return changed.matched_count == 1

    def turn_on_totp(
        self, username: str, secret: str, step: int, recovery: list[str], at: datetime
    ) -> bool:
        """Turns on the second factor that was begun with this secret; False when there is none."""
        factor = {"secret": secret, "step": step, "recovery": recovery, "since": at}
        changed = self._accounts.update_one(
            {"_id": username, "totp.secret": secret, "totp.step": {"$exists": False}},
            {"$set": {"totp": factor}, "$inc": {"version": 1}},
        )
        return changed.matched_count == 1

    def turn_off_totp(self, username: str) -> None:
        """Takes the second factor off."""
        self._accounts.update_one(
            {"_id": username}, {"$set": {"totp": None}, "$inc": {"version": 1}}
        )

    def spend_step(self, username: str, secret: str, step: int) -> bool:
        """Spends the code of a time step; False when it or a later one was spent before."""
        spent = self._accounts.update_one(
            {"_id": username, "totp.secret": secret, "totp.step": {"$lt": step}},
            {"$set": {"totp.step": step}},
        )
        return spent.matched_count == 1

    def spend_recovery(self, username: str, digest: str) -> bool:
        """Spends a recovery code; False when there is no such one left."""
        spent = self._accounts.update_one(
            {"_id": username, "totp.recovery": digest}, {"$pull": {"totp.recovery": digest}}
        )
        return spent.matched_count == 1
