"""What a case has reached by all that is known of its steps, for the metrics: pure functions.

Each milestone of a case is reached once, whatever comes after it, and steps are only ever added to
what is known. So what is reached now and was not before is new, and an event that was counted
before, or comes again, brings nothing new (docs/metrics.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from suishoupai.contracts.words import NEW_PARTY

Document = dict[str, Any]

TIMED = ("responded", "handled")
"""Milestones whose time since the first dispatch says something."""
NOBODY = "none"
"""The kind of party of a case that nobody has."""


@dataclass(frozen=True)
class Milestone:
    """Something that a case reached."""

    name: str
    """``reported``, ``dispatched``, ``overdue``, ``responded`` or ``handled``."""
    major: str
    """The first two digits of its category's code then: its major class."""
    party_kind: str
    """Of the party that had it then."""
    seconds: float | None = None
    """Since its first dispatch; None where that says nothing."""


def reached_newly(before: Document | None, after: Document) -> list[Milestone]:
    """What a case has reached by what is newly known of it, in no order.

    ``before``: the fact as it was known, None for a new one; ``after``: as it is known now.
    """
    known = dict(_reached(before)) if before else {}
    return [milestone for key, milestone in _reached(after) if key not in known]


def _reached(fact: Document) -> Iterator[tuple[tuple[str, int], Milestone]]:
    """Every milestone by its name, and for what happens several times the number of its step.

    What is timed is the first of its kind after the first dispatch that is known. An earlier step
    that becomes known later only adds to what is reached.
    """
    first: dict[str, Document] = {}
    for step in fact["steps"]:
        name = _NAMES.get(step["action"])
        if name == "overdue":
            yield (name, step["sequence"]), _milestone(name, step, None)
        elif name in ("reported", "dispatched") or (name and "dispatched" in first):
            first.setdefault(name, step)
    for name, step in first.items():
        since = first["dispatched"] if name in TIMED else None
        yield (name, 0), _milestone(name, step, since)


_NAMES = {
    "report": "reported",
    **dict.fromkeys(NEW_PARTY, "dispatched"),
    "overdue": "overdue",
    "take": "responded",
    **dict.fromkeys(("feed_back", "self_handle"), "handled"),
}
"""Action → what a case reaches by it. Each ringing of a limit is an overdue of its own."""


def _milestone(name: str, step: Document, since: Document | None) -> Milestone:
    return Milestone(
        name,
        step["category"][:2],
        step.get("party_kind", NOBODY),
        (step["at"] - since["at"]).total_seconds() if since else None,
    )
