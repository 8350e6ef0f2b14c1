"""The two clocks of a case: the deadline of the current activity, and the bundled one (捆绑时限) of
disposal over all rework rounds, by which on-time is judged (DOMAIN: life of a case).

A clock is a plain document: {activity, limits, runs, due_at, due_soon_at, assumed, rung}; ``rung``
holds the alarms it has had. Both pause while a case is suspended, returned or merged; the bundled
one also while it is checked. A new party gets the whole limit again. What a clock was before it
was replaced is kept in ``clocks``. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.issues.deadlines import Limit, Run, allowed, deadline_of, spent
from services.issues.working_time import WorkingTime
from suishoupai.contracts.words import NEW_PARTY

Document = dict[str, Any]

ACTIVITY_OF = {
    "verifying": "verification",
    "dispatched": "disposal",
    "handling": "disposal",
    "extension_asked": "disposal",
    "suspension_asked": "disposal",
    "checking": "check",
}
"""State → what is measured while a case is in it; the other states have no limit."""
PAUSED = ("returned", "suspended", "merged")
"""States that a case comes back from with the time it had left."""

LIMIT_FIELDS = {
    "verification": ("check_limit", "check_unit"),
    "disposal": ("limit", "limit_unit"),
    "check": ("check_limit", "check_unit"),
}
"""Activity → the fields of the catalogue row that hold its limit."""

NOTICE_AFTER, CIRCULAR_AFTER = 1, 5
"""Working days after the limit: written notice (书面督办) and circular (通报)."""


def clocked(
    case: Document, action: str, state: str, given: Document, at: datetime, hours: WorkingTime
) -> Document:
    """The fields of a case that time is kept in, after ``action`` led it into ``state``.

    ``case`` has the effects of the action already, except its state; ``given``: the fields
    that came with the action, with ``extension`` for a granted one and ``alarm`` for one that
    rings.
    """
    fields = _by_state(case, action, state, at, hours)
    after = {**case, **fields}
    if action == "grant_extension":
        fields |= _extended(after, given["extension"], hours)
    elif action == "recategorise":
        fields |= _recategorised(after, at, hours)
    elif action == "feed_back":
        fields["on_time"] = not is_late(case.get("bundled"), at, hours)
    elif "alarm" in given:
        fields |= _rung(after, given["alarm"], at, hours)
    return fields | _derived({**case, **fields, "state": state})


def _by_state(
    case: Document, action: str, state: str, at: datetime, hours: WorkingTime
) -> Document:
    """``clock``, ``bundled`` and ``clocks`` as the new state has them."""
    clock, bundled = case.get("clock"), case.get("bundled")
    activity = ACTIVITY_OF.get(state)
    if state in PAUSED:
        return {"clock": _paused(clock, at), "bundled": _paused(bundled, at)}
    if activity is None:
        return {"clock": None, "bundled": None, "clocks": _retired(case, at, "clock", "bundled")}
    if action in NEW_PARTY:
        begun = _begun(activity, case["category"], at, hours)
        return {
            "clock": begun,
            "bundled": begun,
            "clocks": _retired(case, at, "clock", "bundled"),
        }
    handled = activity == "disposal"
    bundled = _running(bundled, at, hours) if handled else _paused(bundled, at)
    if clock and clock["activity"] == activity and action != "rework":
        return {"clock": _running(clock, at, hours), "bundled": bundled}
    return {
        "clock": _begun(activity, case["category"], at, hours),
        "bundled": bundled,
        "clocks": _retired(case, at, "clock"),
    }


def _derived(case: Document) -> Document:
    """What lists and pages read of the clocks, and what is still to ring."""
    clock, bundled = case.get("clock") or {}, case.get("bundled") or {}
    return {
        "due_at": clock.get("due_at"),
        "due_soon_at": clock.get("due_soon_at"),
        "bundled_due_at": bundled.get("due_at"),
        "due_assumed": bool(clock.get("assumed") or bundled.get("assumed")),
        "alarms": alarms_of(case),
        "light": light_of(case),
    }


def _extended(case: Document, limit: Document, hours: WorkingTime) -> Document:
    """Both clocks with a granted extension {number, unit} added."""
    return {
        name: _limited(case[name], [*case[name]["limits"], limit], hours)
        for name in ("clock", "bundled")
        if case.get(name)
    }


def _recategorised(case: Document, at: datetime, hours: WorkingTime) -> Document:
    """Both clocks with the limits of the row the case has now; what they were is kept."""
    changed: Document = {"clocks": _retired(case, at, "clock", "bundled")}
    for name in ("clock", "bundled"):
        clock = case.get(name)
        limit = clock and limit_of(case["category"], clock["activity"])
        if clock and limit:
            changed[name] = _limited(clock, [limit, *clock["limits"][1:]], hours)
    return changed


def limit_of(category: Document, activity: str) -> Document | None:
    """{number, unit} that a catalogue row allows for an activity; None when the row has none."""
    number, unit = LIMIT_FIELDS[activity]
    return {"number": category[number], "unit": category[unit]} if number in category else None


def is_late(clock: Document | None, at: datetime, hours: WorkingTime) -> bool:
    """Whether more than the whole limit of a clock was used by ``at``."""
    if clock is None:
        return False
    limits = _limits(clock)
    return spent(limits, _runs(clock), at, hours) > allowed(limits, hours)


def alarms_of(case: Document) -> list[Document]:
    """What is still to ring, soonest first: {kind, at, of}; ``of`` names the clocks it is for."""
    found: dict[tuple[str, datetime], list[str]] = {}
    for name in ("clock", "bundled"):
        clock = case.get(name)
        if clock and clock["due_at"]:
            for kind, at in (("due_soon", clock["due_soon_at"]), ("overdue", clock["due_at"])):
                if kind not in clock["rung"]:
                    found.setdefault((kind, at), []).append(name)
    alarms = [{"kind": kind, "at": at, "of": of} for (kind, at), of in found.items()]
    bundled = case.get("bundled")
    if bundled and bundled["due_at"]:
        alarms += [{**each, "of": []} for each in bundled.get("pressing", ())]
    if case["state"] == "suspended" and case.get("suspended_until"):
        alarms.append({"kind": "resume", "at": case["suspended_until"], "of": []})
    return sorted(alarms, key=lambda alarm: alarm["at"])


def _rung(case: Document, alarm: Document, at: datetime, hours: WorkingTime) -> Document:
    """Both clocks after an alarm: what is overdue is not due soon any more, and is pressed for
    (催办 → 督办: a written notice on the next working day, a circular on the fifth)."""
    changed: Document = {}
    for name in ("clock", "bundled"):
        if clock := case.get(name):
            changed[name] = _rung_clock(clock, alarm, name in alarm["of"])
    if alarm["kind"] == "overdue" and "bundled" in alarm["of"] and changed.get("bundled"):
        changed["bundled"]["pressing"] = [
            {"kind": kind, "at": hours.next_working_day(at, days).at}
            for kind, days in (("write_notice", NOTICE_AFTER), ("circulate", CIRCULAR_AFTER))
        ]
    return changed


def _rung_clock(clock: Document, alarm: Document, meant: bool) -> Document:
    pressing = [each for each in clock.get("pressing", ()) if each["kind"] != alarm["kind"]]
    had = {"due_soon", alarm["kind"]} if meant else set()
    return {**clock, "pressing": pressing, "rung": sorted({*clock["rung"], *had})}


def light_of(case: Document) -> str | None:
    """How near a case is to its limit; None while no clock runs (DOMAIN: indicators)."""
    running = [each for name in ("clock", "bundled") if (each := case.get(name)) and each["due_at"]]
    if not running:
        return None
    had = {kind for clock in running for kind in clock["rung"]}
    return "red" if "overdue" in had else "yellow" if "due_soon" in had else "green"


def _begun(activity: str, category: Document, at: datetime, hours: WorkingTime) -> Document | None:
    limit = limit_of(category, activity)
    if limit is None:
        return None
    clock = {"activity": activity, "runs": [{"start": at, "end": None}], "rung": []}
    return _limited(clock, [limit], hours)


def _limited(clock: Document, limits: Sequence[Document], hours: WorkingTime) -> Document:
    return _due({**clock, "limits": list(limits), "rung": []}, hours)


def _due(clock: Document, hours: WorkingTime) -> Document:
    found = deadline_of(_limits(clock), _runs(clock), hours)
    if found is None:
        return {
            **clock,
            "due_at": None,
            "due_soon_at": None,
            "assumed": clock.get("assumed", False),
        }
    return {
        **clock,
        "due_at": found.due_at,
        "due_soon_at": found.due_soon_at,
        "assumed": found.assumed,
    }


def _paused(clock: Document | None, at: datetime) -> Document | None:
    if clock is None or not clock["due_at"]:
        return clock
    *before, last = clock["runs"]
    runs = [*before, {**last, "end": at}]
    return {**clock, "runs": runs, "due_at": None, "due_soon_at": None}


def _running(clock: Document | None, at: datetime, hours: WorkingTime) -> Document | None:
    if clock is None or clock["due_at"]:
        return clock
    return _due({**clock, "runs": [*clock["runs"], {"start": at, "end": None}]}, hours)


def _retired(case: Document, at: datetime, *names: str) -> list[Document]:
    past = [{**case[name], "which": name, "replaced_at": at} for name in names if case.get(name)]
    return [*case.get("clocks", []), *past]


def _limits(clock: Document) -> list[Limit]:
    return [Limit(each["number"], each["unit"]) for each in clock["limits"]]


def _runs(clock: Document) -> list[Run]:
    return [Run(each["start"], each["end"]) for each in clock["runs"]]
