"""What of a case is shown to whom: a handler never learns who reported (DOMAIN: catalogue)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.issues.lifecycle import Transition
from services.issues.telling import PLACES, told_category
from suishoupai.access import Caller
from suishoupai.contracts.words import ACTIONS

Document = dict[str, Any]

PLAIN = (
    "number",
    "state",
    "version",
    "description",
    "location",
    "address",
    "photos",
    "urgent",
    "emergency",
    "extensions",
    "reworks",
    "reopens",
)
"""Fields that are shown as they are."""
OPTIONAL = (*PLACES, "responsible", "main", "light", "outcome", "rating")
"""Fields that are shown as they are, null before they are there."""
INSTANTS = (
    "observed_at",
    "due_at",
    "due_soon_at",
    "bundled_due_at",
    "suspended_until",
    "closed_at",
)
GLIMPSED = (
    "number",
    "state",
    "category.code",
    "category.name",
    "reported_at",
    "point",
    "photo_hashes",
    "merged",
)
"""What is read of a case to show a glimpse of it."""
DESK_ONLY = ("proposal", "similar", "merged")
"""What helps to decide where a case goes; of no concern to its reporter and its handler."""


def shown(case: Document, caller: Caller) -> Document:
    """A case as ``caller`` may see it."""
    answer = {
        "id": case["_id"],
        **{name: case[name] for name in PLAIN},
        **{name: case.get(name) for name in OPTIONAL},
        **{name: _instant(case.get(name)) for name in INSTANTS},
        "reported_at": case["reported_at"].isoformat(),
        "category": told_category(case["category"]),
        "activity": (case.get("clock") or {}).get("activity"),
        "due_assumed": bool(case.get("due_assumed")),
        "asked": _asked(case.get("asked")),
        "followers": len(case["followers"]),
        "history": [_entry(entry, case, caller) for entry in case["history"]],
    }
    if caller.sees_reporters:
        answer["reporter"] = case["reporter"]
    if caller.is_desk:
        answer |= {name: case.get(name) or None for name in DESK_ONLY}
        answer["earlier_clocks"] = [_clock(clock) for clock in case["clocks"]]
    return answer


def receipt(case: Document) -> Document:
    """What a reporter is answered: only what never changes, so that asking again gives the same.

    The emergency numbers come first: whoever is in danger is to call and not to wait.
    """
    return {
        "emergency": case["history"][0].get("emergency", case["emergency"]),
        "id": case["_id"],
        "number": case["number"],
        "state": case["history"][0]["to"],
        "version": 1,
        "reported_at": case["reported_at"].isoformat(),
    }


def glimpse(case: Document, metres: float | None, alike: bool) -> Document:
    """What anybody may know of a case near by: enough to recognise it, nobody's words."""
    return {
        "id": case["_id"],
        "number": case["number"],
        "state": case["state"],
        "category": {name: case["category"][name] for name in ("code", "name")},
        "reported_at": case["reported_at"].isoformat(),
        "metres": None if metres is None else round(metres, 1),
        "same_photo": alike,
        "reports": 1 + len(case.get("merged", ())),
    }


def offers(rows: Iterable[Transition], case: Document) -> list[Document]:
    """What the caller may do now, and what each action needs and takes."""
    return [
        {
            "action": row.action,
            "name": ACTIONS[row.action],
            "to": row.target,
            "needs": list(row.needs),
            "takes": list(row.takes),
            "photos": row.photos,
            "condition": _condition(row, case),
        }
        for row in rows
    ]


def _condition(row: Transition, case: Document) -> str | None:
    """When a case of this category may be filed (立案条件), said where that is decided."""
    return case["category"].get("filing_condition") if row.action == "file" else None


def _entry(entry: Document, case: Document, caller: Caller) -> Document:
    hidden = entry["by"] == case["reporter"] and not caller.sees_reporters
    given = entry.get("given", {})
    return {
        **{name: entry[name] for name in ("action", "from", "to", "role", "why")},
        "at": entry["at"].isoformat(),
        "by": "reporter" if hidden else entry["by"],
        "photos": given.get("photos", []),
        "given": {name: _plain(value) for name, value in given.items() if name != "photos"},
    }


def _clock(clock: Document) -> Document:
    """A clock that was replaced: what it measured, with which limits, and until when."""
    shown_as_is = {name: clock[name] for name in ("which", "activity", "limits")}
    times = {name: _instant(clock[name]) for name in ("due_at", "replaced_at")}
    return {**shown_as_is, **times, "rung": clock["rung"]}


def _asked(asked: Document | None) -> Document | None:
    return {name: _plain(value) for name, value in asked.items()} if asked else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
