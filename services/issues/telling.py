"""The events that tell of a case, and what its history keeps of them: everyone who was told can be
found again, and every figure made again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from suishoupai.access import PROGRAMS
from suishoupai.contracts.events import Event, new_event
from suishoupai.contracts.words import ACTION_EVENTS
from suishoupai.tracing import Trace

Document = dict[str, Any]

SOURCE = "/issues"

CATEGORY = ("code", "name", "responsible", "confidential")
"""What others are told of the catalogue row that a case keeps."""
LIMITS = {"due_at": "clock", "bundled_due_at": "bundled"}
"""What is told of a limit → the clock that it is read off."""
JUDGED = ("on_time", "outcome")
PLACES = ("grid", "community", "town", "county", "compound")


def told_category(category: Document) -> Document:
    """The published part of a case's catalogue row."""
    return {name: category[name] for name in CATEGORY}


def source_of(case: Document) -> str:
    """How the report of a case came: one of ``SOURCES``."""
    if case["reporter"].startswith(PROGRAMS):
        return "program"
    return "patrol" if case["patrol"] else "resident"


def told(case: Document, previous: Document | None) -> Document:
    """What is told of a change and no later version of the case shows any more: kept with its entry
    in the history. Only what is there: most changes concern one party and nobody else."""
    return {**addressed(case, previous), **measured(case)}


def measured(case: Document) -> Document:
    """The limits that run and what was judged so far, as far as there is any."""
    known = {
        **{name: (case.get(clock) or {}).get("due_at") for name, clock in LIMITS.items()},
        **{name: case.get(name) for name in JUDGED},
    }
    return {name: value for name, value in known.items() if value is not None}


def addressed(case: Document, previous: Document | None) -> Document:
    """What decides who hears of a change."""
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
            **_origin(case),
        },
    )


def changed_event(case: Document, previous: Document | None, trace: Trace) -> Event:
    """The event that tells of the last entry in a case's history."""
    entry = case["history"][-1]
    clock = case.get("clock") or {}
    event_type = ACTION_EVENTS[entry["action"]]
    known = measured(case)
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
            **{name: case.get(name) for name in (*PLACES, "responsible", "main")},
            **{name: known.get(name) for name in JUDGED},
            **{name: _instant(known.get(name)) for name in LIMITS},
            **_origin(case),
            **{name: (case.get("rating") or {}).get(name) for name in ("solved", "satisfaction")},
            **located,
            "at": entry["at"].isoformat(),
            "category": told_category(case["category"]),
            "reported_at": case["reported_at"].isoformat(),
            "followers": case["followers"],
            "previous": previous,
            "activity": clock.get("activity"),
        },
    )


def _origin(case: Document) -> Document:
    """How its report came, and no more of who sent it than has to be counted."""
    return {"source": source_of(case), "courier": case["courier"]}


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
