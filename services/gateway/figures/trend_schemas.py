"""Shapes of the API's answers about figures over time, and about how far cases got."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.gateway.figures.board_schemas import Lights
from services.gateway.figures.schemas import Asked, Counts, Names
from suishoupai.contracts.trend_questions import PERIODS, TOLD_APART
from suishoupai.contracts.words import STATES


class Share(Schema):
    """The value of an indicator, and what it is made of."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    value = fields.Float(required=True, allow_none=True)


class Point(Schema):
    """One period: what of the span lies in it."""

    start = fields.AwareDateTime(required=True, format="iso")
    end = fields.AwareDateTime(required=True, format="iso")
    whole = fields.Boolean(
        required=True, metadata={"description": "Whether all of the period lies in the span."}
    )
    counts = Counts()
    indicators = fields.Dict(keys=fields.String(), values=fields.Nested(Share), required=True)


class Trend(Asked):
    """Counts by set and indicators by id from period to period, by the formulas in force on the
    last day; periods without anything are there too."""

    period = fields.String(required=True, validate=validate.OneOf(PERIODS))
    points = fields.List(fields.Nested(Point), required=True)


class Span(Schema):
    """A span of time."""

    from_ = fields.AwareDateTime(required=True, format="iso", data_key="from")
    to = fields.AwareDateTime(required=True, format="iso")


class Compared(Schema):
    """A figure in another span, and how it changed from there."""

    value = fields.Float(required=True, allow_none=True)
    change = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a count as a share of the other one, null from 0; else a difference."
        },
    )
    direction = fields.String(
        required=True, validate=validate.OneOf(("up", "down", "same", "unknown"))
    )


class Item(Schema):
    """One figure beside what it was."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("count", "indicator", "score")))
    name = fields.Nested(Names, required=True)
    value = fields.Float(required=True, allow_none=True)
    previous = fields.Nested(Compared, required=True)
    year_before = fields.Nested(Compared, required=True)


class Comparison(Asked):
    """Figures beside those of the span before (环比) and of the same span a year earlier (同比);
    nothing is known of what ended before the county's first case."""

    previous = fields.Nested(Span, required=True)
    year_before = fields.Nested(Span, required=True)
    items = fields.List(fields.Nested(Item), required=True)


class Stage(Schema):
    """How many of the cases got this far."""

    set = fields.String(required=True)
    name = fields.Nested(Names, required=True)
    cases = fields.Integer(required=True)
    of_first = fields.Float(required=True, allow_none=True)


class State(Schema):
    """How many of the cases are in a state now."""

    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    name = fields.Nested(Names, required=True)
    cases = fields.Integer(required=True)


class Funnel(Asked):
    """How far the cases reported in the span got, each stage within the one before."""

    stages = fields.List(fields.Nested(Stage), required=True)
    states = fields.List(
        fields.Nested(State),
        required=True,
        allow_none=True,
        metadata={"description": "Of all cases only; null with a cut."},
    )


class Bucket(Schema):
    """The open cases of an age, in local days since their report: 0 is today."""

    from_days = fields.Integer(required=True)
    to_days = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Not included; null: no end."}
    )
    cases = fields.Integer(required=True)


class Ageing(Schema):
    """The open cases of now by their age and by their light."""

    division = fields.String(required=True)
    cut = fields.String(required=True, allow_none=True)
    cut_value = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, format="iso")
    open = fields.Integer(required=True)
    buckets = fields.List(fields.Nested(Bucket), required=True)
    lights = fields.Nested(Lights, required=True)


class Frequent(Schema):
    """A value that is among the most frequent ones."""

    value = fields.String(required=True)
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of a division or a source; others are named in their catalogue."},
    )
    cases = fields.Integer(required=True)
    share = fields.Float(required=True, metadata={"description": "Of `cases` of the answer."})
    tied = fields.Boolean(
        required=True,
        metadata={"description": "Whether another value has as many; those go by their value."},
    )


class Top(Asked):
    """The most frequent values. `cases` are those of all `items`, `others` and `without`."""

    by = fields.String(required=True, validate=validate.OneOf(TOLD_APART))
    set = fields.String(required=True)
    set_name = fields.Nested(Names, required=True)
    cases = fields.Integer(required=True)
    items = fields.List(fields.Nested(Frequent), required=True)
    others = fields.Integer(
        required=True, metadata={"description": "Cases of the values beyond the limit."}
    )
    without = fields.Integer(required=True, metadata={"description": "Cases without any value."})
