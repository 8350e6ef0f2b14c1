"""Marshmallow shapes that events, questions and answers have in common."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts.words import DATUMS, PARTY_KINDS


class Named(Schema):
    """A coded place or class with its name: division, grid, category."""

    code = fields.String(required=True, metadata={"example": "341324001001"})
    name = fields.String(required=True, metadata={"example": "汴光社区"})


class Compound(Schema):
    """A housing estate (小区)."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class Party(Schema):
    """A responsible party (责任单位)."""

    id = fields.String(required=True, metadata={"example": "property-001"})
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(PARTY_KINDS)))


class GivenPoint(Schema):
    """A point as a phone gives it: degrees, with the datum they are in."""

    lng = fields.Float(
        required=True,
        allow_nan=False,
        validate=validate.Range(min=-180, max=180),
        metadata={"example": 117.91},
    )
    lat = fields.Float(
        required=True,
        allow_nan=False,
        validate=validate.Range(min=-90, max=90),
        metadata={"example": 33.48},
    )
    datum = fields.String(
        required=True,
        validate=validate.OneOf(DATUMS),
        metadata={"description": "Coordinate reference system of the point; never guessed."},
    )


class Location(Schema):
    """A point kept twice: canonical WGS-84, and raw as it was given."""

    lng = fields.Float(required=True)
    lat = fields.Float(required=True)
    raw = fields.Nested(GivenPoint, required=True)


class Category(Named):
    """The catalogue row a case was reported under; a case keeps the row it was filed with."""

    responsible = fields.List(fields.String(), required=True)
    confidential = fields.Boolean(required=True)


class Reference(Schema):
    """Another case."""

    id = fields.String(required=True)
    number = fields.String(required=True)
