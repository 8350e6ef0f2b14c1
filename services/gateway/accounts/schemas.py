"""Shapes of what is asked and answered about accounts."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.gateway.accounts.password_rules import LONGEST, SHORTEST
from services.gateway.operation import PEOPLE
from suishoupai.contracts.questions import DivisionCode, Page
from suishoupai.contracts.words import ROLES

USERNAME = "^[a-z0-9][a-z0-9._-]{1,31}$"
"""Small letters, so that no two names look alike."""
PEOPLES_ROLES = [role for role in ROLES if role in PEOPLE]


class Text(fields.String):
    """A string that can be written down: JSON lets halves of a character through."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValidationError("not valid text") from error
        return text


def _password(shortest: int = 1) -> Text:
    return Text(
        required=True,
        validate=validate.Length(min=shortest, max=LONGEST),
        metadata={"format": "password"},
    )


def _code(**options: Any) -> Text:
    description = "Six digits of the authenticator, or a recovery code."
    return Text(
        validate=validate.Length(min=0, max=32), metadata={"description": description}, **options
    )


class Strict(Schema):
    """What is sent about accounts."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE


def is_username(text: str) -> bool:
    """Whether a text can be a user name."""
    return re.fullmatch(USERNAME, text) is not None and not text.endswith("\n")


class Password(Strict):
    """The caller's password, once more."""

    password = _password()


class PasswordAndCode(Password):
    """Both factors, once more."""

    code = _code(required=True)


class Credentials(Password):
    """User name, password and, where the second factor is on, its code."""

    username = Text(required=True, validate=validate.Length(min=1, max=64))
    code = _code(load_default="")


class Refresh(Strict):
    """The refresh token of the answer before."""

    refresh_token = Text(
        required=True,
        validate=validate.Length(min=1, max=128),
        metadata={"format": "password"},
    )


class Tokens(Schema):
    """An access token, and the refresh token by which the next is had, once."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    refresh_token = fields.String(required=True)
    refresh_expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    session = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(list(ROLES))), required=True)


class Code(Strict):
    """What the authenticator shows."""

    code = _code(required=True)


class NewPassword(Strict):
    """The old password and the new one."""

    old = _password()
    new = _password(SHORTEST)


class AuthenticatorSecret(Schema):
    """What an authenticator is set up with."""

    secret = fields.String(required=True, metadata={"description": "Base 32."})
    uri = fields.String(required=True, metadata={"description": "To be shown as a QR code."})


class RecoveryCodes(Schema):
    """Each stands for one code of the authenticator; shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class Account(Schema):
    """An account."""

    account = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(PEOPLES_ROLES)), required=True)
    division = fields.String(required=True, allow_none=True)
    party = fields.String(required=True, allow_none=True)
    member = fields.String(required=True, allow_none=True)
    courier = fields.Boolean(
        required=True, metadata={"description": "Whether that grid member is a courier."}
    )
    second_factor = fields.Boolean(required=True)
    disabled_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    version = fields.Integer(required=True)


class OwnAccount(Account):
    """The caller's own account."""

    recovery_codes = fields.Integer(required=True, metadata={"description": "How many are left."})
    session = fields.String(required=True, allow_none=True)


class AccountPage(Schema):
    """A page of accounts."""

    items = fields.List(fields.Nested(Account), required=True)
    next = fields.String(required=True, allow_none=True)


class Session(Schema):
    """Where somebody is logged in."""

    id = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    refreshed_at = fields.AwareDateTime(required=True, format="iso")
    expires_at = fields.AwareDateTime(required=True, format="iso")
    address = fields.String(required=True)
    agent = fields.String(required=True)
    current = fields.Boolean(required=True, metadata={"description": "The one that asks."})


class SessionPage(Schema):
    """A page of sessions."""

    items = fields.List(fields.Nested(Session), required=True)
    next = fields.String(required=True, allow_none=True)


def _one_line(text: str) -> None:
    # What ends in a line break matches a pattern that ends in $.
    if text.endswith("\n"):
        raise ValidationError("no line break")


def _roles(shortest: int = 0, **options: Any) -> fields.List[str]:
    """Roles, each once: the rule itself is in ``bindings``."""
    role = fields.String(validate=validate.OneOf(PEOPLES_ROLES))
    length = validate.Length(min=shortest)
    return fields.List(role, validate=length, metadata={"uniqueItems": True}, **options)


def _id(**options: Any) -> fields.String:
    shape = validate.Regexp(r"^[A-Za-z0-9_.-]{1,64}$", error="1 to 64 of A-Za-z0-9_.-")
    return fields.String(allow_none=True, validate=[shape, _one_line], **options)


class Invitation(Strict):
    """Who is invited to what; without roles, whose password is to be set anew."""

    username = Text(
        required=True,
        validate=[validate.Regexp(USERNAME, error="2 to 32 of a-z0-9._-"), _one_line],
    )
    name = Text(load_default="", validate=validate.Length(max=64))
    roles = _roles(load_default=list)
    division = DivisionCode(load_default=None, allow_none=True)
    party = _id(load_default=None)
    member = _id(load_default=None)
    courier = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class Invited(Schema):
    """The token of an invitation; shown this once."""

    token = fields.String(required=True)
    username = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True, format="iso")


class Acceptance(Strict):
    """The token of an invitation, and the password that was chosen."""

    token = Text(
        required=True,
        validate=validate.Length(min=1, max=128),
        metadata={"format": "password"},
    )
    password = _password(SHORTEST)


class Accepted(Schema):
    """Who may log in now."""

    account = fields.String(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf(PEOPLES_ROLES)), required=True)


class AccountFilter(Page):
    """Filters of the accounts; each narrows them."""

    cursor = fields.String(
        load_default="",
        validate=validate.Length(max=64),
        metadata={"description": "`next` of the answer before."},
    )
    role = fields.String(load_default=None, validate=validate.OneOf(PEOPLES_ROLES))


class AccountChange(Strict):
    """What is to be different, and the version that was seen; what is left out stays."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31))
    name = Text(validate=validate.Length(max=64))
    roles = _roles(1)
    division = DivisionCode(allow_none=True)
    party = _id()
    member = _id()
    courier = fields.Boolean(truthy={True}, falsy={False})
    disabled = fields.Boolean(truthy={True}, falsy={False})
