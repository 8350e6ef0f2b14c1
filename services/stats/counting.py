"""What is counted: pure functions from events to facts, and from a fact to the cells it fills.

A fact is all that stats knows of one issue. Events change facts in any order and any number of
times with the same result; a figure is a sum over facts, so a change of a fact changes the totals
by the difference of what it filled before and after. Whatever order, repetition or correction:
the totals equal the sum over the facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from suishoupai.contracts.events import Event
from suishoupai.divisions import ancestry

Document = dict[str, Any]

Cell = tuple[str, datetime, str]
"""Division code, hour (UTC), and the name of the figure, such as ``category.06010``."""


def new_fact(issue: str) -> Document:
    """What is known of an issue before its first event."""
    return {"_id": issue, "reported": None, "assignment": None, "state": None, "notices": []}


def learn(fact: Document, event: Event) -> Document:
    """The fact after an event; the same fact when the event tells nothing new."""
    return _LEARN[event.type](fact, event)


def _reported(fact: Document, event: Event) -> Document:
    if fact["reported"]:
        return fact
    at = datetime.fromisoformat(event.data["reported_at"])
    reported = {
        "at": at,
        "hour": hour_of(at),
        "county": event.data["number"][:6],
        "category": event.data["category"]["code"],
    }
    return _with_state({**fact, "reported": reported}, event, "reported")


def _assigned(fact: Document, event: Event) -> Document:
    if fact["assignment"] and fact["assignment"]["sequence"] >= event.sequence:
        return fact
    assignment = {
        "sequence": event.sequence,
        "grid": event.data["grid"]["code"],
        "party": event.data["responsible"]["id"],
        "party_kind": event.data["responsible"]["kind"],
    }
    return {**fact, "assignment": assignment}


def _dispatched(fact: Document, event: Event) -> Document:
    return _with_state(fact, event, event.data["to"])


def _noticed(fact: Document, event: Event) -> Document:
    notice = event.data["notice"]
    if notice in fact["notices"]:
        return fact
    return {**fact, "notices": sorted([*fact["notices"], notice])}


def _with_state(fact: Document, event: Event, state: str) -> Document:
    if fact["state"] and fact["state"]["sequence"] >= event.sequence:
        return fact
    return {**fact, "state": {"value": state, "sequence": event.sequence}}


_LEARN = {
    "issue.reported": _reported,
    "issue.assigned": _assigned,
    "issue.dispatched": _dispatched,
    "notice.sent": _noticed,
}


def hour_of(at: datetime) -> datetime:
    """The hour an instant lies in, by which figures are kept."""
    return at.replace(minute=0, second=0, microsecond=0)


def figures(fact: Document) -> Counter[str]:
    """What an issue adds to the figures of each division it lies in; nothing before its report."""
    if not fact["reported"]:
        return Counter()
    added = Counter(
        {
            "reported": 1,
            f"category.{fact['reported']['category']}": 1,
            f"state.{fact['state']['value']}": 1,
        }
    )
    if fact["assignment"]:
        added["assigned"] = 1
        added[f"party_kind.{fact['assignment']['party_kind']}"] = 1
        added[f"party.{fact['assignment']['party']}"] = 1
    if fact["notices"]:
        added["noticed"] = len(fact["notices"])
    return added


def divisions_of(fact: Document) -> list[str]:
    """The divisions whose figures an issue counts in: all above its grid, or just the county."""
    if fact["assignment"]:
        return ancestry(fact["assignment"]["grid"])
    return [fact["reported"]["county"]] if fact["reported"] else []


def cells(fact: Document) -> Counter[Cell]:
    """Every cell an issue fills, with how much it adds there."""
    added = figures(fact)
    return Counter(
        {
            (division, fact["reported"]["hour"], name): amount
            for division in divisions_of(fact)
            for name, amount in added.items()
        }
    )


def difference(before: Document, after: Document) -> Iterator[tuple[Cell, int]]:
    """By how much each cell changes when a fact changes."""
    delta = cells(after)
    delta.subtract(cells(before))
    return ((cell, amount) for cell, amount in delta.items() if amount)
