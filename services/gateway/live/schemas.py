"""What can be asked of the stream."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.gateway.happening import TYPES
from suishoupai.contracts.questions import DivisionCode

FIGURES = "figures"
"""The type of the event that tells figures; it has no place in the log."""
ONE_TYPE = rf"(issue\.({'|'.join(name.removeprefix('issue.') for name in TYPES)})|{FIGURES})"
"""Any of them, as a pattern."""


class EventTypes(fields.String):
    """Types of events, with commas between them; raises for one that is never told."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        types = [word.strip() for word in str(value).split(",")]
        for word in types:
            if word not in (*TYPES, FIGURES):
                raise ValidationError(f"{word!r} is not a type of event that is told")
        return frozenset(types)


class StreamedEvent(Schema):
    """One event of the stream, as a reader of server-sent events gets it."""

    id = fields.String(metadata={"description": "Where the stream goes on after it."})
    event = fields.String(
        metadata={
            "description": "A type of event; or `reset`: what happened since cannot be told any "
            "more, read anew what you show; or `figures`, without an id: the board as it is now.",
        }
    )
    data = fields.String(metadata={"description": "JSON: what of the event is told."})
    retry = fields.Integer(metadata={"description": "Milliseconds to wait before coming back."})


class StreamFilter(Schema):
    """Filters of the stream; each narrows it."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    types = EventTypes(
        load_default=None,
        metadata={
            "description": "Types of events, with commas between them; left out, all of them. "
            "`figures` alone: no events of cases.",
            "example": "issue.dispatched,issue.closed",
            "pattern": f"^{ONE_TYPE}(,{ONE_TYPE})*$",
        },
    )
    division = DivisionCode(
        load_default=None,
        metadata={"description": "County, town, community or grid code that the cases lie in."},
    )
    figures = DivisionCode(
        load_default=None,
        metadata={
            "description": "Code of the division whose board is told, now and whenever it changes; "
            "for dispatchers, supervisors and admins."
        },
    )
    last_event_id = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[0-9]{1,18}$", error="not an id of this stream"),
        metadata={
            "description": "Where to go on, for who cannot set the header Last-Event-ID, "
            "which goes before it."
        },
    )
