"""The events that tell of a case, and what its history keeps so that everyone who was told can be
found again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from suishoupai.contracts.events import Event, new_event
from suishoupai.contracts.words import ACTION_EVENTS
from suishoupai.tracing import Trace

Document = dict[str, Any]

SOURCE = "/issues"

CATEGORY = ("code", "name", "responsible", "confidential")
"""What others are told of the catalogue row that a case keeps."""
PLACES = ("grid", "community", "town", "county", "compound")


def told_category(category: Document) -> Document:
    """The published part of a case's catalogue row."""
    return {name: category[name] for name in CATEGORY}


def told(case: Document, previous: Document | None) -> Document:
    """What decides who hears of a change: kept with its entry in the history.

    Only what is there: most changes concern one party and nobody else.
    """
    clock = case.get("clock") or {}
    facts = {
        "party": (case.get("responsible") or {}).get("id"),
        "previous": (previous or {}).get("id"),
        "followers": case["followers"],
        "confidential": case["category"]["confidential"],
        "urgent": case["urgent"],
        "activity": clock.get("activity"),
        "community": (case.get("community") or {}).get("code"),
    }
    return {name: value for name, value in facts.items() if value}


def reported_event(case: Document, trace: Trace) -> Event:
    """``issue.reported``."""
    fields = ("number", "description", "location", "address", "photos", "reporter")
    return new_event(
        "issue.reported",
        source=SOURCE,
        subject=case["_id"],
        sequence=case["version"],
        trace=trace,
        data={
            **{name: case[name] for name in fields},
            "category": told_category(case["category"]),
            "reported_at": case["reported_at"].isoformat(),
            "observed_at": _instant(case["observed_at"]),
        },
    )


def changed_event(case: Document, previous: Document | None, trace: Trace) -> Event:
    """The event that tells of the last entry in a case's history."""
    entry = case["history"][-1]
    clock = case.get("clock") or {}
    event_type = ACTION_EVENTS[entry["action"]]
    located = {"location": case["location"]} if event_type == "issue.recategorised" else {}
    return new_event(
        event_type,
        source=SOURCE,
        subject=case["_id"],
        sequence=case["version"],
        trace=trace,
        data={
            **{name: entry[name] for name in ("action", "from", "to", "by", "role", "why")},
            **{name: case[name] for name in ("number", "urgent", "address", "reporter")},
            **{name: case.get(name) for name in (*PLACES, "responsible", "outcome", "main")},
            **located,
            "at": entry["at"].isoformat(),
            "category": told_category(case["category"]),
            "reported_at": case["reported_at"].isoformat(),
            "followers": case["followers"],
            "previous": previous,
            "activity": clock.get("activity"),
            "due_at": _instant(clock.get("due_at")),
        },
    )


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
