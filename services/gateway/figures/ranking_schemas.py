"""Shapes of the API's answers about rankings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.gateway.figures.schemas import Asked, Names, ScorePart
from suishoupai.contracts.ranking_questions import RANKED
from suishoupai.contracts.words import LIGHTS


class RankedScore(Schema):
    """The version of the score that units are ranked by."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.Nested(Names, required=True)
    source = fields.String(required=True)
    note = fields.String(required=True)


class RankedPart(ScorePart):
    """What an indicator adds to the score of a unit."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)


class RankedLight(Schema):
    """How good a score is; the colour never stands alone."""

    colour = fields.String(required=True, validate=validate.OneOf(list(LIGHTS)))
    word = fields.Nested(Names, required=True)


class Unit(Schema):
    """A division or a responsible party."""

    code = fields.String(
        required=True, metadata={"description": "Code of a division, id of a party."}
    )
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of towns and communities; null of grids and parties."},
    )
    cases = fields.Integer(
        required=True,
        metadata={"description": "How many its score rests on: the smallest denominator."},
    )
    parts = fields.List(fields.Nested(RankedPart), required=True)


class RankedUnit(Unit):
    """A unit with its rank; after units that share one, the next is as many places further on."""

    rank = fields.Integer(required=True)
    tied = fields.Boolean(
        required=True, metadata={"description": "Whether another unit has this rank too."}
    )
    score = fields.Float(required=True)
    light = fields.Nested(RankedLight, required=True)


class Told(Names):
    """Something said by a code, and in words."""

    code = fields.String(required=True)


class UnrankedUnit(Unit):
    """A unit without a rank: too few cases (``too_few``), or none for a part (``no_data``)."""

    reason = fields.Nested(Told, required=True)


class Threshold(RankedLight):
    """From which score on a light is shown."""

    from_ = fields.Float(required=True, data_key="from")


class RankingSettings(Schema):
    """By which settings (``data/rankings.json``)."""

    at_least = fields.Integer(
        required=True, metadata={"description": "Cases that a unit needs to be ranked."}
    )
    decimals = fields.Integer(
        required=True,
        metadata={"description": "Scores that are equal to these are equal."},
    )
    lights = fields.List(fields.Nested(Threshold), required=True)


class Ranking(Asked):
    """Units of one kind by their score, best first; ties by code."""

    group = fields.String(required=True, validate=validate.OneOf(RANKED))
    score = fields.Nested(RankedScore, required=True)
    rows = fields.List(fields.Nested(RankedUnit), required=True)
    unranked = fields.List(fields.Nested(UnrankedUnit), required=True)
    listed = fields.Nested(
        Told,
        required=True,
        metadata={"description": "Whether all units are listed, or those with cases only."},
    )
    settings = fields.Nested(RankingSettings, required=True)
