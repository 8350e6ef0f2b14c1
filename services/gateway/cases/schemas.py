"""Shapes of the API's answers about cases."""

from __future__ import annotations

from copy import copy
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.schemas import ProblemDetails
from suishoupai.contracts import shapes
from suishoupai.contracts.words import ACTIONS, ACTIVITIES, LIGHTS, OUTCOMES, STATES


class EmergencyNumber(Schema):
    """Whom to call first."""

    number = fields.String(required=True, metadata={"example": "119"})
    name = fields.String(required=True, metadata={"example": "火警"})


class Receipt(Schema):
    """What a reporter is answered; with emergency numbers, those are to be called first."""

    emergency = fields.List(fields.Nested(EmergencyNumber), required=True)
    id = fields.String(required=True)
    number = fields.String(required=True, metadata={"example": "341324-20260401-00017"})
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    version = fields.Integer(required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")


class HistoryEntry(Schema):
    """One step: when, what, from, to, by whom, in which role, why, with what."""

    at = fields.AwareDateTime(required=True, format="iso")
    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    from_state = fields.String(required=True, allow_none=True, data_key="from")
    to_state = fields.String(required=True, data_key="to")
    by = fields.String(required=True)
    role = fields.String(required=True)
    why = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    given = fields.Dict(required=True)


class Proposal(Schema):
    """Whose the grid says it is, and why."""

    party = fields.Nested(shapes.Party, required=True)
    rule = fields.String(required=True)
    why = fields.String(required=True)
    barred = fields.List(fields.String(), required=True)
    barred_kinds = fields.List(fields.String(), required=True)


class Rating(Schema):
    """What the reporter says of how it was handled."""

    solved = fields.Boolean(required=True)
    satisfaction = fields.Integer(required=True)


class Asked(Schema):
    """What the party asks for and nobody answered yet."""

    reason = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    extension = fields.Dict()
    until = fields.AwareDateTime(format="iso")


class EarlierClock(Schema):
    """A clock that was replaced: by another activity, party or category."""

    which = fields.String(required=True, validate=validate.OneOf(["clock", "bundled"]))
    activity = fields.String(required=True, validate=validate.OneOf(list(ACTIVITIES)))
    limits = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "The limit, then each extension: {number, unit}."},
    )
    due_at = fields.AwareDateTime(
        required=True,
        format="iso",
        allow_none=True,
        metadata={"description": "Null when it stood as it was replaced."},
    )
    replaced_at = fields.AwareDateTime(required=True, format="iso")
    rung = fields.List(fields.String(), required=True)


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, format="iso", allow_none=True)


