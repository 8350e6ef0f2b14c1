"""Shapes of the API's answers about figures."""

from __future__ import annotations

from marshmallow import Schema, fields


class Counts(fields.Dict):
    """Numbers by code."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.Integer(), required=True)


class Summary(Schema):
    """The figures of a division; a case counts in the hour it was reported."""

    division = fields.String(required=True)
    from_ = fields.AwareDateTime(required=True, format="iso", allow_none=True, data_key="from")
    to = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    reported = fields.Integer(required=True)
    assigned = fields.Integer(required=True)
    noticed = fields.Integer(required=True)
    by_category = Counts()
    by_state = Counts()
    by_party_kind = Counts()
    by_party = Counts()
    by_division = Counts()
    by_hour = Counts()


class Counted(Schema):
    """What is counted of one case."""

    issue = fields.String(required=True)
    counted_at = fields.Dict(
        keys=fields.String(), values=fields.AwareDateTime(format="iso"), required=True
    )
    figures = Counts()
