"""Every MongoDB call about webhooks; their deliveries are in ``deliveries_store``.

Indexes: the newest first, of one owner; one webhook for each of an owner's places; those that are
on, the longest due first.

A webhook with something to send is held by one process at a time: ``claim`` gives it to a process
until ``held_until``, ``hold`` keeps it, ``release`` gives it up. A process that dies leaves a hold
that expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.gateway.webhooks.retrying import Failing
from suishoupai.clock import EPOCH
from suishoupai.ids import new_id

Document = dict[str, Any]

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a webhook is due that has nothing to send."""
NEW: Document = {
    "enabled": True,
    "disabled": None,
    "failing": {"tries": 0, "since": None},
    "due_at": NEVER,
    "stirs": 0,
    "held_until": EPOCH,
    "claim": None,
    "version": 1,
}
"""What a webhook has when it is made."""
RECOVERED: Document = {
    "enabled": True,
    "disabled": None,
    "failing": {"tries": 0, "since": None},
}
"""What one has that is given another chance."""


class WebhookStore:
    """Webhooks: {_id: ULID, owner, place, url, host, types or None, division or None, divisions,
    description, secrets: [{secret, until}], created_at} and what ``NEW`` holds."""

    def __init__(self, database: Database[Document]) -> None:
        self._webhooks = database["webhooks"]

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self._webhooks.create_index([("owner", ASCENDING), ("_id", DESCENDING)])
        place = [("owner", ASCENDING), ("place", ASCENDING)]
        self._webhooks.create_index(place, unique=True)
        self._webhooks.create_index([("enabled", ASCENDING), ("due_at", ASCENDING)])

    def insert(self, webhook: Document, most: int) -> bool:
        """Adds a webhook unless its owner has as many as one may have; says whether it is there.
        Each has one of the owner's places, so that of many that come at once no more stay."""
        self.create_indexes()
        while (place := self._free_place(webhook["owner"], most)) is not None:
            try:
                self._webhooks.insert_one({**webhook, "place": place})
            except DuplicateKeyError:
                continue  # taken in the meantime
            return True
        return False

    def _free_place(self, owner: str, most: int) -> int | None:
        taken = {each["place"] for each in self._webhooks.find({"owner": owner}, {"place": 1})}
        return next((place for place in range(most) if place not in taken), None)

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest webhooks that fit."""
        return list(self._webhooks.find(query).sort("_id", DESCENDING).limit(limit))

    def enabled(self) -> list[Document]:
        """The webhooks that are on, as far as it decides what they hear of."""
        wanted = {"owner": 1, "types": 1, "division": 1}
        return list(self._webhooks.find({"enabled": True}, wanted))

    def change(self, webhook: str, version: int, change: Document) -> Document | None:
        """A webhook after a change, or None when it is not at that version any more."""
        return self._webhooks.find_one_and_update(
            {"_id": webhook, "version": version},
            {"$set": change, "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
        )

    def delete(self, webhook: str) -> None:
        """Takes a webhook away."""
        self._webhooks.delete_one({"_id": webhook})

    def stir(self, webhooks: Iterable[str], now: datetime) -> None:
        """Says that these have something to send."""
        due = {"$min": {"due_at": now}, "$inc": {"stirs": 1}}
        self._webhooks.update_many({"_id": {"$in": list(webhooks)}, "enabled": True}, due)

    def stir_at_once(self, webhook: str, now: datetime) -> None:
        """The same of one that need not rest any more, though its receiver failed."""
        self.stir([webhook], now)
        self._webhooks.update_one({"_id": webhook, "claim": None}, {"$set": {"held_until": now}})

    def claim(self, now: datetime, until: datetime, busy: Sequence[str]) -> Document | None:
        """The webhook that is due the longest, for this process alone until ``until``; None when
        there is none. Those on hosts that are ``busy`` are passed over."""
        free = {"enabled": True, "due_at": {"$lte": now}, "held_until": {"$lte": now}}
        claimed = {"due_at": until, "held_until": until, "claim": new_id(now)}
        return self._webhooks.find_one_and_update(
            {**free, "host": {"$nin": list(busy)}},
            {"$set": claimed},
            sort=[("due_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )

    def hold(self, claimed: Document, until: datetime) -> Document | None:
        """A claimed webhook as it is now, held on to; None when it is off or somebody else's."""
        return self._webhooks.find_one_and_update(
            {**_ours(claimed), "enabled": True},
            {"$set": {"held_until": until}},
            return_document=ReturnDocument.AFTER,
        )

    def release(self, claimed: Document, due_at: datetime, free_at: datetime) -> None:
        """Gives a claimed webhook up: it is due at ``due_at``, or at once when it was stirred since
        it was claimed; nobody takes it before ``free_at``."""
        free = {"held_until": free_at, "claim": None}
        unstirred = {**_ours(claimed), "stirs": claimed["stirs"]}
        settled = {"$set": {**free, "due_at": due_at}}
        if self._webhooks.update_one(unstirred, settled).matched_count == 0:
            self._webhooks.update_one(_ours(claimed), {"$set": {**free, "due_at": free_at}})

    def note(self, claimed: Document, failing: Failing) -> None:
        """Keeps how often a claimed webhook's receiver failed in a row."""
        kept = {"failing": {"tries": failing.tries, "since": failing.since}}
        self._webhooks.update_one(_ours(claimed), {"$set": kept})

    def switch_off(self, webhook: str, why: str, at: datetime) -> bool:
        """Switches a webhook off; says whether it was on."""
        off = {"enabled": False, "disabled": {"at": at, "why": why}}
        update = {"$set": off, "$inc": {"version": 1}}
        return (
            self._webhooks.update_one({"_id": webhook, "enabled": True}, update).matched_count > 0
        )


def _ours(claimed: Document) -> Document:
    return {"_id": claimed["_id"], "claim": claimed["claim"]}
