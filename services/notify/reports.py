"""Who is told that a monthly report was made, and what such a notice holds. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notify.notices import Ordered, party_of
from services.notify.recipients import readers
from services.notify.rules import Rules
from suishoupai.contracts.events import Event
from suishoupai.ids import new_id

Document = dict[str, Any]


def report_notices(event: Event, rules: Rules, at: datetime) -> list[Ordered]:
    """A notice to each subscriber, by the first line that speaks of the event.

    Told twice, it is the same notice: unique by division, month and recipient. It is about no issue
    and so causes no ``notice.sent``.
    """
    rule = next((each for each in rules if each.event_type == event.type), None)
    if rule is None:
        return []
    recipients = [f"account:{name}" for name in event.data["subscribers"]]
    return [Ordered(_notice(event, each, rule.kind, at), rule) for each in recipients]


def sequence_of(data: Document) -> int:
    """Month and division as one number: 202610341324001. No digest has one so large."""
    return int(data["month"].replace("-", "") + data["division"]["code"])


def _notice(event: Event, recipient: str, kind: str, at: datetime) -> Document:
    division = event.data["division"]
    return {
        "_id": new_id(at),
        "issue": None,
        "kind": kind,
        "sequence": sequence_of(event.data),
        "recipient": recipient,
        "party": party_of(recipient),
        "readers": readers(recipient, division["code"], False),
        "division": division["code"],
        "urgent": False,
        "number": None,
        "category": None,
        "address": "",
        "facts": {
            **{"number": None, "category": None, "urgent": False, "due_at": None, "activity": None},
            **{"place": None, "address": "", "why": "", "party": None, "main": None},
            "report": {
                "division": division["name"],
                "month": event.data["month"],
                "link": event.data["link"],
            },
        },
        "channel": "inbox",
        "sent_at": at,
    }
