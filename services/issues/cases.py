"""A case as a record: how it begins, how an assignment changes it, what of it is shown to whom.

Pure functions over plain documents; every change appends to the history and causes one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.issues.deadlines import deadline
from services.issues.lifecycle import next_state
from suishoupai.access import Caller
from suishoupai.clock import LOCAL
from suishoupai.contracts.events import Event, new_event
from suishoupai.tracing import Trace, new_trace

Document = dict[str, Any]

SOURCE = "/issues"

LIGHTS = {"due_soon": "yellow", "overdue": "red"}
"""The light of a case once an alarm has rung; green before (DOMAIN: indicators)."""


WHY = {"due_soon": "处置时限只剩四分之一", "overdue": "已超过处置时限"}
"""What the history says of an alarm."""


@dataclass(frozen=True)
class Change:
    """A new version of a case and the event that tells of it."""

    case: Document
    event: Event


def new_case(  # noqa: PLR0913 - what a report consists of
    *,
    case_id: str,
    number: str,
    report: Mapping[str, Any],
    category: Mapping[str, Any],
    location: Mapping[str, Any],
    county: str,
    reporter: str,
    at: datetime,
    trace: Trace,
) -> Change:
    """The case that a report opens, in state ``reported``, and ``issue.reported``."""
    state = next_state("report", None)
    case: Document = {
        "_id": case_id,
        "number": number,
        "state": state,
        "version": 1,
        "category": dict(category),
        "description": report["description"],
        "location": dict(location),
        "address": report["address"],
        "photos": report["photos"],
        "divisions": [county],
        "reporter": reporter,
        "reported_at": at,
        "observed_at": report["observed_at"],
        "history": [_entry(at, None, state, reporter, "上报")],
    }
    return Change(case, _reported(case, trace))


def assigned_case(case: Document, assignment: Event, at: datetime) -> Change | None:
    """The case after grid assigned it, and ``issue.dispatched``.

    None when that assignment, or a later one, is in it already. Raises ``NotAllowed``.
    """
    if case.get("assignment", 0) >= assignment.sequence:
        return None
    data = assignment.data
    state = next_state("dispatch", case["state"])
    places = {name: data[name] for name in ("grid", "community", "town", "county", "compound")}
    changed = {
        **case,
        **places,
        **_due(case["category"], at),
        "correlation": assignment.trace.correlation,
        "responsible": data["responsible"],
        "divisions": [data[level]["code"] for level in ("county", "town", "community", "grid")],
        "assignment": assignment.sequence,
        "state": state,
        "version": case["version"] + 1,
        "history": [*case["history"], _entry(at, case["state"], state, "grid", data["why"])],
    }
    return Change(changed, _dispatched(changed, assignment.trace))


def rung_case(case: Document, at: datetime) -> Change | None:
    """The case after its alarms that are due at ``at`` rang, and ``issue.due_soon`` or
    ``issue.overdue``; None when none is due.

    One that is overdue by now says only that: its other alarms are dropped with it.
    """
    ringing = {alarm["kind"] for alarm in case.get("alarms", ()) if alarm["at"] <= at}
    if not ringing:
        return None
    kind = "overdue" if "overdue" in ringing else "due_soon"
    left = [alarm for alarm in case["alarms"] if alarm["kind"] == "overdue" and alarm["at"] > at]
    state, due = case["state"], case["due_at"].astimezone(LOCAL)
    why = f"{WHY[kind]}（时限 {due:%Y-%m-%d %H:%M}）"
    changed = {
        **case,
        "alarms": left,
        "rung": [*case.get("rung", ()), {"kind": kind, "version": case["version"] + 1}],
        "light": LIGHTS[kind],
        "version": case["version"] + 1,
        "history": [*case["history"], _entry(at, state, state, "clock", why)],
    }
    return Change(changed, _rang(changed, kind))


def shown(case: Document, caller: Caller) -> Document:
    """A case as ``caller`` may see it: a handler never learns who reported (DOMAIN: catalogue)."""
    answer = {
        "id": case["_id"],
        "number": case["number"],
        "state": case["state"],
        "version": case["version"],
        "category": _told(case["category"]),
        "description": case["description"],
        "location": case["location"],
        "address": case["address"],
        "photos": case["photos"],
        "reported_at": case["reported_at"].isoformat(),
        "observed_at": case["observed_at"].isoformat() if case["observed_at"] else None,
        "history": [_shown_entry(entry, case, caller) for entry in case["history"]],
    }
    for name in ("grid", "community", "town", "county", "compound", "responsible"):
        answer[name] = case.get(name)
    for name in ("due_at", "due_soon_at"):
        answer[name] = case[name].isoformat() if case.get(name) else None
    answer["light"] = case.get("light")
    if caller.sees_reporters:
        answer["reporter"] = case["reporter"]
    return answer


def receipt(case: Document) -> Document:
    """What a reporter is answered: only what never changes, so that asking again gives the same."""
    return {
        "id": case["_id"],
        "number": case["number"],
        "state": case["history"][0]["to"],
        "version": 1,
        "reported_at": case["reported_at"].isoformat(),
    }


def _due(category: Document, at: datetime) -> Document:
    """When a case dispatched at ``at`` is due; one filed before rows were kept with their limit
    has no deadline."""
    if "limit" not in category:
        return {"due_at": None, "due_soon_at": None, "alarms": []}
    found = deadline(at, category["limit"], category["limit_unit"])
    due, soon = _to_millisecond(found.due_at), _to_millisecond(found.due_soon_at)
    return {
        "due_at": due,
        "due_soon_at": soon,
        "due_assumed": found.assumed,
        "alarms": [{"kind": "due_soon", "at": soon}, {"kind": "overdue", "at": due}],
        "light": "green",
    }


def _to_millisecond(at: datetime) -> datetime:
    """An instant as MongoDB keeps it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _told(category: Document) -> Document:
    """What others are told of the catalogue row that a case keeps."""
    return {name: category[name] for name in ("code", "name", "responsible", "confidential")}


