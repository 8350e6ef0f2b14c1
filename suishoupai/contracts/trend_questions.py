"""Shapes of what is asked of figures over time: trends, comparisons, funnels, ages and the most."""

from __future__ import annotations

from marshmallow import fields, validate

from suishoupai.contracts.figure_questions import CutFilter, DivisionFilter, IndicatorFilter

PERIODS = ("hour", "day", "week", "month", "quarter", "year")
"""How long each point of a trend may be, from short to long."""
TOLD_APART = ("category", "party", "division", "source", "member")
"""By what the most cases are looked for."""
MOST_SHOWN = 100


class TrendFilter(IndicatorFilter):
    """Which cases, and how long each point is."""

    period = fields.String(
        load_default="day",
        validate=validate.OneOf(PERIODS),
        metadata={"description": "Of the local calendar; weeks begin on Monday."},
    )


class AgeingFilter(DivisionFilter, CutFilter):
    """Whose open cases: of a division; of one value of a cut, or all of them."""


class TopFilter(IndicatorFilter):
    """Which cases, by what they are told apart, and how many values are shown."""

    by = fields.String(
        load_default="category",
        validate=validate.OneOf(TOLD_APART),
        metadata={"description": "`division`: one level below. A `cut` goes with that one only."},
    )
    set_ = fields.String(
        data_key="set",
        load_default="reported",
        validate=validate.Length(min=1, max=64),
        metadata={"description": "Id of the set whose cases are counted.", "example": "reported"},
    )
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=MOST_SHOWN))
