"""Cases and their steps as programs look for them: by many filters, and by when something changed.

``history`` is the only record of when a case changed, so it is what is searched, by its own index:
nothing has to be kept beside it, and cases of any age are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from services.issues.store import IssueStore
from services.issues.views import instant
from suishoupai.access import Caller, Reach, reach
from suishoupai.contracts.questions import load
from suishoupai.contracts.search_questions import IssueSearch, StepSearch
from suishoupai.contracts.words import ENDED
from suishoupai.ids import first_id

Document = dict[str, Any]

ISSUE_SEARCH, STEP_SEARCH = IssueSearch(), StepSearch()

WINDOW = timedelta(hours=12)
"""How much of a span of steps is read at a time: no more is read than is answered, and a bit."""

LIVING = {"$or": [{"from": {"$nin": list(ENDED)}}, {"to": {"$nin": list(ENDED)}}]}
"""Filter of the steps that ``is_living`` means, for the database."""


def is_living(entry: Document) -> bool:
    """Whether a step was taken while the case lived: the one that ended it is the last, and what
    is said of it afterwards is none."""
    return entry["from"] not in ENDED or entry["to"] not in ENDED


def find_changed(caller: Caller, filters: Document, store: IssueStore) -> Document:
    """The cases that fit, each in short, the newest first."""
    wanted = load(ISSUE_SEARCH, filters)
    found = store.find_in_short(_query(wanted), reach(caller), wanted["limit"], wanted["skip"])
    return {"items": [in_short(case) for case in found]}


def _query(wanted: Document) -> Document:
    parts = [named(wanted["issues"])] if wanted["issues"] is not None else []
    span = (("$gte", wanted["from_"]), ("$lt", wanted["before"]))
    if ids := {operator: first_id(at) for operator, at in span if at}:
        parts.append({"_id": ids})
    for field, name in (("category.code", "categories"), ("state", "states")):
        if wanted[name] is not None:
            parts.append({field: {"$in": wanted[name]}})
    if wanted["changed_from"]:
        since = {"at": {"$gte": wanted["changed_from"]}, **LIVING}
        parts.append({"history": {"$elemMatch": since}})
    if wanted["changed_before"]:
        later = {"at": {"$gte": wanted["changed_before"]}, **LIVING}
        parts.append({"history": {"$not": {"$elemMatch": later}}})
    return {"$and": parts} if parts else {}


def named(names: list[str]) -> Document:
    """A filter of the cases with these ids or numbers."""
    return {"$or": [{"_id": {"$in": names}}, {"number": {"$in": names}}]}


def in_short(case: Document) -> Document:
    """What lists of other systems show of a case; nobody's name is in it."""
    plain = ("number", "state", "description", "address", "photos")
    location = case["location"]
    led_here = next(entry for entry in reversed(case["history"]) if entry["from"] != entry["to"])
    return {
        "id": case["_id"],
        **{name: case[name] for name in plain},
        "category": {name: case["category"][name] for name in ("code", "name")},
        "location": {name: location[name] for name in ("lng", "lat")},
        "grid": case.get("grid"),
        "responsible": case["responsible"],
        "reported_at": case["reported_at"].isoformat(),
        "changed_at": _changed_at(case).isoformat(),
        "bundled_due_at": instant(case.get("bundled_due_at")),
        "led_here": {name: led_here[name] for name in ("action", "why")},
    }


def _changed_at(case: Document) -> datetime:
    """When it changed last; of a case that has ended, when it ended."""
    at: datetime = next(entry["at"] for entry in reversed(case["history"]) if is_living(entry))
    return at


def find_steps(caller: Caller, filters: Document, store: IssueStore) -> Document:
    """The steps that fit, the oldest first."""
    wanted = load(STEP_SEARCH, filters)
    items: list[Document] = []
    for cases, start, end in _read(wanted, reach(caller), store):
        steps = [
            step
            for case in cases
            for step in steps_of(case)
            if step["action"] in wanted["actions"] and _lies_between(step["at"], start, end)
        ]
        items += sorted(steps, key=lambda step: (step["at"], step["issue"], step["version"]))
        if len(items) >= wanted["limit"]:
            break
    return {"items": [shown_step(step) for step in items[: wanted["limit"]]]}


def shown_step(step: Document) -> Document:
    """A step as JSON has it."""
    return {**step, "at": step["at"].isoformat()}


def _read(
    wanted: Document, limits: Reach, store: IssueStore
) -> Iterator[tuple[list[Document], datetime | None, datetime | None]]:
    """The cases of which steps are asked for, by parts of the span where none are named."""
    start, end = wanted["from_"], wanted["before"]
    if wanted["issues"] is not None:
        cases = store.find_in_short(named(wanted["issues"]), limits, len(wanted["issues"]))
        yield cases, start, end
        return
    if start is None or end is None:
        return
    for first, last in windows(start, end):
        yield store.changed_between(first, last, wanted["actions"], limits), first, last


def windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a span, the earliest first, that together are the span."""
    while start < end:
        last = min(start + WINDOW, end)
        yield start, last
        start = last


def steps_of(case: Document) -> Iterator[Document]:
    """The steps of a case, each with the version that it made; nobody's name is in it."""
    for version, entry in enumerate(case["history"], start=1):
        yield {
            **{name: entry[name] for name in ("at", "action", "from", "to", "role", "why")},
            "photos": entry.get("given", {}).get("photos", []),
            "issue": case["_id"],
            "number": case["number"],
            "version": version,
        }


def _lies_between(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at < end)
