"""What of an event leaves the house, by stream or webhook, and who may be told: pure functions.

Nothing personal goes out: neither who reported, nor who did it, nor their words, nor the address.
Who is told more asks for the case itself.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from suishoupai.access import Whereabouts
from suishoupai.contracts import shapes
from suishoupai.contracts.events import CHANGES, Event
from suishoupai.contracts.words import ACTION_EVENTS, ACTIONS, OUTCOMES, STATES

Document = dict[str, Any]

TYPES = ("issue.reported", *CHANGES)
"""Types of the events that may leave the house."""
ACTION_OF = {event_type: action for action, event_type in ACTION_EVENTS.items()}
LEVELS = ("county", "town", "community", "grid")


class Happening(Schema):
    """What happened to a case, as ``shown`` tells it; what is not known is null."""

    issue = fields.String(required=True, metadata={"description": "Id of the case."})
    number = fields.String(required=True, metadata={"example": "341324-20260401-00017"})
    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    from_state = fields.String(
        required=True,
        allow_none=True,
        data_key="from",
        validate=validate.OneOf([*STATES, None]),
    )
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    version = fields.Integer(
        required=True, metadata={"description": "Of the case after it; orders what happened."}
    )
    category = fields.Nested(shapes.Named, required=True)
    urgent = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Null as it is reported."}
    )
    divisions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "County to grid; the county alone until the case is placed."},
    )
    responsible = fields.Nested(shapes.Party, required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    outcome = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*OUTCOMES, None])
    )
    time = fields.AwareDateTime(required=True, format="iso")


def whereabouts(event: Event) -> Whereabouts | None:
    """What decides who may be told of an event; None for one that nobody may be told of: of another
    type, or of an early version that does not say whose the case is.

    A case is in its county until it is placed, as in the lists: those of a town or community hear
    of it from ``issue.placed`` on.
    """
    data = event.data
    if event.type not in TYPES or not {"reporter", "category"} <= set(data):
        return None
    party = data.get("responsible")
    return Whereabouts(
        reporter=data["reporter"],
        party=party["id"] if party else None,
        divisions=tuple(_divisions(data)),
        confidential=data["category"]["confidential"],
    )


def shown(event: Event) -> Document:
    """An event that has whereabouts, as it is told outside: of the shape ``Happening``."""
    data = event.data
    return {
        "issue": event.subject,
        "number": data["number"],
        "action": ACTION_OF[event.type],
        "from": data.get("from"),
        "state": data.get("to", "reported"),
        "version": event.sequence,
        "category": {name: data["category"][name] for name in ("code", "name")},
        "urgent": data.get("urgent"),
        "divisions": _divisions(data),
        "responsible": data.get("responsible"),
        "due_at": data.get("due_at"),
        "outcome": data.get("outcome"),
        "time": data.get("at") or data["reported_at"],
    }


def _divisions(data: Document) -> list[str]:
    placed = [data[level]["code"] for level in LEVELS if data.get(level)]
    return placed or [data["number"].partition("-")[0]]
