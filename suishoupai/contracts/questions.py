"""Shapes of what people and programs send: validated by the service that owns the record, and
published in the OpenAPI document from these same classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import (
    INCLUDE,
    RAISE,
    Schema,
    ValidationError,
    fields,
    validate,
)

from suishoupai.clock import parse_instant
from suishoupai.contracts import shapes
from suishoupai.contracts.issue_fields import ISSUE_FIELDS
from suishoupai.contracts.problems import invalid_fields
from suishoupai.contracts.words import (
    LIGHTS,
    LIMIT_UNITS,
    OUTCOMES,
    STATES,
)
from suishoupai.divisions import normalise

LONGEST_DESCRIPTION = 4000
"""Characters; a report is a few words, but Open311 lets a description be as long as this."""
LONGEST_NOTE = 1000
"""Characters of what is said with an action, and of what categories are looked for by."""
MOST_PHOTOS = 9
LONGEST_PAGE = 200
"""Most items of one list answer."""
MOST_ACTIONS = 100
"""Most actions of one call."""
NOT_BLANK = r"[^\s\x00-\x20\x7f-\x9f\ufeff\ufffe\uffff]"
"""Something to read: no blank, no control character, in JSON Schema's dialect as in Python's."""
DIVISION_CODE = r"^\d{6}(\d{3}){0,3}$"


class Instant(fields.Field[Any]):
    """A date or a date-time with its offset, as an aware UTC datetime."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **options: Any) -> None:
        shape = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
        super().__init__(metadata={**shape, **(metadata or {})}, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return parse_instant(str(value))
        except ValueError as error:
            raise ValidationError(f"not an ISO 8601 date or date-time: {error}") from error


class DivisionCode(fields.String):
    """A division code in its shortest form; NBS's padding zeros are taken off."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(metadata={"pattern": DIVISION_CODE, **(metadata or {})}, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return normalise(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Listed(fields.String):
    """Some of a closed set of names, with commas between them, as a list without doubles."""

    def __init__(self, names: Iterable[str], **options: Any) -> None:
        self._names = tuple(names)
        one = f"({'|'.join(self._names)})"
        metadata = {"pattern": f"^{one}(,{one})*$", **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        given = super()._deserialize(value, attr, data, **kwargs).split(",")
        if unknown := [name for name in given if name not in self._names]:
            raise ValidationError(f"there is no {unknown[0] or 'empty name'}")
        return list(dict.fromkeys(given))


class Flag(fields.Boolean):
    """True or false, and nothing that may be taken for either."""

    def __init__(self, **options: Any) -> None:
        super().__init__(truthy={True, "true"}, falsy={False, "false"}, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool | str):  # 1 and 0 equal true and false
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


def _not_blank(text: str) -> None:
    if not re.search(NOT_BLANK, text):
        raise ValidationError("must not be empty")


class PhotoHash(fields.String):
    """A 64-bit perceptual hash as 16 hexadecimal digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=validate.Regexp(r"^[0-9a-fA-F]{16}$", error="a photo hash has 16 hex digits"),
            **options,
        )


PHOTOS = "/api/v1/photos"
"""Where the gateway shows the photos that were sent to it, each under its id."""
_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_UPLOADED = re.compile(f"{PHOTOS}/({_ULID})")
_ELSEWHERE = validate.URL(schemes={"http", "https"}, require_tld=False)


def photo_address(photo: str) -> str:
    """The address of a photo that was sent to the gateway."""
    return f"{PHOTOS}/{photo}"


def photo_of(address: Any) -> str | None:
    """The id of the photo at an address of ours; None for any other address."""
    found = _UPLOADED.fullmatch(address) if isinstance(address, str) else None
    return found[1] if found else None


def _photo(address: str) -> None:
    if photo_of(address) is None:
        _ELSEWHERE(address)


def photo_addresses(**options: Any) -> Any:
    """A field of photos by their addresses: ours, or elsewhere."""
    return fields.List(
        fields.String(validate=_photo, metadata={"pattern": rf"^(https?://\S+|{PHOTOS}/{_ULID})$"}),
        validate=validate.Length(max=MOST_PHOTOS),
        metadata={
            "description": f"Addresses of photos: those you sent to {PHOTOS}, or kept elsewhere."
        },
        **options,
    )


class Report(Schema):
    """A 随手拍 report as it is sent."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    category = fields.String(
        required=True,
        validate=validate.Regexp(r"^\d{5}$", error="a category is five digits"),
        metadata={"description": "Code of the catalogue's row.", "example": "06010"},
    )
    description = fields.String(
        required=True,
        validate=[_not_blank, validate.Length(max=LONGEST_DESCRIPTION)],
        metadata={"example": "单元门口垃圾成堆,有异味", "pattern": NOT_BLANK},
    )
    location = fields.Nested(shapes.GivenPoint, required=True)
    address = fields.String(load_default="", validate=validate.Length(max=200))
    photos = photo_addresses(load_default=list)
    photo_hashes = fields.List(
        PhotoHash(),
        load_default=list,
        validate=validate.Length(max=MOST_PHOTOS),
        metadata={
            "description": "Perceptual hash (64 bit) of each photo that is kept elsewhere, to find"
            " duplicates by; those that were sent here are known."
        },
    )
    observed_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "When it was seen, for a report that is sent later.",
        },
    )


class Extension(Schema):
    """By how much a limit is to be longer."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=60))
    unit = fields.String(required=True, validate=validate.OneOf(LIMIT_UNITS))


