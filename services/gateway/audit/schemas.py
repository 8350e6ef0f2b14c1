"""Shapes of the audit log: what is asked and what is answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts.questions import Page

OUTCOMES = ("done", "refused")


class AuditFilter(Page):
    """Filters of the audit log; each narrows it."""

    account = fields.String(validate=validate.Length(max=64))
    subject = fields.String(validate=validate.Length(max=128))
    action = fields.String(validate=validate.Length(max=64))


class AuditEntry(Schema):
    """Who did what, and from where."""

    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    account = fields.String(required=True)
    action = fields.String(required=True, metadata={"example": "log_in"})
    subject = fields.String(
        required=True, metadata={"description": "What it was done to: an account, a key, a case."}
    )
    address = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    detail = fields.Dict(required=True)


class AuditPage(Schema):
    """A page of the audit log."""

    items = fields.List(fields.Nested(AuditEntry), required=True)
    next = fields.String(required=True, allow_none=True)
