"""What the log keeps of an event: who may hear of it, and what they are told. Pure functions.

What is told is the same for everybody who may see the case: nothing of who reported or acted, no
words of the report, no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from suishoupai.access import Whereabouts
from suishoupai.contracts.events import Event

Document = dict[str, Any]

LEVELS = ("county", "town", "community", "grid")


@dataclass(frozen=True)
class Known:
    """The newest that the log holds of a case."""

    version: int
    whereabouts: Whereabouts


@dataclass(frozen=True)
class Happening:
    """Something that happened to a case, as the log keeps it."""

    event: str
    """Id of the event that told of it."""
    type: str
    issue: str
    version: int
    whereabouts: Whereabouts
    """Decides who is told all of it."""
    left: tuple[Whereabouts, ...]
    """Where the case was before: who saw it there, and does not any more, is told that it left."""
    shown: Document
    """What is told."""


def happenings(events: Iterable[Event], county: str, known: Mapping[str, Known]) -> list[Happening]:
    """What events tell of, in their order; ``known``: what the log holds of their cases already.

    An earlier version of an event that does not say who may see its case is left out.
    """
    newest, found = dict(known), []
    for event in events:
        if "reporter" not in event.data:
            continue
        before = newest.get(event.subject)
        told = _happening(event, county, before)
        found.append(told)
        if before is None or told.version > before.version:
            newest[event.subject] = Known(told.version, told.whereabouts)
    return found


def _happening(event: Event, county: str, known: Known | None) -> Happening:
    where = whereabouts_of(event.data, county)
    left = _left(event.data, where, known)
    if known is not None and known.version > event.sequence:
        # Late: whoever sees the case as it is now sees its history, and nobody else does.
        where, left = known.whereabouts, ()
    return Happening(
        event=event.id,
        type=event.type,
        issue=event.subject,
        version=event.sequence,
        whereabouts=where,
        left=left,
        shown=shown(event),
    )


def whereabouts_of(data: Mapping[str, Any], county: str) -> Whereabouts:
    """What decides who may see a case; until it is placed all that is known is its county."""
    places = [data.get(level) for level in LEVELS]
    return Whereabouts(
        reporter=data["reporter"],
        party=_part(data.get("responsible"), "id"),
        divisions=tuple(place["code"] for place in places if place) or (county,),
        confidential=data["category"]["confidential"],
    )


def _left(
    data: Mapping[str, Any], where: Whereabouts, known: Known | None
) -> tuple[Whereabouts, ...]:
    left = [known.whereabouts] if known and known.whereabouts != where else []
    if previous := _part(data.get("previous"), "id"):
        # The log need not go back to when that party got the case.
        left.append(replace(where, party=previous))
    return tuple(left)


def shown(event: Event) -> Document:
    """What is told of an event; null is what it does not say."""
    data, category = event.data, event.data["category"]
    party = data.get("responsible")
    return {
        "id": event.id,
        "type": event.type,
        "time": event.time,
        "issue": event.subject,
        "number": data["number"],
        "version": event.sequence,
        "action": data.get("action", "report"),
        "from": data.get("from"),
        "state": data.get("to", "reported"),
        "category": {name: category[name] for name in ("code", "name")},
        "urgent": data.get("urgent"),
        **{level: _part(data.get(level), "code") for level in LEVELS},
        "responsible": party and {name: party[name] for name in ("id", "name", "kind")},
        "due_at": data.get("due_at"),
        "outcome": data.get("outcome"),
        "left": False,
    }


LEFT = ("id", "type", "time", "issue", "version")


def shown_left(shown: Document) -> Document:
    """What is told to who saw a case and does not any more: that it left, and nothing of it now."""
    return {**{name: shown[name] for name in LEFT}, "left": True}


def _part(named: Mapping[str, Any] | None, name: str) -> str | None:
    return named[name] if named else None
