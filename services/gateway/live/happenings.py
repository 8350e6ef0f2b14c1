"""What the log keeps of an event: who may hear of it, and what they are told. Pure functions.

What is told is the same for everybody who may see the case: nothing of who reported or acted, no
words of the report, no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.gateway.happening import shown, whereabouts
from suishoupai.access import Whereabouts
from suishoupai.contracts.events import Event

Document = dict[str, Any]


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


def happenings(events: Iterable[Event], known: Mapping[str, Known]) -> list[Happening]:
    """What events tell of, in their order; ``known``: what the log holds of their cases already.

    An earlier version of an event that does not say who may see its case is left out.
    """
    newest, found = dict(known), []
    for event in events:
        where = whereabouts(event)
        if where is None:
            continue
        before = newest.get(event.subject)
        happening = _happening(event, where, before)
        found.append(happening)
        if before is None or happening.version > before.version:
            newest[event.subject] = Known(happening.version, happening.whereabouts)
    return found


def _happening(event: Event, where: Whereabouts, known: Known | None) -> Happening:
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
        shown=told(event),
    )


def _left(
    data: Mapping[str, Any], where: Whereabouts, known: Known | None
) -> tuple[Whereabouts, ...]:
    left = [known.whereabouts] if known and known.whereabouts != where else []
    if previous := data.get("previous"):
        # The log need not go back to when that party got the case.
        left.append(replace(where, party=previous["id"]))
    return tuple(left)


def told(event: Event) -> Document:
    """What a stream tells of an event: what leaves the house, under the event's id and type."""
    return {"id": event.id, "type": event.type, **shown(event), "left": False}


LEFT = ("id", "type", "time", "issue", "version")


def shown_left(shown: Document) -> Document:
    """What is told to who saw a case and does not any more: that it left, and nothing of it now."""
    return {**{name: shown[name] for name in LEFT}, "left": True}
