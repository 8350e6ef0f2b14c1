"""Shapes of what people send about notices: which they want to read, and how they are reached."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from suishoupai.contracts.questions import LONGEST_PAGE, Page
from suishoupai.contracts.words import LANGUAGES, NOTICE_KINDS

ULID = validate.Regexp(r"^[0-9A-Z]{26}$", error="not the id of a notice")


class NoticeFilter(Page):
    """Filters of the inbox."""

    party = fields.String(
        load_default=None, metadata={"description": "Another party's inbox, within your reach."}
    )
    recipient = fields.String(
        load_default=None,
        metadata={
            "description": "One inbox, within your reach.",
            "example": "dispatcher:341324001001",
        },
    )
    issue = fields.String(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(list(NOTICE_KINDS)))
    unread = fields.Boolean(
        load_default=False, metadata={"description": "Only what you have not read."}
    )
    language = fields.String(
        load_default=None,
        validate=validate.OneOf(list(LANGUAGES)),
        metadata={"description": "Left out, the one you chose."},
    )


class NoticesRead(Schema):
    """What was read: some notices, or everything up to one."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    ids = fields.List(
        fields.String(validate=ULID),
        load_default=None,
        validate=validate.Length(min=1, max=LONGEST_PAGE),
    )
    until = fields.String(load_default=None, validate=ULID)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        """Neither or both would leave open what is meant."""
        if (data.get("ids") is None) == (data.get("until") is None):
            raise ValidationError("either ids or until", "ids")


class Hour(fields.String):
    """A time of day, such as ``22:00``."""

    def __init__(self, **options: Any) -> None:
        hour = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", error="a time such as 22:00")
        super().__init__(validate=hour, **options)


class QuietHours(Schema):
    """Hours of every day in Asia/Shanghai; may go over midnight."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    from_ = Hour(data_key="from", required=True, metadata={"example": "22:00"})
    to = Hour(required=True, metadata={"example": "07:00"})


class ChannelChoice(Schema):
    """How notices reach an account by one channel."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    address = fields.String(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "E-mail address, phone number, key of a bot, or web address; "
            "left out, or masked as it is shown, it stays what it was."
        },
    )
    enabled = fields.Boolean(load_default=True)
    off = fields.List(
        fields.String(validate=validate.OneOf(list(NOTICE_KINDS))),
        load_default=list,
        metadata={"description": "Kinds of notice that do not go by this channel."},
    )


class ByName(fields.Dict):
    """Objects by name, whose faults are named as a caller sees them: ``channels.sms.address``."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **options)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            named = {
                name: each.get("value", each.get("key")) for name, each in error.messages.items()
            }
            raise ValidationError(named) from error


class NotificationChoices(Schema):
    """What an account chose; the inbox is always there."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    language = fields.String(load_default="zh", validate=validate.OneOf(list(LANGUAGES)))
    channels = ByName(
        keys=fields.String(validate=validate.Length(max=32)),
        values=fields.Nested(ChannelChoice),
        load_default=dict,
    )
    quiet = fields.Nested(
        QuietHours,
        allow_none=True,
        metadata={
            "description": "When nothing but urgent notices goes out; null for never, left out for "
            "the county's own."
        },
    )
