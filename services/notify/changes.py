"""What an event says of a case, whatever its version: pure functions.

Earlier versions say less: they tell what they can.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from suishoupai.contracts.events import Event
from suishoupai.masking import mask
from suishoupai.truth.records import Told

Document = dict[str, Any]

HIDDEN = "※"
"""Stands for an account in words that were written for somebody else."""
OWN_WORDS = frozenset({"reporter"})
"""Roles whose reasons stay in the case: whose they are could be read from them."""


def change_of(event: Event) -> Told:
    """What decides who must be told of an event."""
    data = event.data
    timed = "disposal" if event.type in ("issue.due_soon", "issue.overdue") else None
    return Told(
        event_type=event.type,
        sequence=event.sequence,
        party=_id(data, "responsible"),
        previous=_id(data, "previous"),
        followers=tuple(data.get("followers", ())),
        reporter=data.get("reporter"),
        confidential=_confidential(data),
        urgent=data.get("urgent", False),
        activity=data.get("activity", timed),
        community=_code(data, "community", 12),
        town=_code(data, "town", 9),
        county=_code(data, "county", 6),
        at=datetime.fromisoformat(data["at"]) if data.get("at") else None,
    )


def division_of(event: Event) -> str | None:
    """Code of the grid of a case, or of the lowest division that is known of it."""
    grid: str | None = _code(event.data, "grid", 15)
    return grid or _code(event.data, "community", 12) or _code(event.data, "county", 6)


def facts_of(event: Event) -> Document:
    """What a notice of an event may speak of.

    It names neither who reported nor who did it, and of a confidential case nothing but its
    number, category and limit (DOMAIN: special routing).
    """
    data, urgent = event.data, event.data.get("urgent", False)
    due_at = data.get("due_at")
    activity = data.get("activity")
    open_facts: Document = {"place": None, "address": "", "why": "", "party": None, "main": None}
    if not _confidential(data):
        open_facts = _open(data)
    return {
        "number": data["number"],
        "category": (data.get("category") or {}).get("name"),
        "urgent": urgent,
        "due_at": datetime.fromisoformat(due_at) if due_at else None,
        "activity": activity,
        **open_facts,
    }


def _open(data: Document) -> Document:
    place = data.get("compound") or data.get("grid")
    people = [data.get("reporter"), data.get("by"), *data.get("followers", ())]
    why = "" if data.get("role") in OWN_WORDS else data.get("why", "")
    return {
        "place": place["name"] if place else None,
        "address": _impersonal(data.get("address", ""), people),
        # A published version without a role speaks of the assignment: why it is theirs.
        "why": _impersonal(why if "role" in data else "", people),
        "party": (data.get("responsible") or {}).get("name"),
        "main": (data.get("main") or {}).get("number"),
    }


def _impersonal(text: str, people: Iterable[str | None]) -> str:
    for name in sorted(filter(None, people), key=len, reverse=True):
        text = text.replace(name, HIDDEN)
    return mask(text)


def _id(data: Document, name: str) -> str | None:
    return data[name]["id"] if data.get(name) else None


def _code(data: Document, name: str, digits: int) -> str | None:
    if data.get(name):
        return str(data[name]["code"])
    grid = data.get("grid")
    return str(grid["code"])[:digits] if grid else None


def _confidential(data: Document) -> bool:
    return bool((data.get("category") or {}).get("confidential", False))
