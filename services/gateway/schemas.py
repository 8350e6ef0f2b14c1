"""Shapes of the API's answers, as the OpenAPI document gives them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from suishoupai.contracts import shapes
from suishoupai.contracts.words import LIGHTS, NOTICE_KINDS, ROLES, STATES


class FieldError(Schema):
    """One field at fault."""

    field = fields.String(required=True)
    message = fields.String(required=True)


class ProblemDetails(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "urn:suishoupai:problem:invalid"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldError))


class Token(Schema):
    """An access token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    roles = fields.List(fields.String(validate=validate.OneOf(list(ROLES))), required=True)


class Receipt(Schema):
    """What a reporter is answered."""

    id = fields.String(required=True)
    number = fields.String(required=True, metadata={"example": "341324-20260401-00017"})
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    version = fields.Integer(required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")


class HistoryEntry(Schema):
    """One change of state: when, from, to, by whom and why."""

    at = fields.AwareDateTime(required=True, format="iso")
    from_state = fields.String(required=True, allow_none=True, data_key="from")
    to_state = fields.String(required=True, data_key="to")
    by = fields.String(required=True)
    why = fields.String(required=True)


class Issue(Schema):
    """A case; places and party are null until it is assigned."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    version = fields.Integer(required=True)
    category = fields.Nested(shapes.Category, required=True)
    description = fields.String(required=True)
    location = fields.Nested(shapes.Location, required=True)
    address = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    observed_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    grid = fields.Nested(shapes.Named, required=True, allow_none=True)
    community = fields.Nested(shapes.Named, required=True, allow_none=True)
    town = fields.Nested(shapes.Named, required=True, allow_none=True)
    county = fields.Nested(shapes.Named, required=True, allow_none=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    responsible = fields.Nested(shapes.Party, required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    due_soon_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    light = fields.String(required=True, allow_none=True, validate=validate.OneOf([*LIGHTS, None]))
    history = fields.List(fields.Nested(HistoryEntry), required=True)
    reporter = fields.String(metadata={"description": "Not shown to handlers."})


class IssuePage(Schema):
    """A page of cases."""

    items = fields.List(fields.Nested(Issue), required=True)
    next = fields.String(required=True, allow_none=True)


class CatalogueRow(shapes.Named):
    """A class of cases."""

    kind = fields.String(required=True)
    major_name = fields.String(required=True)
    confidential = fields.Boolean(required=True)


class Catalogue(Schema):
    """All classes of cases."""

    items = fields.List(fields.Nested(CatalogueRow), required=True)


class GridAt(Schema):
    """The grid of a point and what lies above it."""

    grid = fields.Nested(shapes.Named, required=True)
    community = fields.Nested(shapes.Named, required=True)
    town = fields.Nested(shapes.Named, required=True)
    county = fields.Nested(shapes.Named, required=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    note = fields.String(required=True)


class GridCollection(Schema):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type = fields.String(required=True, validate=validate.Equal("FeatureCollection"))
    note = fields.String(required=True)
    version = fields.Integer(required=True)
    features = fields.List(fields.Dict(), required=True)


class Notice(Schema):
    """A notice in an inbox; a digest is about no issue, and its number and category are null."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(NOTICE_KINDS)))
    issue = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    party = fields.String(required=True)
    category = fields.Nested(shapes.Named, required=True, allow_none=True)
    address = fields.String(required=True)
    text = fields.String(required=True)
    channel = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True, format="iso")


class NoticePage(Schema):
    """A page of an inbox."""

    items = fields.List(fields.Nested(Notice), required=True)
    next = fields.String(required=True, allow_none=True)


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
