"""What each action leaves in a case besides its state, clocks and history: pure functions.

An effect takes the case, the fields given with the action, and the instant, and returns the fields
of the case that change. An action without a line here leaves nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.issues.guards import party_of

Document = dict[str, Any]
Effect = Callable[[Document, Document, datetime], Document]

NOBODY: Document = {"responsible": None}


def _dispatched(case: Document, given: Document, at: datetime) -> Document:
    """A party begins anew, with all its rights."""
    return {
        "responsible": party_of(case, given),
        "dispatched_at": at,
        "taken_at": None,
        "extensions": 0,
        "asked": None,
        "checked": False,
        "on_time": None,
    }


def _asked(case: Document, given: Document, at: datetime) -> Document:
    wanted = {name: given[name] for name in ("extension", "until") if name in given}
    return {"asked": {**wanted, "reason": given["reason"], "at": at}}


def _answered(case: Document, given: Document, at: datetime) -> Document:
    return {"asked": None}


def _extended(case: Document, given: Document, at: datetime) -> Document:
    return {"asked": None, "extensions": case["extensions"] + 1}


def _suspended(case: Document, given: Document, at: datetime) -> Document:
    return {"asked": None, "suspended_until": given["until"], "was_suspended": True}


def _fed_back(case: Document, given: Document, at: datetime) -> Document:
    return {"asked": None, "fed_back_at": at, "checked": False}


def _closed(case: Document, given: Document, at: datetime) -> Document:
    return {"closed_at": at, "outcome": given.get("outcome") or _outcome(case)}


def _outcome(case: Document) -> str:
    """How it ended, unless the dispatcher says otherwise (DOMAIN: 正常, 超时, 差错, 特殊)."""
    if case.get("was_suspended"):
        return "special"
    return "overdue" if case.get("on_time") is False else "normal"


def _self_handled(case: Document, given: Document, at: datetime) -> Document:
    return {"closed_at": at, "outcome": "normal", "self_handled": True, "asked": None}


def _merged(case: Document, given: Document, at: datetime) -> Document:
    return {"main": given["main"], "before_merge": case["state"]}


def _absorbed(case: Document, given: Document, at: datetime) -> Document:
    return {
        "followers": sorted({*case["followers"], *given["followers"]}),
        "merged": [*case["merged"], given["other"]],
    }


def _released(case: Document, given: Document, at: datetime) -> Document:
    left = [each for each in case["merged"] if each["id"] != given["other"]["id"]]
    return {"followers": given["followers"], "merged": left}


def _recategorised(case: Document, given: Document, at: datetime) -> Document:
    """Whose it is now is for the grid to say anew."""
    return {
        "category": given["row"],
        "urgent": bool(given["emergency"]),
        "emergency": given["emergency"],
        "proposal": None,
    }


def _placed(case: Document, given: Document, at: datetime) -> Document:
    return dict(given["place"])


EFFECTS: dict[str, Effect] = {
    "place": _placed,
    "dispatch": _dispatched,
    "redispatch": _dispatched,
    "hand_down": _dispatched,
    "recall": lambda case, given, at: NOBODY,
    "escalate": lambda case, given, at: NOBODY,
    "take": lambda case, given, at: {"taken_at": at},
    "ask_extension": _asked,
    "grant_extension": _extended,
    "refuse_extension": _answered,
    "ask_suspension": _asked,
    "refuse_suspension": _answered,
    "suspend": _suspended,
    "resume": lambda case, given, at: {"suspended_until": None},
    "feed_back": _fed_back,
    "check": lambda case, given, at: {"checked": True},
    "rework": lambda case, given, at: {"checked": False, "reworks": case["reworks"] + 1},
    "close": _closed,
    "self_handle": _self_handled,
    "rate": lambda case, given, at: {
        "rating": {name: given[name] for name in ("solved", "satisfaction")}
    },
    "reopen": lambda case, given, at: {"reopens": case["reopens"] + 1, "closed_at": None},
    "merge": _merged,
    "unmerge": lambda case, given, at: {"main": None, "before_merge": None},
    "recategorise": _recategorised,
    "absorb": _absorbed,
    "release": _released,
}
"""Action → what it leaves in the case."""


def effect_of(action: str, case: Document, given: Document, at: datetime) -> Document:
    """The fields that an action changes."""
    effect = EFFECTS.get(action)
    return effect(case, given, at) if effect else {}
