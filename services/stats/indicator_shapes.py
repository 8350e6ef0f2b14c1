"""The shape of ``data/indicators.json``; what its parts mean to each other is in ``indicators``."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

ID = validate.Regexp(r"^[a-z][a-z0-9_]{0,62}\Z", error="a-z, 0-9 and _, a letter first")
UNITS = ("share",)


class Strict(Schema):
    """Nothing that is not known: what is misspelt would silently not count."""

    class Meta:
        """An unknown name is a fault."""

        unknown = RAISE


class Name(Strict):
    """What people read."""

    zh = fields.String(required=True, validate=validate.Length(min=1))
    en = fields.String(required=True, validate=validate.Length(min=1))


class Choice(Strict):
    """One instant that an anchor may be, and the condition under which it is."""

    field = fields.String(required=True)
    when = fields.Raw(load_default=None)


class Anchor(Strict):
    """By which instant cases count in a period: the first of the choices that there is."""

    name = fields.Nested(Name, required=True)
    at = fields.List(fields.Nested(Choice), required=True, validate=validate.Length(min=1))


class SetOfCases(Strict):
    """Which cases are in it; ``within``: the set before it that it is a part of."""

    name = fields.Nested(Name, required=True)
    anchor = fields.String(load_default=None)
    within = fields.String(load_default=None)
    when = fields.Raw(required=True)


class Version(Strict):
    """What indicators and scores have in common."""

    id = fields.String(required=True, validate=ID)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    valid_from = fields.Date(required=True, format="iso")
    name = fields.Nested(Name, required=True)
    source = fields.String(required=True, validate=validate.Length(min=1))
    note = fields.String(load_default="")


class IndicatorRow(Version):
    """A formula over two sets."""

    numerator = fields.String(required=True)
    denominator = fields.String(required=True)
    complement = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    unit = fields.String(required=True, validate=validate.OneOf(UNITS))


class Part(Strict):
    """An indicator in a score."""

    indicator = fields.String(required=True)
    weight = fields.Float(
        required=True, allow_nan=False, validate=validate.Range(min=0, min_inclusive=False)
    )


class ScoreRow(Version):
    """A weighted sum of indicators."""

    parts = fields.List(fields.Nested(Part), required=True, validate=validate.Length(min=1))


def _by_id(shape: type[Schema]) -> fields.Dict:
    return fields.Dict(keys=fields.String(validate=ID), values=fields.Nested(shape), required=True)


class IndicatorFile(Strict):
    """Everything."""

    anchors = _by_id(Anchor)
    sets = _by_id(SetOfCases)
    indicators = fields.List(fields.Nested(IndicatorRow), required=True)
    scores = fields.List(fields.Nested(ScoreRow), required=True)
