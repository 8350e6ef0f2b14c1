"""Shapes of the API's answers about places and who is responsible there."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts import shapes
from suishoupai.contracts.words import PARTY_KINDS


class GridAt(Schema):
    """The grid of a point and what lies above it."""

    grid = fields.Nested(shapes.Named, required=True)
    community = fields.Nested(shapes.Named, required=True)
    town = fields.Nested(shapes.Named, required=True)
    county = fields.Nested(shapes.Named, required=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    note = fields.String(required=True)


class RoutedCategory(shapes.Named):
    """A class of cases and the responsible words of its catalogue row."""

    responsible = fields.List(fields.String(), required=True)


class ConsideredRule(Schema):
    """What became of one routing rule."""

    rule = fields.String(required=True, metadata={"example": "property-in-compound"})
    applies = fields.Boolean(required=True)
    why = fields.String(required=True)


class Explanation(GridAt):
    """Who would get a report, by which rule, and what the others said."""

    category = fields.Nested(RoutedCategory, required=True)
    on = fields.Date(required=True)
    responsible = fields.Nested(shapes.Party, required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)
    why = fields.String(required=True)
    clear = fields.Boolean(
        required=True, metadata={"description": "Named by what the case is, not as a last resort."}
    )
    considered = fields.List(
        fields.Nested(ConsideredRule),
        required=True,
        metadata={"description": "In the order they were tried; the deciding rule is the last."},
    )
    barred = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Ids of parties that must never get it."},
    )
    barred_kinds = fields.List(
        fields.String(validate=validate.OneOf(list(PARTY_KINDS))), required=True
    )


class PartyRow(shapes.Party):
    """A responsible party, where it is at work and for what."""

    division = fields.String(required=True)
    duty = fields.String(required=True, metadata={"example": "环卫"})


class PartyPage(Schema):
    """A page of responsible parties."""

    items = fields.List(fields.Nested(PartyRow), required=True)
    next = fields.String(required=True, allow_none=True)


class GridCollection(Schema):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type = fields.String(required=True, validate=validate.Equal("FeatureCollection"))
    note = fields.String(required=True)
    version = fields.Integer(required=True)
    features = fields.List(fields.Dict(), required=True)