class Issue(Schema):
    """A case; what is not there yet is null."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    version = fields.Integer(required=True)
    category = fields.Nested(shapes.Category, required=True)
    description = fields.String(required=True)
    location = fields.Nested(shapes.Location, required=True)
    address = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    urgent = fields.Boolean(required=True)
    emergency = fields.List(fields.Nested(EmergencyNumber), required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    observed_at = _instant()
    grid = fields.Nested(shapes.Named, required=True, allow_none=True)
    community = fields.Nested(shapes.Named, required=True, allow_none=True)
    town = fields.Nested(shapes.Named, required=True, allow_none=True)
    county = fields.Nested(shapes.Named, required=True, allow_none=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    responsible = fields.Nested(shapes.Party, required=True, allow_none=True)
    activity = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*ACTIVITIES, None])
    )
    due_at = _instant()
    due_soon_at = _instant()
    bundled_due_at = _instant()
    due_assumed = fields.Boolean(
        required=True, metadata={"description": "A year without published holidays is involved."}
    )
    light = fields.String(required=True, allow_none=True, validate=validate.OneOf([*LIGHTS, None]))
    asked = fields.Nested(Asked, required=True, allow_none=True)
    suspended_until = _instant()
    extensions = fields.Integer(required=True)
    reworks = fields.Integer(required=True)
    reopens = fields.Integer(required=True)
    followers = fields.Integer(
        required=True, metadata={"description": "Others who reported the same."}
    )
    main = fields.Nested(shapes.Reference, required=True, allow_none=True)
    closed_at = _instant()
    outcome = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*OUTCOMES, None])
    )
    rating = fields.Nested(Rating, required=True, allow_none=True)
    history = fields.List(fields.Nested(HistoryEntry), required=True)
    reporter = fields.String(metadata={"description": "Not shown to handlers."})
    proposal = fields.Nested(
        Proposal, allow_none=True, metadata={"description": "For dispatchers and above."}
    )
    similar = fields.List(
        fields.Nested(shapes.Reference),
        allow_none=True,
        metadata={"description": "Perhaps the same problem; for dispatchers and above."},
    )
    merged = fields.List(fields.Nested(shapes.Reference), allow_none=True)
    earlier_clocks = fields.List(
        fields.Nested(EarlierClock), metadata={"description": "For dispatchers and above."}
    )


def _sparse(name: str, described: str) -> type[Schema]:
    """The shape of a case of which only some fields are there, besides its id."""
    sparse: dict[str, Any] = {}
    for key, each in Issue().fields.items():
        sparse[key] = copy(each)
        sparse[key].required = key == "id"
    return type(name, (Schema,), {"__doc__": described, **sparse})


IssueSummary = _sparse(
    "IssueSummary",
    "A case in a list: a summary, without its history and who reported; or what `fields` names.",
)
PartialIssue = _sparse("PartialIssue", "A case, all of it as Issue has it; or what `fields` names.")


class BulkAnswer(Schema):
    """What became of one action, as if it had been sent alone."""

    issue = fields.String(required=True)
    status = fields.Integer(
        required=True, metadata={"description": "The HTTP status it would have been answered with."}
    )
    case = fields.Nested(IssueSummary, metadata={"description": "As it is then, where it is 200."})
    problem = fields.Nested(ProblemDetails, metadata={"description": "Otherwise, why not."})


class BulkAnswers(Schema):
    """What became of each action, in the order given."""

    items = fields.List(fields.Nested(BulkAnswer), required=True)


class Offer(Schema):
    """An action that is open now."""

    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    name = fields.String(required=True, metadata={"example": "受理"})
    to = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    needs = fields.List(fields.String(), required=True)
    takes = fields.List(fields.String(), required=True)
    photos = fields.Integer(
        required=True, metadata={"description": "Fewest photos, where they are needed."}
    )
    condition = fields.String(
        required=True, allow_none=True, metadata={"description": "When to file (立案条件)."}
    )


class Actions(Schema):
    """What the caller may do with a case."""

    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    items = fields.List(fields.Nested(Offer), required=True)


class NearbyIssue(Schema):
    """What anybody may know of an open case near by."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    category = fields.Nested(shapes.Named, required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    metres = fields.Float(required=True)
    same_photo = fields.Boolean(required=True)
    reports = fields.Integer(
        required=True, metadata={"description": "How many reported it: one, and those merged."}
    )


class NearbyIssues(Schema):
    """Open cases that may be about the same problem, the nearest first."""

    items = fields.List(fields.Nested(NearbyIssue), required=True)


class IssuePage(Schema):
    """A page of cases."""

    items = fields.List(fields.Nested(IssueSummary), required=True)
    next = fields.String(required=True, allow_none=True)


class CatalogueRow(shapes.Named):
    """A class of cases."""

    kind = fields.String(required=True)
    major_name = fields.String(required=True)
    confidential = fields.Boolean(required=True)
    responsible = fields.List(fields.String(), required=True)
    filing_condition = fields.String(
        required=True, allow_none=True, metadata={"description": "What makes it a case (立案条件)."}
    )


class Catalogue(Schema):
    """All classes of cases."""

    items = fields.List(fields.Nested(CatalogueRow), required=True)
    changed_at = fields.AwareDateTime(
        required=True, format="iso", metadata={"description": "Since when it is as it is."}
    )


class Suggestion(shapes.Named):
    """A category that a description may speak of."""

    confidence = fields.Float(required=True, metadata={"description": "0 to 1."})
    words = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The parts of the description that spoke for it."},
    )


class Suggestions(Schema):
    """The likeliest categories, the best first; none when no word is known."""

    items = fields.List(fields.Nested(Suggestion), required=True)
