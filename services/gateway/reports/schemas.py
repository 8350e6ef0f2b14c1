"""Shapes of reports: what is asked for, and what is answered."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from services.gateway.exports.schemas import STATES
from services.gateway.reports.months import PATTERN
from suishoupai.contracts.questions import DivisionCode, Page

FORMATS = ("xlsx", "html")
MOST_SUBSCRIPTIONS = 50


def _month(**options: object) -> fields.String:
    return fields.String(
        validate=validate.Regexp(PATTERN.replace("$", r"\Z"), error="a month such as 2026-10"),
        metadata={"pattern": PATTERN, "example": "2026-10", **options.pop("metadata", {})},  # type: ignore[dict-item]
        **options,  # type: ignore[arg-type]
    )


class ReportOrder(Schema):
    """Which report is to be made."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    division = DivisionCode(
        load_default=None,
        metadata={
            "type": "string",
            "description": "A county, town or community; your own when left out.",
        },
    )
    month = _month(
        load_default=None,
        metadata={"description": "The month before this one when left out; one that has begun."},
    )


class ReportFilter(Page):
    """Filters of the reports; each narrows them."""

    division = DivisionCode(
        load_default=None, metadata={"type": "string", "description": "Only of this division."}
    )
    month = _month(load_default=None)


class FileQuery(Schema):
    """Which file of a report."""

    class Meta:
        """A misspelt name is told, not dropped."""

        unknown = RAISE

    format = fields.String(
        required=True,
        validate=validate.OneOf(FORMATS),
        metadata={"description": "html: a page to be printed on A4."},
    )


class ReportFile(Schema):
    """A file of a report that is done."""

    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    bytes = fields.Integer(required=True)
    file = fields.String(required=True, metadata={"description": "Where it is."})


class MonthlyReport(Schema):
    """A report and how far it is."""

    id = fields.String(required=True)
    division = fields.String(required=True)
    month = fields.String(required=True)
    scheduled = fields.Boolean(
        required=True, metadata={"description": "Whether it was made by itself, and for all."}
    )
    title = fields.String(
        required=True, allow_none=True, metadata={"description": "Once it is done."}
    )
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    done = fields.Integer(required=True, metadata={"description": "Steps that are done."})
    total = fields.Integer(
        required=True, metadata={"description": "Steps there are, as far as is known by now."}
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it failed."}
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    started_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    finished_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    expires_at = fields.AwareDateTime(required=True, format="iso")
    files = fields.List(fields.Nested(ReportFile), required=True)


class ReportPage(Schema):
    """A page of the reports of the divisions you see."""

    items = fields.List(fields.Nested(MonthlyReport), required=True)
    next = fields.String(required=True, allow_none=True)


class ReportChoices(Schema):
    """Of which divisions you want the report of each month."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    divisions = fields.List(
        DivisionCode(metadata={"type": "string"}),
        required=True,
        validate=validate.Length(max=MOST_SUBSCRIPTIONS),
    )


class Subscription(Schema):
    """A division whose reports you hear of."""

    code = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True, format="iso")


class Subscriptions(Schema):
    """What you hear of, and when the next ones are made."""

    divisions = fields.List(fields.Nested(Subscription), required=True)
    next_month = fields.String(
        required=True, metadata={"description": "The month that is reported on next."}
    )
    next_at = fields.AwareDateTime(required=True, format="iso")
