"""What became of a case by all that is known of its steps: the one document that the sets of cases
in ``data/indicators.json`` are written about. Pure functions.

What a later step takes back is not there any more: a case that is worked at again was not handled,
one that was opened again was not closed. So a figure of the past is always as the case is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from suishoupai.contracts.words import ENDED, NEW_PARTY, OUTCOMES, STATES

Document = dict[str, Any]

FIELDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("reported_at", "filed_at", "dispatched_at", "contacted_at", "handled_at"),
            *("disposal_due_at", "closed_at", "rated_at", "ended_at"),
        ),
        "instant",
    ),
    **dict.fromkeys(("returned", "reworks", "extensions", "satisfaction"), "number"),
    **dict.fromkeys(
        (
            *("on_time", "solved", "due_soon", "suspended", "self_handled", "urgent"),
            *("confidential", "with_party", "told"),
        ),
        "truth",
    ),
    **dict.fromkeys(("state", "outcome"), "word"),
}
"""Field → the kind of its value; None is what did not happen or is not known."""
WORDS: Mapping[str, Mapping[str, str]] = {"state": STATES, "outcome": OUTCOMES}
"""Field of kind ``word`` → the words it may have."""
EDITION = 4
"""To be raised whenever a field comes to mean something else, or facts come to hold more of their
cases (as their points, from 3 on), or tallies to be kept of them by other units (from 4 on): what
was counted before is stale."""

NOTHING: Document = {
    **dict.fromkeys(FIELDS),
    **dict.fromkeys(("returned", "reworks", "extensions"), 0),
    **dict.fromkeys([name for name, kind in FIELDS.items() if kind == "truth"], False),
    **dict.fromkeys(("on_time", "solved")),
}

UNFILED = ("reported", "verifying", "accepted", "rejected", "withdrawn", "merged", "void")
"""States that say nothing of a filing: whatever reached another one was filed on the way."""
HANDLED = ("checking", "closed", "rated")
"""States in which the party has done its part."""
CLOSED = ("closed", "rated")
RENEWING = (*NEW_PARTY, "grant_extension", "recategorise")
"""Actions by which a limit is set anew: it has not rung yet."""
CONFIRMING = ("redispatch", "escalate")
"""Actions by which the desk agrees that a returned case was another's."""


def standing(fact: Document) -> Document | None:
    """What became of a case: a value for each of ``FIELDS``; None before its report is known.

    ``fact``: as ``counting`` has it, its steps by sequence. While steps are still on their way it
    tells what those that came tell together.
    """
    if not fact["reported"]:
        return None
    known = {**NOTHING, "reported_at": fact["reported"]["at"]}
    for step in fact["steps"]:
        _ways(known, step)
        _disposal(known, step)
        _end(known, step)
        _counts(known, step)
    state = fact["case"]["state"]
    return {
        **known,
        "state": state,
        "suspended": state == "suspended",
        "with_party": fact["case"]["party"] is not None,
        "told": bool(fact["notices"]),
    }


def _ways(known: Document, step: Document) -> None:
    """When it first got how far."""
    if step["to"] not in UNFILED:
        _first(known, "filed_at", step["at"])
    if step["action"] in NEW_PARTY:
        _first(known, "dispatched_at", step["at"])
    if step["action"] == "take":
        _first(known, "contacted_at", step["at"])


def _first(known: Document, name: str, at: datetime) -> None:
    if known[name] is None:
        known[name] = at


def _disposal(known: Document, step: Document) -> None:
    """By when it must be handled, and whether it is; the limit it was handled under stays with it.

    A clock that stands (returned, suspended) leaves no limit that could pass.
    """
    handled = step["to"] in HANDLED
    if not handled:
        known["handled_at"] = known["on_time"] = None
        known["disposal_due_at"] = step.get("bundled_due_at")
    elif step["action"] == "feed_back":
        known |= {"handled_at": step["at"], "on_time": step.get("on_time")}
    elif step["action"] == "self_handle":
        due = known["disposal_due_at"]
        known |= {"handled_at": step["at"], "on_time": due is None or step["at"] <= due}


def _end(known: Document, step: Document) -> None:
    """When it was closed, rated, ended, and how."""
    closed = step["to"] in CLOSED
    if not closed:
        known |= {"closed_at": None, "outcome": None, "self_handled": False}
    if step["action"] in ("close", "self_handle"):
        known |= {"closed_at": step["at"], "self_handled": step["action"] == "self_handle"}
    if closed and "outcome" in step:
        known["outcome"] = step["outcome"]
    if step["action"] == "rate":
        known["rated_at"] = step["at"]
        known |= {name: step.get(name) for name in ("solved", "satisfaction")}
    if step["to"] not in ENDED:
        known["ended_at"] = None
    else:
        _first(known, "ended_at", step["at"])


def _counts(known: Document, step: Document) -> None:
    """How often what happened, and what it is like now."""
    action = step["action"]
    known["returned"] += step.get("from") == "returned" and action in CONFIRMING
    known["reworks"] += action == "rework"
    known["extensions"] = (
        0 if action in NEW_PARTY else known["extensions"] + (action == "grant_extension")
    )
    known["due_soon"] = action == "due_soon" or (known["due_soon"] and action not in RENEWING)
    known["urgent"] = step.get("urgent", known["urgent"])
    known["confidential"] = step["confidential"]
