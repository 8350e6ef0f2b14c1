"""Shapes of the API's answers about the board."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.gateway.figures.schemas import Names
from suishoupai.contracts.words import LIGHTS, STATES


class Today(Schema):
    """How many cases came into a set today."""

    set = fields.String(required=True, metadata={"description": "Of `data/indicators.json`."})
    name = fields.Nested(Names, required=True)
    cases = fields.Integer(required=True)


class Light(Schema):
    """How many open cases have a light, and its word."""

    cases = fields.Integer(required=True)
    word = fields.String(required=True, validate=validate.OneOf(list(LIGHTS.values())))


class Lights(Schema):
    """The open cases by how near they are to their limit."""

    green = fields.Nested(Light, required=True)
    yellow = fields.Nested(Light, required=True)
    red = fields.Nested(Light, required=True)


class InState(Schema):
    """How many cases are in a state now."""

    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    name = fields.String(required=True)
    cases = fields.Integer(required=True)


class Board(Schema):
    """The board of a division."""

    division = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    today = fields.List(
        fields.Nested(Today),
        required=True,
        metadata={"description": "Since local midnight, of the sets in `data/progress.json`."},
    )
    open = fields.Integer(required=True)
    lights = fields.Nested(Lights, required=True)
    by_state = fields.List(fields.Nested(InState), required=True)
