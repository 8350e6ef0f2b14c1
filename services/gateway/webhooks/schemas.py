"""Shapes of webhooks: what is asked, what is answered, and what is sent."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.gateway.happening import TYPES, Happening
from services.gateway.webhooks.messages import MEDIA_TYPE, SCHEMA, TEST
from suishoupai.contracts.questions import DivisionCode, Instant, Page
from suishoupai.outward import LONGEST_URL

LONGEST_DESCRIPTION = 200
STATES = ("waiting", "sent", "failed")
SENT_TYPES = (*TYPES, TEST)


def _types(**options: Any) -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.OneOf(TYPES)),
        allow_none=True,
        validate=[validate.Length(min=1, max=len(TYPES)), _each_once],
        metadata={
            "description": "Types of events; null for all, those to come included.",
            "example": ["issue.dispatched", "issue.closed"],
            "uniqueItems": True,
        },
        **options,
    )


def _each_once(types: list[str]) -> None:
    if len(set(types)) < len(types):
        raise ValidationError("names a type twice")


def _url(**options: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(min=1, max=LONGEST_URL),
        metadata={"example": "https://hotline.example.org/suishoupai", "format": "uri"},
        **options,
    )


class NewWebhook(Schema):
    """A webhook to be made."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    url = _url(required=True)
    types = _types(load_default=None)
    division = DivisionCode(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only cases in it; left out, all that you see."},
    )
    description = fields.String(load_default="", validate=validate.Length(max=LONGEST_DESCRIPTION))


class WebhookChange(Schema):
    """What is to be different; what is left out stays."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version of the webhook that the caller saw."},
    )
    url = _url()
    types = _types()
    division = DivisionCode(allow_none=True)
    description = fields.String(validate=validate.Length(max=LONGEST_DESCRIPTION))
    enabled = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "True also gives a receiver that failed another chance."},
    )


class SwitchedOff(Schema):
    """Since when a webhook is off, and why."""

    at = fields.AwareDateTime(required=True, format="iso")
    why = fields.String(required=True)


class WebhookFailing(Schema):
    """The failures in a row of a receiver."""

    tries = fields.Integer(required=True)
    since = fields.AwareDateTime(required=True, format="iso", allow_none=True)


class Webhook(Schema):
    """An address that what happens is sent to; its secret is shown once, when it is made."""

    id = fields.String(required=True)
    owner = fields.String(required=True, metadata={"description": "Hears of what they may see."})
    url = fields.String(required=True)
    types = fields.List(fields.String(), required=True, allow_none=True)
    division = fields.String(required=True, allow_none=True)
    description = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    disabled = fields.Nested(SwitchedOff, required=True, allow_none=True)
    failing = fields.Nested(WebhookFailing, required=True)
    secret_until = fields.AwareDateTime(
        required=True,
        format="iso",
        allow_none=True,
        metadata={"description": "Until when the secret before this one signs as well."},
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class MadeWebhook(Webhook):
    """A webhook with its secret, which is not shown again."""

    secret = fields.String(
        required=True,
        metadata={"description": "whsec_ and the base64 of 32 bytes (Standard Webhooks)."},
    )


class WebhookPage(Schema):
    """A page of webhooks."""

    items = fields.List(fields.Nested(Webhook), required=True)
    next = fields.String(required=True, allow_none=True)


class WebhookDeliveryFilter(Page):
    """Filters of deliveries; each narrows them."""

    state = fields.String(validate=validate.OneOf(STATES))
    type = fields.String(validate=validate.OneOf(SENT_TYPES))


class WebhookTry(Schema):
    """One try to send."""

    at = fields.AwareDateTime(required=True, format="iso")
    status = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null when nothing answered."}
    )
    error = fields.String(
        required=True, allow_none=True, metadata={"description": "Null when it was taken."}
    )
    ms = fields.Integer(required=True, metadata={"description": "How long it took."})


class WebhookDelivery(Schema):
    """One event on its way to one webhook; kept for 14 days."""

    id = fields.String(required=True, metadata={"description": "The header webhook-id."})
    event = fields.String(required=True, metadata={"description": "Id of the CloudEvent."})
    type = fields.String(required=True, validate=validate.OneOf(SENT_TYPES))
    issue = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was given up."}
    )
    tries = fields.List(
        fields.Nested(WebhookTry), required=True, metadata={"description": "The last 20."}
    )
    next_try_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    sent_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)


class WebhookDeliveryPage(Schema):
    """A page of deliveries."""

    items = fields.List(fields.Nested(WebhookDelivery), required=True)
    next = fields.String(required=True, allow_none=True)


class WebhookReplay(Schema):
    """Which failed deliveries are to be sent again."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    since = Instant(
        load_default=None,
        allow_none=True,
        metadata={
            "type": "string",
            "description": "Made at or after: date or date-time with offset; left out, all.",
        },
    )


class WebhookReplayed(Schema):
    """How many deliveries are sent again."""

    replayed = fields.Integer(
        required=True,
        metadata={"description": "At most 1000 at once, the oldest; ask again for the rest."},
    )


class CloudEvent(Schema):
    """What every message has: it is a CloudEvent 1.0 in structured JSON."""

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.String(required=True)
    source = fields.String(required=True)
    subject = fields.String(
        required=True, metadata={"description": "Id of the case, or of the webhook in a test."}
    )
    time = fields.AwareDateTime(required=True, format="iso")
    datacontenttype = fields.String(required=True, validate=validate.Equal("application/json"))


class WebhookMessage(CloudEvent):
    """Something happened to a case."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    dataschema = fields.String(required=True, validate=validate.Equal(SCHEMA))
    data = fields.Nested(Happening, required=True)


class WebhookTestMessage(CloudEvent):
    """A receiver is tried out."""

    type = fields.String(required=True, validate=validate.Equal(TEST))
    data = fields.Dict(required=True, metadata={"description": "Empty."})


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    described = {"in": "header", "name": name, "required": True, "schema": schema}
    return {**described, "description": description}


def _sent(operation: str, summary: str, message: type[Schema]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{message.__name__}"}
    described = {
        "operationId": operation,
        "summary": summary,
        "tags": ["webhooks"],
        "parameters": [
            _header("webhook-id", "Id of the delivery, the same at every try."),
            _header("webhook-timestamp", "Seconds since 1970 at this try."),
            _header("webhook-signature", "By Standard Webhooks: v1,BASE64, one or two."),
        ],
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Taken"},
            "410": {"description": "Not wanted any more: the webhook is switched off"},
            "default": {"description": "Not taken: it is sent again"},
        },
    }
    return {"post": described}


MESSAGES = (WebhookMessage, WebhookTestMessage)
WEBHOOKS = {
    "happening": _sent("hearOfIssue", "案件动态 · Something happened to a case", WebhookMessage),
    "test": _sent("hearOfTest", "试发 · The receiver is tried out", WebhookTestMessage),
}
"""The section ``webhooks`` of the OpenAPI document, and the shapes that it refers to."""
