"""What a notice says: pure functions from an event to the notice it causes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from suishoupai.clock import LOCAL
from suishoupai.contracts.events import Event, new_event
from suishoupai.ids import new_id

Document = dict[str, Any]

SOURCE = "/notify"

KINDS = {"issue.assigned": "assigned", "issue.due_soon": "due_soon", "issue.overdue": "overdue"}
"""The kind of notice that each event causes."""

TEXTS = {
    "assigned": "新案件 {number}：{what}，请及时处置。",
    "due_soon": "案件临期 {number}：{what}，请在 {due} 前处置。",
    "overdue": "案件超期 {number}：{what}，时限为 {due}，请立即处置。",
}


def case_notice(event: Event, at: datetime) -> Document:
    """The inbox notice that tells a case's party what an event says of it, with ``notice.sent``.

    Unique by issue, kind, sequence of the event and party: what is told twice is one notice. It
    names no reporter, and of a confidential case no address (DOMAIN: catalogue).
    """
    case, kind = event.data, KINDS[event.type]
    notice_id = new_id(at)
    confidential = case["category"]["confidential"]
    assignment = {"assignment": event.sequence} if kind == "assigned" else {}
    return {
        "_id": notice_id,
        "issue": event.subject,
        "kind": kind,
        "sequence": event.sequence,
        **assignment,
        "party": case["responsible"]["id"],
        "division": case["grid"]["code"],
        "number": case["number"],
        "category": {name: case["category"][name] for name in ("code", "name")},
        "address": "" if confidential else case["address"],
        "text": _text(kind, case, confidential),
        "channel": "inbox",
        "sent_at": at,
        "outbox": [_sent(event, notice_id, at).to_dict()],
    }


def _text(kind: str, case: Document, confidential: bool) -> str:
    place = case["compound"]["name"] if case["compound"] else case["grid"]["name"]
    where = "" if confidential else f"，{place}{case['address']}"
    due = ""
    if "due_at" in case:
        due = f"{datetime.fromisoformat(case['due_at']).astimezone(LOCAL):%Y-%m-%d %H:%M}"
    what = f"{case['category']['name']}{where}"
    return TEXTS[kind].format(number=case["number"], what=what, due=due)


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
        "kind": notice.get("kind", "assigned"),
        **{name: notice[name] for name in names},
        "sent_at": notice["sent_at"].isoformat(),
    }
