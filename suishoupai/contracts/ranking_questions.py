"""Shape of what is asked of rankings."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from suishoupai.contracts.questions import DivisionCode, Instant

RANKED = ("town", "community", "grid", "property", "department")
"""Kinds of units; those of one kind are ranked together."""


class RankingFilter(Schema):
    """Which units are ranked, within which division, by which score, over which time."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    group = fields.String(
        required=True,
        validate=validate.OneOf(RANKED),
        metadata={
            "description": "Towns within a county, communities within a county or town, grids "
            "within a town or community; property companies and departments within any of them."
        },
    )
    score = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,62}\Z", error="a-z, 0-9 and _"),
        metadata={
            "pattern": "^[a-z][a-z0-9_]{0,62}$",
            "description": "Id of a score in force on the last day; the county's own choice when "
            "left out.",
            "example": "handling_score",
        },
    )
    division = DivisionCode(load_default=None)
    from_ = Instant(
        data_key="from",
        load_default=None,
        metadata={"description": "The month's beginning when left out."},
    )
    to = Instant(load_default=None, metadata={"description": "Now when left out, or later."})
