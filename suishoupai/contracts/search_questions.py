"""Shapes of what programs ask about many cases: cases by more filters than a page shows, what
happened to them in a span of time, and what is added to one from outside."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from suishoupai.contracts.questions import LONGEST_DESCRIPTION, Instant, photo_addresses
from suishoupai.contracts.words import ACTIONS, STATES

MOST_FOUND = 1000
"""Most cases or steps of one answer."""
MOST_NAMED = 100
"""Most cases that are asked for by their names."""
LONGEST_REMARK_KEY = 64


class _Search(Schema):
    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    issues = fields.List(
        fields.String(), load_default=None, validate=validate.Length(max=MOST_NAMED)
    )
    """Ids or numbers of the cases that are meant; None: all there are."""
    from_ = Instant(data_key="from", load_default=None, allow_none=True)
    """Instant from which on; each search says of what."""
    before = Instant(load_default=None, allow_none=True)
    """Instant before which."""
    limit = fields.Integer(
        load_default=MOST_FOUND, validate=validate.Range(min=1, max=MOST_FOUND + 1)
    )


class IssueSearch(_Search):
    """Cases, the newest first; the span is of the time of their report."""

    categories = fields.List(fields.String(), load_default=None)
    states = fields.List(fields.String(validate=validate.OneOf(list(STATES))), load_default=None)
    changed_from = Instant(load_default=None, allow_none=True)
    changed_before = Instant(load_default=None, allow_none=True)
    skip = fields.Integer(load_default=0, validate=validate.Range(min=0))


class StepSearch(_Search):
    """Steps of cases, the oldest first; the span is of the time they were taken. Without a span
    cases have to be named."""

    actions = fields.List(fields.String(validate=validate.OneOf(list(ACTIONS))), required=True)


class OutsideRemark(Schema):
    """What is said of a case elsewhere, by which a program knows it again."""

    class Meta:
        """A misspelt field is told, not dropped."""

        unknown = RAISE

    key = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REMARK_KEY))
    """Chosen by the sender, once per remark."""
    note = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_DESCRIPTION))
    photos = photo_addresses(load_default=list)
    status = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=64))
    """What the case is called there; it changes nothing here."""
    observed_at = Instant(load_default=None, allow_none=True)
    """When it was said there."""
