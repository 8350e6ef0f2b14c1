"""Shapes of what is asked of the grid: where a report would go, and who there is."""

from __future__ import annotations

from marshmallow import fields, validate

from suishoupai.contracts import shapes
from suishoupai.contracts.questions import DivisionCode, Page
from suishoupai.contracts.words import PARTY_KINDS


class RoutingFilter(shapes.GivenPoint):
    """Which report: its category and point, and the local date whose rules are asked for."""

    category = fields.String(
        required=True,
        validate=validate.Regexp(r"^\d{5}$", error="a category is five digits"),
        metadata={"example": "06010"},
    )
    on = fields.Date(
        load_default=None,
        metadata={"description": "Local date of the report; today when left out."},
    )


class PartyFilter(Page):
    """Filters of the responsible parties; each narrows them."""

    cursor = fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "`next` of the answer before."},
    )
    division = DivisionCode(
        load_default=None,
        metadata={"description": "Theirs, those above and those under it; left out, your own."},
    )
    kind = fields.String(load_default=None, validate=validate.OneOf(list(PARTY_KINDS)))