def _words(longest: int, metadata: Mapping[str, Any] | None = None) -> fields.String:
    return fields.String(
        validate=[_not_blank, validate.Length(max=longest)],
        metadata={"pattern": NOT_BLANK, **(metadata or {})},
    )


class Action(Schema):
    """What comes with an action on a case; which fields it needs, the list of actions says."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    version = fields.Integer(
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version of the case that the caller saw; or If-Match."},
    )
    reason = _words(500)
    note = _words(LONGEST_NOTE)
    photos = photo_addresses()
    party = fields.String(
        validate=validate.Length(min=1, max=64), metadata={"example": "property-001"}
    )
    category = fields.String(
        validate=validate.Regexp(r"^\d{5}$", error="a category is five digits")
    )
    main = fields.String(
        validate=validate.Length(min=1, max=64),
        metadata={"description": "Id or number of the case to merge into."},
    )
    extension = fields.Nested(Extension)
    until = Instant(metadata={"type": "string", "description": "Date or date-time with offset."})
    signed_by = _words(64, metadata={"description": "Head of the unit that signed the escalation."})
    outcome = fields.String(
        validate=validate.OneOf(list(OUTCOMES)),
        metadata={"description": "How it ended, where that is not what the clocks say."},
    )
    solved = fields.Boolean(truthy={True}, falsy={False})
    satisfaction = fields.Integer(strict=True, validate=validate.Range(min=1, max=5))


class BulkItem(Schema):
    """One action of several; the fields of the action lie beside ``issue`` and ``action``."""

    class Meta:
        """Each item is judged by itself, as if it were sent alone."""

        unknown = INCLUDE

    issue = fields.String(required=True, metadata={"description": "Id of the case."})
    action = fields.String(required=True, metadata={"example": "accept"})


class BulkActions(Schema):
    """Actions on several cases, taken in the order given."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    items = fields.List(
        fields.Nested(BulkItem), required=True, validate=validate.Length(min=1, max=MOST_ACTIONS)
    )


class Nearby(shapes.GivenPoint):
    """Where, and of what, open cases are looked for before a report is sent."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    category = fields.String(
        required=True, validate=validate.Regexp(r"^\d{5}$", error="a category is five digits")
    )
    photo_hash = PhotoHash(load_default=None)


class Words(Schema):
    """A description that a category is looked for."""

    class Meta:
        """Nothing else is taken."""

        unknown = RAISE

    description = fields.String(
        required=True,
        validate=[_not_blank, validate.Length(max=LONGEST_NOTE)],
        metadata={"example": "楼道里堆满了纸箱", "pattern": NOT_BLANK},
    )


class Page(Schema):
    """Where in a list to go on, and how far."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    cursor = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[0-9A-Z]{26}$", error="not a cursor of this list"),
        metadata={"description": "`next` of the answer before."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=LONGEST_PAGE))


def _issue_fields() -> Listed:
    return Listed(
        ISSUE_FIELDS,
        data_key="fields",
        metadata={
            "description": "Only these fields, with commas between them; `id` is always there, "
            "and what is not yours to see never is.",
            "example": "number,state,due_at",
        },
    )


class IssueFields(Schema):
    """Which fields of a case; left out, all."""

    class Meta:
        """A misspelt word is told, not dropped."""

        unknown = RAISE

    fields_ = _issue_fields()


class IssueFilter(Page):
    """Filters of the case list; each narrows it."""

    number = fields.String(
        validate=validate.Length(min=1, max=64), metadata={"example": "341324-20260401-00017"}
    )
    state = Listed(STATES, metadata={"description": "One or several, with commas between them."})
    reporter = fields.String(
        validate=validate.OneOf(["me"]), metadata={"description": "Only what you reported."}
    )
    urgent = Flag()
    light = fields.String(validate=validate.OneOf(list(LIGHTS)))
    overdue = Flag(metadata={"description": "Past a limit that still runs: its light is red."})
    category = fields.String()
    grid = fields.String()
    division = DivisionCode(metadata={"description": "County, town, community or grid code."})
    party = fields.String()
    from_ = Instant(
        data_key="from",
        metadata={
            "type": "string",
            "description": "Reported at or after: date or date-time with offset.",
        },
    )
    to = Instant(metadata={"type": "string", "description": "Reported before."})
    fields_ = _issue_fields()


def load(schema: Schema, raw: Any) -> dict[str, Any]:
    """What a caller sent, in shape; raises ``Problem`` naming each field that is not."""
    try:
        loaded: dict[str, Any] = schema.load(raw)
    except ValidationError as error:
        raise invalid_fields(error.messages_dict) from error
    return loaded
