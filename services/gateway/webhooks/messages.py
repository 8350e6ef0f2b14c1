"""What is sent, and what is kept of it: pure functions.

A message is a CloudEvent in structured JSON. A delivery is one message to one webhook:
{_id, webhook, event, type, issue, body, where, state, at, happened_at, order, failures, tries,
reason, created_at, sent_at}; ``at`` is when it is due, at first when it happened, ``order`` the
version of the case, ``where`` what decides who may be told. States: waiting, sent, failed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.gateway.happening import shown
from suishoupai.access import Whereabouts
from suishoupai.contracts.events import Event
from suishoupai.ids import new_id

Document = dict[str, Any]

MEDIA_TYPE = "application/cloudevents+json"
TEST = "webhook.test"
"""Type of the event by which a receiver is tried out."""
SCHEMA = "urn:suishoupai:happening:1"
"""``dataschema`` of what happened to a case; a changed shape gets another number."""
MOST_TRIES_KEPT = 20
"""Of each delivery, the last ones."""


def of_event(event: Event) -> Document:
    """The message about an event that has whereabouts."""
    told = _message(event.id, event.type, event.source, event.subject, event.time)
    return {**told, "dataschema": SCHEMA, "data": shown(event)}


def of_test(webhook: str, at: datetime) -> Document:
    """The message by which a webhook is tried out."""
    return {**_message(new_id(at), TEST, "/gateway", webhook, at.isoformat()), "data": {}}


def wire(message: Document) -> bytes:
    """A message as it is sent and signed."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def new_delivery(
    webhook: str, message: Document, where: Whereabouts | None, order: int, at: datetime
) -> Document:
    """A message that is to go to a webhook."""
    happened_at = min(datetime.fromisoformat(message["time"]), at)
    return {
        "_id": new_id(at),
        "webhook": webhook,
        "event": message["id"],
        "type": message["type"],
        "issue": None if where is None else message["subject"],
        "body": message,
        "where": None if where is None else asdict(where),
        "state": "waiting",
        "at": happened_at,
        "happened_at": happened_at,
        "order": order,
        "failures": 0,
        "tries": [],
        "reason": None,
        "created_at": at,
        "sent_at": None,
    }


def where_of(delivery: Document) -> Whereabouts | None:
    """What decides who may be told of what a delivery is about."""
    return Whereabouts(**delivery["where"]) if delivery["where"] else None


def sent(tried: Document) -> Document:
    """The update of a delivery that was taken; ``tried`` is {at, status, error, ms}."""
    return {"$set": {"state": "sent", "sent_at": tried["at"], "reason": None}, **_with(tried)}


def tried_in_vain(tried: Document, until: datetime) -> Document:
    """The update of a delivery that is tried again."""
    return {"$set": {"at": until}, "$inc": {"failures": 1}, **_with(tried)}


def given_up(tried: Document, reason: str) -> Document:
    """The update of a delivery that is not tried again."""
    return {"$set": {"state": "failed", "reason": reason}, "$inc": {"failures": 1}, **_with(tried)}


def shown_delivery(delivery: Document) -> Document:
    """A delivery as its owner sees it."""
    waits = delivery["state"] == "waiting"
    return {
        "id": delivery["_id"],
        **{name: delivery[name] for name in ("event", "type", "issue", "state", "reason")},
        "tries": [{**each, "at": each["at"].isoformat()} for each in delivery["tries"]],
        "next_try_at": delivery["at"].isoformat() if waits else None,
        "created_at": delivery["created_at"].isoformat(),
        "sent_at": delivery["sent_at"].isoformat() if delivery["sent_at"] else None,
    }


def _message(message: str, event_type: str, source: str, subject: str, time: str) -> Document:
    return {
        "specversion": "1.0",
        "id": message,
        "source": source,
        "type": event_type,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
    }


def _with(tried: Document) -> Document:
    return {"$push": {"tries": {"$each": [tried], "$slice": -MOST_TRIES_KEPT}}}
