"""Shapes of what is sent and answered about photos."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from suishoupai.contracts import questions, shapes
from suishoupai.contracts.words import DATUMS

BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
"""A body that is bytes, in the terms of OpenAPI."""


class PhotoForm(Schema):
    """A photo as a form sends it."""

    photo = fields.Raw(required=True, metadata=BINARY)


class ReportForm(Schema):
    """A report together with its photos."""

    report = fields.Nested(questions.Report, required=True)
    photo = fields.List(
        fields.Raw(metadata=BINARY), validate=validate.Length(max=questions.MOST_PHOTOS)
    )


class TakenAt(shapes.GivenPoint):
    """Where a photo was taken, by its own data."""

    datum = fields.String(required=True, validate=validate.OneOf(DATUMS[:1]))


class Photo(Schema):
    """A photo that was taken in; ``url`` is what a report or an action names."""

    id = fields.String(required=True)
    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.Equal("image/jpeg"))
    width = fields.Integer(required=True, metadata={"description": "Pixels, upright."})
    height = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    hash = fields.String(
        required=True, metadata={"description": "Perceptual hash: 16 hexadecimal digits."}
    )
    taken_at = fields.AwareDateTime(
        required=True,
        format="iso",
        allow_none=True,
        metadata={"description": "By the photo's own data, which are not kept in it."},
    )
    location = fields.Nested(TakenAt, required=True, allow_none=True)


class Upload(Schema):
    """An upload that comes in pieces."""

    id = fields.String(required=True)
    offset = fields.Integer(required=True, metadata={"description": "Bytes that are here."})
    length = fields.Integer(required=True, metadata={"description": "Bytes there will be."})
    expires_at = fields.AwareDateTime(required=True, format="iso")
    photo = fields.Nested(
        Photo, required=True, allow_none=True, metadata={"description": "Once it is complete."}
    )
