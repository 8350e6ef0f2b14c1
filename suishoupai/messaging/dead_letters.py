"""Dead letters: messages that could not be handled, kept with their reason and what became of them.

A parked message first lies in the queue ``….dead``; its service takes it from there into the
collection ``dead_letters`` of its own database, where it can be listed, read, sent again or
dropped. Nothing is ever deleted: each step is kept with who, when and why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from suishoupai.contracts.events import UnreadableEvent, read_event
from suishoupai.messaging.publisher import Outgoing
from suishoupai.messaging.settlement import PARKED_AT, PARKING, REASON, TRACEBACK

Document = dict[str, Any]

COLLECTION = "dead_letters"
LETTER = "x-dead-letter"
"""Header of a message that was sent again: the letter it was."""
OPEN = ("parked", "retrying")
"""States that still need a decision; ``retrying`` is left by a retry that was cut off."""
BROKER_GAVE_UP = "delivered again and again: its consumer died each time"
OF_OUR_MAKING = (
    *("x-attempt", REASON, TRACEBACK, PARKED_AT, PARKING),
    *("x-death", "x-delivery-count"),
)
"""Headers that a message sent again begins without."""


class NotOpen(Exception):
    """The letter does not exist, or was sent again or dropped before."""


def letter(queue: str, body: bytes, headers: Document, at: datetime) -> Document:
    """The record of a parked message of ``queue``, such as ``grid.assign``.

    Its id follows from its content and its parking: kept twice, it is one record.
    """
    headers = {name: value for name, value in headers.items() if not name.startswith("x-first-")}
    parking = str(headers.get(PARKING) or headers.get("x-death") or "")
    seed = b"\0".join((queue.encode(), body, parking.encode()))
    return {
        "_id": hashlib.sha256(seed).hexdigest()[:16],
        "queue": queue,
        "state": "parked",
        "reason": headers.get(REASON, BROKER_GAVE_UP),
        "traceback": headers.get(TRACEBACK, ""),
        "parked_at": datetime.fromisoformat(headers[PARKED_AT]) if PARKED_AT in headers else at,
        "event": _named(body),
        "body": body,
        "headers": {k: v for k, v in headers.items() if k not in OF_OUR_MAKING},
        "history": [],
    }


def _named(body: bytes) -> Document | None:
    """What the message says it is, as far as it can be read."""
    try:
        event = read_event(body)
        return {"id": event.id, "type": event.type, "subject": event.subject}
    except UnreadableEvent:
        pass
    try:
        raw = json.loads(body)
    except ValueError:
        return None
    if not isinstance(raw, dict):
        return None
    return {name: str(raw.get(name, ""))[:100] for name in ("id", "type", "subject")}


def sent_again(kept: Document, namespace: str) -> Outgoing:
    """The message of a letter, as it first came, for its own queue."""
    return Outgoing(
        exchange="",
        routing_key=f"{namespace}.{kept['queue']}",
        body=bytes(kept["body"]),
        headers={**kept["headers"], LETTER: kept["_id"]},
        message_id=(kept["event"] or {}).get("id", ""),
        mandatory=True,
    )


class DeadLetterStore:
    """The dead letters of one service."""

    def __init__(self, database: Database[Document]) -> None:
        self._letters = database[COLLECTION]

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self._letters.create_index([("state", ASCENDING), ("queue", ASCENDING)])

    def keep(self, found: Document) -> None:
        """Keeps a letter; one that is kept already stays as it is."""
        try:
            self._letters.insert_one(found)
        except DuplicateKeyError:
            return

    def find(self, states: Sequence[str], queue: str | None = None) -> list[Document]:
        """The letters in these states, the oldest first."""
        query: Document = {"state": {"$in": list(states)}}
        if queue:
            query["queue"] = queue
        return list(self._letters.find(query).sort("parked_at", ASCENDING))

    def read(self, letter_id: str) -> Document | None:
        """One letter, or None."""
        return self._letters.find_one({"_id": letter_id})

    def decide(self, letter_id: str, state: str, entry: Document) -> Document:
        """Moves an open letter to another state, with who, when and why; returns it as it was.

        Raises ``NotOpen``.
        """
        before = self._letters.find_one_and_update(
            {"_id": letter_id, "state": {"$in": OPEN}},
            {"$set": {"state": state}, "$push": {"history": {"action": state, **entry}}},
        )
        if before is None:
            raise NotOpen(letter_id)
        return before

    def count_open(self, queues: Iterable[str]) -> dict[str, int]:
        """How many letters of each queue wait for somebody."""
        return {
            queue: self._letters.count_documents({"state": {"$in": OPEN}, "queue": queue})
            for queue in queues
        }