def _entry(at: datetime, before: str | None, after: str, by: str, why: str) -> Document:
    return {"at": at, "from": before, "to": after, "by": by, "why": why}


def _shown_entry(entry: Document, case: Document, caller: Caller) -> Document:
    hidden = entry["by"] == case["reporter"] and not caller.sees_reporters
    return {**entry, "at": entry["at"].isoformat(), "by": "reporter" if hidden else entry["by"]}


def _reported(case: Document, trace: Trace) -> Event:
    fields = ("number", "description", "location", "address", "photos", "reporter")
    observed = case["observed_at"]
    return new_event(
        "issue.reported",
        source=SOURCE,
        subject=case["_id"],
        sequence=case["version"],
        trace=trace,
        data={
            **{name: case[name] for name in fields},
            "category": _told(case["category"]),
            "reported_at": case["reported_at"].isoformat(),
            "observed_at": observed.isoformat() if observed else None,
        },
    )


def _dispatched(case: Document, trace: Trace) -> Event:
    last = case["history"][-1]
    return new_event(
        "issue.dispatched",
        source=SOURCE,
        subject=case["_id"],
        sequence=case["version"],
        trace=trace,
        data={
            "number": case["number"],
            "from": last["from"],
            "to": last["to"],
            "at": last["at"].isoformat(),
            "by": last["by"],
            "why": last["why"],
            "responsible": case["responsible"],
            "due_at": case["due_at"].isoformat() if case["due_at"] else None,
        },
    )


def _rang(case: Document, kind: str) -> Event:
    fields = ("number", "address", "responsible", "grid", "compound")
    return new_event(
        f"issue.{kind}",
        source=SOURCE,
        subject=case["_id"],
        sequence=case["version"],
        trace=new_trace(case.get("correlation")),
        data={
            **{name: case[name] for name in fields},
            "category": _told(case["category"]),
            "due_at": case["due_at"].isoformat(),
            "at": case["history"][-1]["at"].isoformat(),
        },
    )
