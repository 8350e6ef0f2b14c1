"""Shapes of programs and their keys: what is sent and what is answered."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from suishoupai.contracts.questions import NOT_BLANK, DivisionCode

LIMITS = {"reports_per_minute": 60, "reads_per_minute": 600, "uploads_per_minute": 60}
"""Limits of a program's own, and what each is unless it is said."""
MOST_PER_MINUTE = 1_000_000


def _per_minute(name: str) -> fields.Integer:
    return fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=MOST_PER_MINUTE),
        metadata={"description": f"{LIMITS[name]} unless it is said."},
    )


class Limits(Schema):
    """How often a program may ask, each by the minute."""

    class Meta:
        """A misspelt limit is told, not dropped."""

        unknown = RAISE

    reports_per_minute = _per_minute("reports_per_minute")
    reads_per_minute = _per_minute("reads_per_minute")
    uploads_per_minute = _per_minute("uploads_per_minute")


def _name(**options: Any) -> fields.String:
    return fields.String(
        validate=[
            validate.Length(max=100),
            validate.Regexp(NOT_BLANK, error="must not be empty"),
        ],
        metadata={"example": "12345 热线", "minLength": 1},
        **options,
    )


class NewProgram(Schema):
    """A program that is to have a key."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    name = _name(required=True)
    division = DivisionCode(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "It sees what lies under this code; left out, the whole county.",
            "example": "341324001",
        },
    )
    limits = fields.Nested(Limits, load_default=dict)
    contact = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "Whom to ask about it."},
    )
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True, format="iso")


class ProgramChange(Schema):
    """What is to be different; what is left out stays."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version of the program that the caller saw."},
    )
    name = _name()
    disabled = fields.Boolean(truthy={True}, falsy={False})
    limits = fields.Nested(Limits)
    contact = fields.String(validate=validate.Length(max=200))
    expires_at = fields.AwareDateTime(allow_none=True, format="iso")


class Key(Schema):
    """What is kept of an API key: never the key itself."""

    id = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    last_used_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "To the minute."},
    )


class NewKey(Key):
    """An API key, the only time it is shown."""

    key = fields.String(required=True, metadata={"description": "Shown this once."})


class Program(Schema):
    """A program."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    division = fields.String(required=True)
    limits = fields.Nested(Limits, required=True)
    contact = fields.String(required=True)
    disabled = fields.Boolean(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    keys = fields.List(fields.Nested(Key), required=True)


class MadeProgram(Program):
    """A program with its first API key."""

    key = fields.String(required=True, metadata={"description": "Shown this once."})


class ProgramPage(Schema):
    """A page of programs, the newest first."""

    items = fields.List(fields.Nested(Program), required=True)
    next = fields.String(required=True, allow_none=True)
