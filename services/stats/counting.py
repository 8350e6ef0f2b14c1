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
    return merge(fact, {**new_fact(event.subject), **_TOLD[event.type](event)})


def merge(fact: Document, other: Document) -> Document:
    """What two facts of one issue tell together; commutative, associative and idempotent.

    Of two assignments or states the one with the higher sequence holds. When the other tells
    nothing new, the very same fact is returned.
    """
    merged = {
        **fact,
        "reported": fact["reported"] or other["reported"],
        "assignment": _later(fact["assignment"], other["assignment"]),
        "state": _later(fact["state"], other["state"]),
        "notices": sorted({*fact["notices"], *other["notices"]}),
    }
    return fact if merged == fact else merged


def _later(one: Document | None, other: Document | None) -> Document | None:
    if one is None or other is None:
        return one or other
    return other if other["sequence"] > one["sequence"] else one


def reported(at: datetime, number: str, category: str) -> Document:
    """The part of a fact that a report makes; a case number begins with its county's code."""
    return {"at": at, "hour": hour_of(at), "county": number[:6], "category": category}


def assignment(sequence: int, grid: str, party: str, party_kind: str) -> Document:
    """The part of a fact that an assignment makes."""
    return {"sequence": sequence, "grid": grid, "party": party, "party_kind": party_kind}


def state(sequence: int, value: str) -> Document:
    """The part of a fact that a change of state makes."""
    return {"sequence": sequence, "value": value}


def _reported(event: Event) -> Document:
    data = event.data
    at = datetime.fromisoformat(data["reported_at"])
    return {
        "reported": reported(at, data["number"], data["category"]["code"]),
        "state": state(event.sequence, "reported"),
    }


def _assigned(event: Event) -> Document:
    party = event.data["responsible"]
    grid = event.data["grid"]["code"]
    return {"assignment": assignment(event.sequence, grid, party["id"], party["kind"])}


def _dispatched(event: Event) -> Document:
    return {"state": state(event.sequence, event.data["to"])}


def _noticed(event: Event) -> Document:
    return {"notices": [event.data["notice"]]}


_TOLD = {
    "issue.reported": _reported,
    "issue.assigned": _assigned,
    "issue.dispatched": _dispatched,
    "notice.sent": _noticed,
}
"""Event type → the parts of a fact that it tells."""


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
