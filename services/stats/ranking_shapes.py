"""The shape of ``data/rankings.json``; what its parts mean to each other is in
``ranking_settings``."""

from __future__ import annotations

from marshmallow import fields, validate

from services.stats.indicator_shapes import ID, Name, Strict
from suishoupai.contracts.words import LIGHTS

MOST_DECIMALS = 6
"""More digits than this are noise of the division."""


class LightRow(Strict):
    """A colour and a word for the scores from a threshold on."""

    from_ = fields.Float(
        required=True,
        data_key="from",
        allow_nan=False,
        validate=validate.Range(min=0, max=100),
    )
    colour = fields.String(required=True, validate=validate.OneOf(list(LIGHTS)))
    word = fields.Nested(Name, required=True)


class RankingFile(Strict):
    """Everything."""

    score = fields.String(required=True, validate=ID)
    at_least = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    decimals = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0, max=MOST_DECIMALS)
    )
    lights = fields.List(fields.Nested(LightRow), required=True, validate=validate.Length(min=1))
