"""A case as a record: how it begins and how each step changes it.

Pure functions over plain documents; every change is one row of the table in ``lifecycle``, appends
to the history, and causes one event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from services.issues.clocks import clocked
from services.issues.duplicates import bands
from services.issues.effects import effect_of
from services.issues.guards import is_barred
from services.issues.lifecycle import HELD, SYSTEM, Transition, find_transition
from services.issues.telling import PLACES, changed_event, reported_event, told
from services.issues.working_time import WorkingTime
from suishoupai.clock import LOCAL
from suishoupai.contracts.events import Event
from suishoupai.contracts.words import ACTIONS, NEW_PARTY
from suishoupai.tracing import Trace, new_trace

Document = dict[str, Any]

KEPT = (
    "party",
    "category",
    "before",
    "photos",
    "until",
    "extension",
    "signed_by",
    "outcome",
    "solved",
    "satisfaction",
    "main",
    "other",
    "status",
    "observed_at",
)
"""Fields of an action that its history entry keeps as they were given."""

WHY = {
    "due_soon": "处置时限只剩四分之一",
    "overdue": "已超过时限",
    "write_notice": "超期次一工作日，书面督办",
    "circulate": "超期五个工作日，通报",
    "resume": "挂账期满",
}
"""What the history says of what time brings about."""


@dataclass(frozen=True)
class Change:
    """A new version of a case and the event that tells of it."""

    case: Document
    tell: Callable[[], Event]
    """Makes the event: it is checked against its schema, which takes longer than all the rest."""

    @cached_property
    def event(self) -> Event:
        """The event, made once and only when it is wanted."""
        return self.tell()


@dataclass(frozen=True)
class Actor:
    """Who takes a step, and in which role."""

    account: str
    role: str


GRID = Actor("grid", SYSTEM)
CLOCK = Actor("clock", SYSTEM)

BLANK: Document = {
    "responsible": None,
    "proposal": None,
    "extensions": 0,
    "reworks": 0,
    "reopens": 0,
    "followers": [],
    "merged": [],
    "clocks": [],
    "alarms": [],
}
"""What a case has from its beginning, for guards and effects to count on."""


def new_case(  # noqa: PLR0913 - what a report consists of
    *,
    case_id: str,
    number: str,
    report: Mapping[str, Any],
    category: Mapping[str, Any],
    location: Mapping[str, Any],
    county: str,
    reporter: Actor,
    patrol: bool,
    courier: bool,
    emergency: list[Document],
    similar: list[Document],
    at: datetime,
    trace: Trace,
) -> Change:
    """The case that a report opens, in state ``reported``, and ``issue.reported``.

    ``patrol``: whether a member or the staff reports and not a resident; ``courier``: whether a
    member who is a courier does; ``emergency``: the numbers to call first, {number, name} each:
    with one it is urgent; ``similar``: the open cases, {id, number} each, that may be about the
    same problem.
    """
    case: Document = {
        **BLANK,
        "_id": case_id,
        "number": number,
        "state": "reported",
        "version": 1,
        "category": dict(category),
        "description": report["description"],
        "location": dict(location),
        "point": {"type": "Point", "coordinates": [location["lng"], location["lat"]]},
        "address": report["address"],
        "photos": report["photos"],
        "photo_hashes": report["photo_hashes"],
        "photo_bands": [band for each in report["photo_hashes"] for band in bands(each)],
        "similar": similar,
        "divisions": [county],
        "reporter": reporter.account,
        "patrol": patrol,
        "courier": courier,
        "urgent": bool(emergency),
        "emergency": emergency,
        "reported_at": at,
        "observed_at": report["observed_at"],
        "correlation": trace.correlation,
    }
    first = _entry(case, "report", None, reporter, {}, at)
    case["history"] = [{**first, "emergency": emergency, "told": told(case, None)}]
    return Change(case, lambda: reported_event(case, trace))


def row_kept(row: Document) -> Document:
    """A catalogue row as a case keeps it: whole, with the id of that version of it as ``row``."""
    return {**{name: value for name, value in row.items() if name != "_id"}, "row": row["_id"]}


def stepped_case(
    case: Document,
    row: Transition,
    actor: Actor,
    given: Document,
    at: datetime,
    hours: WorkingTime,
    trace: Trace | None = None,
) -> Change:
    """The case after the step that a row of the table allows, and the event that tells of it.

    ``given``: the fields that came with the action, in shape. Without a trace the event goes on
    with the one of the report.
    """
    after = {**case, **effect_of(row.action, case, given, at)}
    after |= clocked(after, row.action, row.target, given, at, hours)
    after |= {"state": row.target, "version": case["version"] + 1}
    previous = _lost_by(case, after)
    if row.action in NEW_PARTY:
        given = {**given, "party": after["responsible"]}
    entry = _entry(after, row.action, case["state"], actor, given, at)
    after["history"] = [*case["history"], {**entry, "told": told(after, previous)}]
    told_with = trace or new_trace(case["correlation"])
    return Change(after, lambda: changed_event(after, previous, told_with))


def assigned_case(
    case: Document, assignment: Event, at: datetime, hours: WorkingTime
) -> Change | None:
    """The case after grid said where it lies and whose it is.

    It goes to its party by itself where the catalogue lets it; it is taken back from a party that
    must not have it; otherwise it is only placed. None when that assignment, or a later one, is
    in it already.
    """
    if case.get("assignment", 0) >= assignment.sequence:
        return None
    place = _place(assignment)
    placed = {**case, **place}
    action = "place"
    if goes_by_itself(placed):
        action = "dispatch"
    elif case["state"] in HELD and is_barred(placed, case["responsible"]):
        action = "recall"
    given = {"place": place, "why": assignment.data["why"]}
    before = placed if action != "place" else case
    row = find_transition(action, placed, [SYSTEM], given, at)
    return stepped_case(before, row, GRID, given, at, hours, assignment.trace)


def goes_by_itself(case: Document) -> bool:
    """Whether a placed case goes to its party with no hand in between: a setting per category
    (DOMAIN: life of a case). A resident's report is verified first, unless it is confidential."""
    category = case["category"]
    wanted = category.get("auto_dispatch", "never")
    somewhere = wanted == "always" or (wanted == "compound" and case["compound"] is not None)
    trusted = case["patrol"] or category["confidential"]
    return bool(case["state"] == "reported" and somewhere and trusted)


