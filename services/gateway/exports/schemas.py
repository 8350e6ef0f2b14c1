"""Shapes of exports: what is asked for, and what is answered."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from services.gateway.exports.columns import COLUMNS
from suishoupai.contracts.questions import IssueFilter, Listed

FORMATS = ("csv", "xlsx")
HEADERS = ("names", "zh")
STATES = ("waiting", "running", "done", "failed")


def _format() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(FORMATS))


def _header() -> fields.String:
    return fields.String(
        load_default="names",
        validate=validate.OneOf(HEADERS),
        metadata={"description": "zh: Chinese names of the columns, and Chinese words in them."},
    )


class ExportFilter(IssueFilter):
    """The filters of the case list; each narrows what is exported."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE
        exclude = ("cursor", "limit", "fields_")


class ExportQuery(IssueFilter):
    """What to export at once: a format, and the filters of the case list."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE
        exclude = ("cursor", "limit")

    format = _format()
    header = _header()
    fields_ = Listed(
        COLUMNS,
        data_key="fields",
        metadata={"description": "Only the columns of these fields, in this order."},
    )


class ExportOrder(Schema):
    """What to export in the background."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    format = _format()
    header = _header()
    fields_ = fields.List(
        fields.String(validate=validate.OneOf(list(COLUMNS))),
        data_key="fields",
        validate=validate.Length(min=1, max=len(COLUMNS)),
        metadata={"description": "Only the columns of these fields, in this order."},
    )
    filters = fields.Nested(ExportFilter)


class Export(Schema):
    """An export and how far it is."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    header = fields.String(required=True, validate=validate.OneOf(HEADERS))
    fields_ = fields.List(fields.String(), required=True, data_key="fields")
    filters = fields.Dict(required=True)
    done = fields.Integer(required=True, metadata={"description": "Rows that are written."})
    total = fields.Integer(
        required=True,
        metadata={"description": "Rows there will be; as many as `done` when it is finished."},
    )
    bytes = fields.Integer(required=True, allow_none=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it failed."}
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    started_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    finished_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    expires_at = fields.AwareDateTime(required=True, format="iso")
    file = fields.String(
        required=True, allow_none=True, metadata={"description": "Where it is, once it is done."}
    )


class ExportPage(Schema):
    """A page of your exports."""

    items = fields.List(fields.Nested(Export), required=True)
    next = fields.String(required=True, allow_none=True)
