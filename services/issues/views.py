"""What of a case is shown to whom: a handler never learns who reported (DOMAIN: catalogue)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.issues.lifecycle import Transition
from services.issues.telling import CATEGORY, PLACES, told_category
from suishoupai.access import Caller
from suishoupai.contracts.issue_fields import ISSUE_FIELDS
from suishoupai.contracts.words import ACTIONS

Document = dict[str, Any]

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


def shown(case: Document, caller: Caller, fields: Iterable[str] = ISSUE_FIELDS) -> Document:
    """A case as ``caller`` may see it: its id, and of ``fields`` those that are theirs to see."""
    named = dict.fromkeys(("id", *fields))
    return {name: VIEW[name].show(case, caller) for name in named if VIEW[name].is_for(caller)}


def read_for(fields: Iterable[str]) -> list[str]:
    """The parts of a stored case that ``shown`` needs for these fields."""
    return sorted({part for name in fields for part in VIEW[name].reads})


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
    times = {name: instant(clock[name]) for name in ("due_at", "replaced_at")}
    return {**shown_as_is, **times, "rung": clock["rung"]}


def _asked(asked: Document | None) -> Document | None:
    return {name: _plain(value) for name, value in asked.items()} if asked else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def instant(at: datetime | None) -> str | None:
    """An instant as JSON has it, or None."""
    return at.isoformat() if at else None


Show = Callable[[Document, Caller], Any]


@dataclass(frozen=True)
class View:
    """How a field is shown, what is read of a case for it, and who may see it."""

    show: Show
    reads: tuple[str, ...]
    is_for: Callable[[Caller], bool] = lambda caller: True


def _plain_view(name: str) -> View:
    """What is there from the beginning, as it is."""
    return View(lambda case, caller: case[name], (name,))


def _optional_view(name: str) -> View:
    """What is null before it is there."""
    return View(lambda case, caller: case.get(name), (name,))


def _instant_view(name: str) -> View:
    return View(lambda case, caller: instant(case.get(name)), (name,))


def _desk_view(name: str) -> View:
    """What helps to decide where a case goes; of no concern to its reporter and its handler."""
    return View(lambda case, caller: case.get(name) or None, (name,), _is_desk)


def _is_desk(caller: Caller) -> bool:
    return caller.is_desk


def _sees_reporters(caller: Caller) -> bool:
    return caller.sees_reporters


VIEW: Mapping[str, View] = {
    "id": View(lambda case, caller: case["_id"], ("_id",)),
    "number": _plain_view("number"),
    "state": _plain_view("state"),
    "version": _plain_view("version"),
    "category": View(
        lambda case, caller: told_category(case["category"]),
        tuple(f"category.{name}" for name in CATEGORY),
    ),
    "description": _plain_view("description"),
    "location": _plain_view("location"),
    "address": _plain_view("address"),
    "photos": _plain_view("photos"),
    "urgent": _plain_view("urgent"),
    "emergency": _plain_view("emergency"),
    "reported_at": _instant_view("reported_at"),
    "observed_at": _instant_view("observed_at"),
    **{name: _optional_view(name) for name in PLACES},
    "responsible": _optional_view("responsible"),
    "activity": View(
        lambda case, caller: (case.get("clock") or {}).get("activity"), ("clock.activity",)
    ),
    "due_at": _instant_view("due_at"),
    "due_soon_at": _instant_view("due_soon_at"),
    "bundled_due_at": _instant_view("bundled_due_at"),
    "due_assumed": View(lambda case, caller: bool(case.get("due_assumed")), ("due_assumed",)),
    "light": _optional_view("light"),
    "asked": View(lambda case, caller: _asked(case.get("asked")), ("asked",)),
    "suspended_until": _instant_view("suspended_until"),
    "extensions": _plain_view("extensions"),
    "reworks": _plain_view("reworks"),
    "reopens": _plain_view("reopens"),
    "followers": View(lambda case, caller: len(case["followers"]), ("followers",)),
    "main": _optional_view("main"),
    "closed_at": _instant_view("closed_at"),
    "outcome": _optional_view("outcome"),
    "rating": _optional_view("rating"),
    "history": View(
        lambda case, caller: [_entry(entry, case, caller) for entry in case["history"]],
        ("history", "reporter"),
    ),
    "reporter": View(lambda case, caller: case["reporter"], ("reporter",), _sees_reporters),
    "proposal": _desk_view("proposal"),
    "similar": _desk_view("similar"),
    "merged": _desk_view("merged"),
    "earlier_clocks": View(
        lambda case, caller: [_clock(clock) for clock in case["clocks"]], ("clocks",), _is_desk
    ),
}
"""Field → how it is shown; a case shows nothing else."""