def rung_case(case: Document, at: datetime, hours: WorkingTime) -> Change | None:
    """The case after the first of its alarms that are due at ``at`` rang; None when none is.

    One that is overdue by now says only that, and not first that it is due soon.
    """
    ringing = [alarm for alarm in case["alarms"] if alarm["at"] <= at]
    if not ringing:
        return None
    overdue = [alarm for alarm in ringing if alarm["kind"] == "overdue"]
    alarm = (overdue or ringing)[0]
    row = find_transition(alarm["kind"], case, [SYSTEM], {}, at)
    given = {"alarm": alarm, "why": _why(case, alarm["kind"])}
    return stepped_case(case, row, CLOCK, given, at, hours)


def _why(case: Document, kind: str) -> str:
    if case["due_at"] is None:
        return WHY[kind]
    return f"{WHY[kind]}（时限 {case['due_at'].astimezone(LOCAL):%Y-%m-%d %H:%M}）"


def _place(assignment: Event) -> Document:
    data = assignment.data
    proposed = {"party": data["responsible"], "rule": data["rule"], "why": data["why"]}
    barred = {name: data.get(name, []) for name in ("barred", "barred_kinds")}
    return {
        **{name: data[name] for name in PLACES},
        "divisions": [data[level]["code"] for level in ("county", "town", "community", "grid")],
        "proposal": {**proposed, **barred},
        "assignment": assignment.sequence,
    }


def _lost_by(before: Document, after: Document) -> Document | None:
    """The party that had the case and has it no more."""
    had, has = before.get("responsible"), after.get("responsible")
    return had if had and (not has or had["id"] != has["id"]) else None


def _entry(
    case: Document, action: str, before: str | None, actor: Actor, given: Document, at: datetime
) -> Document:
    """One line of the history: who, when, from, to, why, photos, and what else was given."""
    entry = {
        "at": at,
        "action": action,
        "from": before,
        "to": case["state"],
        "by": actor.account,
        "role": actor.role,
        "why": given.get("why") or given.get("reason") or given.get("note") or ACTIONS[action],
    }
    optional = {name: given[name] for name in KEPT if name in given}
    if optional:
        entry["given"] = optional
    if "request" in given:
        entry["request"] = given["request"]
    return entry
