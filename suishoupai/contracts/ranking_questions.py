"""Shape of what is asked of rankings."""

from __future__ import annotations

from marshmallow import fields, validate

from suishoupai.contracts.figure_questions import SpanFilter

RANKED = ("town", "community", "grid", "property", "department")
"""Kinds of units; those of one kind are ranked together."""


class RankingFilter(SpanFilter):
    """Which units are ranked, within which division, by which score, over which time."""

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
