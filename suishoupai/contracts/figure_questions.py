"""Shapes of what is asked of the county's figures and indicators."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from suishoupai.contracts.questions import DivisionCode, Instant

CUTS = ("category", "party", "source", "courier", "member")
"""By what the cases of a division are told apart."""
PARTS = ("denominator", "numerator")
LONGEST_CURSOR = 80


class DivisionFilter(Schema):
    """Whose figures: of a division; left out, of all that the caller may see."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    division = DivisionCode(load_default=None)


class SummaryFilter(DivisionFilter):
    """Which figures: a division and a span of time; left out, all that the caller may see."""

    from_ = Instant(data_key="from", load_default=None, metadata={"type": "string"})
    to = Instant(load_default=None, metadata={"type": "string"})


class SpanFilter(DivisionFilter):
    """Which cases: of a division, counting in a span of time."""

    from_ = Instant(
        data_key="from",
        load_default=None,
        metadata={"description": "The month's beginning when left out."},
    )
    to = Instant(load_default=None, metadata={"description": "Now when left out, or later."})


class CutFilter(Schema):
    """Of which cut, and of which value of it."""

    cut = fields.String(load_default=None, validate=validate.OneOf(CUTS))
    value = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=64),
        metadata={
            "description": "Only this value of `cut`, such as a category's code. Needed with `cut` "
            "where no groups are answered."
        },
    )


class IndicatorFilter(SpanFilter, CutFilter):
    """Which cases: of a division, counting in a span of time; one cut, or one value of it."""


class ExplainFilter(IndicatorFilter):
    """Which cases, and which page of them."""

    part = fields.String(
        load_default="denominator",
        validate=validate.OneOf(PARTS),
        metadata={"description": "Whose cases are listed; those of the numerator are in both."},
    )
    cursor = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_CURSOR),
        metadata={"description": "`next` of the answer before."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
