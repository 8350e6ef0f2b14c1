"""Shapes of the API's answers about notices."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts import notice_questions, shapes
from suishoupai.contracts.words import NOTICE_KINDS


class Notice(Schema):
    """A notice in an inbox; a digest or a report is about no issue, and its number and category are
    null."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(NOTICE_KINDS)))
    issue = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    recipient = fields.String(
        required=True,
        metadata={"description": "Key of the inbox.", "example": "dispatcher:341324001001"},
    )
    party = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the party, in a party's inbox."},
    )
    urgent = fields.Boolean(required=True)
    category = fields.Nested(shapes.Named, required=True, allow_none=True)
    address = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    link = fields.String(
        required=True, allow_none=True, metadata={"description": "Where a report is read."}
    )
    channel = fields.String(required=True)
    read = fields.Boolean(required=True, metadata={"description": "Whether you have read it."})
    sent_at = fields.AwareDateTime(required=True, format="iso")


class Unread(Schema):
    """How many of the newest 1000 notices the caller has not read."""

    unread = fields.Integer(required=True)


class NoticePage(Unread):
    """A page of an inbox; ``unread`` is about all that fits the filters."""

    items = fields.List(fields.Nested(Notice), required=True)
    next = fields.String(required=True, allow_none=True)


class FailedTry(Schema):
    """A try that did not work."""

    at = fields.AwareDateTime(required=True, format="iso")
    fault = fields.String(required=True)


class Delivery(Schema):
    """A message about a notice to one account by one channel."""

    account = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["waiting", "sent", "failed", "off"])
    )
    address = fields.String(
        required=True, allow_none=True, metadata={"description": "Masked; once it was sent."}
    )
    tries = fields.List(fields.Nested(FailedTry), required=True)
    next_try_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    sent_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)


class Deliveries(Schema):
    """The messages about a notice."""

    items = fields.List(fields.Nested(Delivery), required=True)


class AvailableChannel(Schema):
    """A channel that may be chosen, and what its addresses are."""

    channel = fields.String(required=True)
    address = fields.String(
        required=True, validate=validate.OneOf(["email", "phone", "key", "url"])
    )


class Notifications(notice_questions.NotificationChoices):
    """What the caller chose, addresses masked, and what may be chosen."""

    quiet = fields.Nested(notice_questions.QuietHours, required=True, allow_none=True)
    available = fields.List(fields.Nested(AvailableChannel), required=True)
