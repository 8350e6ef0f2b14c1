"""Shapes of the API's answers about accounts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts.words import ROLES


class Token(Schema):
    """An access token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    roles = fields.List(fields.String(validate=validate.OneOf(list(ROLES))), required=True)
