"""Shapes of the API's answers about figures."""

from __future__ import annotations

from marshmallow import Schema, fields


class Counts(fields.Dict):
    """Numbers by code."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.Integer(), required=True)


class Summary(Schema):
    """The figures of a division; a case counts when it was reported."""

    division = fields.String(required=True)
    from_ = fields.AwareDateTime(required=True, format="iso", allow_none=True, data_key="from")
    to = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    reported = fields.Integer(required=True)
    assigned = fields.Integer(required=True)
    noticed = fields.Integer(required=True)
    by_category = Counts()
    by_state = Counts()
    by_party = Counts()
    by_division = Counts()


class Counted(Schema):
    """What is counted of one case."""

    issue = fields.String(required=True)
    counted_at = fields.Dict(
        keys=fields.String(), values=fields.AwareDateTime(format="iso"), required=True
    )
    figures = Counts()
    state = fields.String(
        required=True, allow_none=True, metadata={"description": "In which the case is counted."}
    )


class Names(Schema):
    """A name in both languages."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class Formula(Schema):
    """One version of an indicator (``data/indicators.json``)."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    valid_from = fields.Date(required=True)
    name = fields.Nested(Names, required=True)
    complement = fields.Boolean(
        required=True, metadata={"description": "Whether it tells those not in the numerator."}
    )
    source = fields.String(required=True)
    note = fields.String(required=True)


class Indicator(Formula):
    """An indicator with its value."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    value = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Null where there is no case that could count."},
    )


class ScorePart(Schema):
    """What an indicator adds to a score."""

    indicator = fields.String(required=True)
    weight = fields.Float(required=True)
    value = fields.Float(required=True, allow_none=True)


class Score(Schema):
    """One version of a sum of indicators, out of 100."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.Nested(Names, required=True)
    value = fields.Float(required=True, allow_none=True)
    parts = fields.List(fields.Nested(ScorePart), required=True)
    source = fields.String(required=True)
    note = fields.String(required=True)


class Group(Schema):
    """The indicators of the cases of one value of a cut."""

    value = fields.String(required=True)
    items = fields.List(fields.Nested(Indicator), required=True)
    scores = fields.List(fields.Nested(Score), required=True)


class Asked(Schema):
    """Which cases it is about; what was left out is filled in."""

    division = fields.String(required=True)
    from_ = fields.AwareDateTime(required=True, format="iso", data_key="from")
    to = fields.AwareDateTime(required=True, format="iso")
    cut = fields.String(required=True, allow_none=True)
    cut_value = fields.String(required=True, allow_none=True)


class Indicators(Asked):
    """The indicators and scores of a division, by the formulas in force on the last day."""

    items = fields.List(fields.Nested(Indicator), required=True)
    scores = fields.List(fields.Nested(Score), required=True)
    groups = fields.List(fields.Nested(Group), required=True)


class Set(Schema):
    """A named set of cases."""

    id = fields.String(required=True)
    name = fields.Nested(Names, required=True)
    anchor = fields.String(
        required=True, metadata={"description": "By which instant its cases count in a period."}
    )
    within = fields.String(required=True, allow_none=True)
    when = fields.Dict(required=True, metadata={"description": "Its condition, as it is written."})


class Sets(Schema):
    """The two sets of a formula."""

    numerator = fields.Nested(Set, required=True)
    denominator = fields.Nested(Set, required=True)


class ExplainedCase(Schema):
    """A case that an indicator is made of; unnamed where it is not the caller's to see."""

    issue = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, format="iso")
    in_numerator = fields.Boolean(required=True)


class Explained(Asked, Indicator):
    """What an indicator is made of."""

    sets = fields.Nested(Sets, required=True)
    part = fields.String(required=True)
    cases = fields.List(fields.Nested(ExplainedCase), required=True)
    next = fields.String(required=True, allow_none=True)
