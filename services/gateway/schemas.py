"""The shape of a refusal, as the OpenAPI document gives it."""

from __future__ import annotations

from marshmallow import Schema, fields


class FieldError(Schema):
    """One field at fault."""

    field = fields.String(required=True)
    message = fields.String(required=True)


class ProblemDetails(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "urn:suishoupai:problem:invalid"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldError))
    current = fields.Dict(metadata={"description": "The case as it is now, after a conflict."})
