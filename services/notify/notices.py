"""What a notice says: pure functions from an event to the notice it causes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from suishoupai.contracts.events import Event, new_event
from suishoupai.ids import new_id

Document = dict[str, Any]

SOURCE = "/notify"


def assignment_notice(event: Event, at: datetime) -> Document:
    """The inbox notice that tells a party of a case assigned to it, with ``notice.sent``.

    Unique by issue, assignment and party: the same assignment told twice is one notice. It names
    no reporter, and of a confidential case no address (DOMAIN: catalogue).
    """
    case = event.data
    notice_id = new_id(at)
    confidential = case["category"]["confidential"]
    return {
        "_id": notice_id,
        "issue": event.subject,
        "assignment": event.sequence,
        "party": case["responsible"]["id"],
        "division": case["grid"]["code"],
        "number": case["number"],
        "category": {name: case["category"][name] for name in ("code", "name")},
        "address": "" if confidential else case["address"],
        "text": _text(case, confidential),
        "channel": "inbox",
        "sent_at": at,
        "outbox": [_sent(event, notice_id, at).to_dict()],
    }


def _text(case: Document, confidential: bool) -> str:
    place = case["compound"]["name"] if case["compound"] else case["grid"]["name"]
    where = "" if confidential else f"，{place}{case['address']}"
    return f"新案件 {case['number']}：{case['category']['name']}{where}，请及时处置。"


def _sent(event: Event, notice_id: str, at: datetime) -> Event:
    return new_event(
        "notice.sent",
        source=SOURCE,
        subject=event.subject,
        sequence=1,
        trace=event.trace,
        data={
            "notice": notice_id,
            "number": event.data["number"],
            "party": event.data["responsible"],
            "channel": "inbox",
            "at": at.isoformat(),
        },
    )


def shown(notice: Document) -> Document:
    """A notice as its reader sees it."""
    names = ("issue", "number", "party", "category", "address", "text", "channel")
    return {
        "id": notice["_id"],
        **{name: notice[name] for name in names},
        "sent_at": notice["sent_at"].isoformat(),
    }
