"""Cases of earlier times as cases of today.

Before they had a whole life a case was reported and dispatched, by itself, and its clock was a
date. Later its history kept no limits and no judgements, nor the case whether a courier sent it.
What it lacks is filled in as it is read, as far as anything tells, and written with its next
change.
"""

from __future__ import annotations

from typing import Any

from services.issues.cases import BLANK
from services.issues.clocks import alarms_of
from services.issues.lifecycle import SYSTEM
from services.issues.telling import addressed, measured

Document = dict[str, Any]

UNSAID = {"auto_dispatch": "never", "extensible": False, "emergency": [], "filing_condition": None}
"""What a catalogue row of that time did not say."""
JUDGED_BY = {"on_time": ("feed_back",), "outcome": ("close", "self_handle")}
"""What is judged → the actions by which it is."""


def as_today(raw: Document) -> Document:
    """A stored case in today's shape; the same document when it has it."""
    case = raw if "proposal" in raw else _with_life(raw)
    return case if "courier" in case else _with_figures(case)


def _with_figures(case: Document) -> Document:
    """A case whose history kept no limits and no judgements: those of now are those of its last
    entry, and it was judged last at its last feedback and closing. Earlier limits are not known."""
    history, known = list(case["history"]), measured(case)
    for name, actions in JUDGED_BY.items():
        number = _last(history, actions)
        if name in known and number is not None:
            history[number] = _more_told(history[number], {name: known[name]})
    history[-1] = _more_told(history[-1], known)
    return {**case, "courier": None, "history": history}


def _last(history: list[Document], actions: tuple[str, ...]) -> int | None:
    found = [number for number, entry in enumerate(history) if entry["action"] in actions]
    return found[-1] if found else None


def _more_told(entry: Document, known: Document) -> Document:
    return {**entry, "told": {**entry.get("told", {}), **known}}


def _with_life(raw: Document) -> Document:
    case = {
        **BLANK,
        "patrol": True,
        "urgent": False,
        "emergency": [],
        "photo_hashes": [],
        "photo_bands": [],
        "similar": [],
        "correlation": None,
        "point": {
            "type": "Point",
            "coordinates": [raw["location"]["lng"], raw["location"]["lat"]],
        },
        **raw,
        "category": {**UNSAID, **raw["category"]},
    }
    if case["responsible"]:
        case |= _assigned(case)
    case["history"] = [_entry(case, number) for number in range(len(case["history"]))]
    return {**case, "alarms": alarms_of(case)}


def _assigned(case: Document) -> Document:
    dispatched = next(entry for entry in case["history"] if entry["to"] == "dispatched")
    proposal = {"party": case["responsible"], "rule": "", "why": dispatched["why"]}
    clock = _clock(case, dispatched) if case.get("due_at") else None
    return {
        "proposal": {**proposal, "barred": [], "barred_kinds": []},
        "dispatched_at": dispatched["at"],
        "clock": clock,
        "bundled": clock,
        "bundled_due_at": case.get("due_at"),
    }


def _clock(case: Document, dispatched: Document) -> Document:
    category = case["category"]
    rung = {alarm["kind"] for alarm in case.get("rung", ())}
    return {
        "activity": "disposal",
        "limits": [{"number": category["limit"], "unit": category["limit_unit"]}],
        "runs": [{"start": dispatched["at"], "end": None}],
        "due_at": case["due_at"],
        "due_soon_at": case["due_soon_at"],
        "assumed": case.get("due_assumed", False),
        "rung": sorted(rung | ({"due_soon"} if "overdue" in rung else set())),
        "pressing": [],
    }


def _entry(case: Document, number: int) -> Document:
    """The entry of the history with its action: a report, a dispatch, or an alarm.

    Then nobody but the party was told: the entry names no division whose people were.
    """
    entry = case["history"][number]
    rung = {alarm["version"]: alarm["kind"] for alarm in case.get("rung", ())}
    action = rung.get(number + 1, "dispatch" if number else "report")
    known = {**case, "responsible": case["responsible"] if number else None}
    return {
        **entry,
        "action": action,
        "role": SYSTEM if number else "reporter",
        "told": {
            name: each for name, each in addressed(known, None).items() if name != "community"
        },
    }
