"""Shapes of the API's answers about figures by place."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

DATUM = "WGS-84"


def _datum() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Equal(DATUM),
        metadata={"description": "Coordinate reference system of every point in the answer."},
    )


class CellSize(Schema):
    """How large the cells are."""

    level = fields.Integer(required=True, metadata={"description": "Of the tiles that they are."})
    metres = fields.Float(
        required=True, metadata={"description": "Length of a side in the middle of the box."}
    )


class HeatCell(Schema):
    """A square of the map with its cases."""

    west = fields.Float(required=True)
    south = fields.Float(required=True)
    east = fields.Float(required=True)
    north = fields.Float(required=True)
    cases = fields.Integer(required=True)


class Heat(Schema):
    """Where cases were reported, but for confidential ones."""

    division = fields.String(required=True)
    from_ = fields.AwareDateTime(required=True, format="iso", data_key="from")
    to = fields.AwareDateTime(required=True, format="iso")
    category = fields.String(required=True, allow_none=True)
    datum = _datum()
    zoom = fields.Integer(required=True)
    cell = fields.Nested(CellSize, required=True)
    cells = fields.List(
        fields.Nested(HeatCell),
        required=True,
        metadata={"description": "Those in which there are cases."},
    )
    cases = fields.Integer(required=True, metadata={"description": "Of all these cells."})


class CategoryCases(Schema):
    """How many cases are of a category."""

    code = fields.String(required=True)
    cases = fields.Integer(required=True)


class RepeatPlace(Schema):
    """A point, and the cases within so many metres of it."""

    lng = fields.Float(required=True)
    lat = fields.Float(required=True)
    cases = fields.Integer(required=True)
    first_at = fields.AwareDateTime(required=True, format="iso")
    last_at = fields.AwareDateTime(required=True, format="iso")
    categories = fields.List(
        fields.Nested(CategoryCases),
        required=True,
        metadata={"description": "The most frequent first."},
    )
    community = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the point lies."}
    )
    grid = fields.String(required=True, allow_none=True)


class RepeatPlaces(Schema):
    """Points that were complained about again and again, those most often first."""

    division = fields.String(required=True)
    from_ = fields.AwareDateTime(required=True, format="iso", data_key="from")
    to = fields.AwareDateTime(required=True, format="iso")
    within_metres = fields.Float(required=True)
    days = fields.Integer(required=True)
    datum = _datum()
    made_at = fields.AwareDateTime(
        required=True, format="iso", metadata={"description": "When they were looked for."}
    )
    at_least = fields.Integer(required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Places with at least so many cases: `3` and `5`."},
    )
    places = fields.List(fields.Nested(RepeatPlace), required=True)
