"""Shapes of what is asked of figures by place: heat, and points complained about repeatedly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from suishoupai.contracts.figure_questions import DivisionFilter, SpanFilter
from suishoupai.contracts.questions import Instant

_DEGREES = r"-?\d{1,3}(\.\d{1,15})?"
BOX = rf"^{_DEGREES}(,{_DEGREES}){{3}}$"
NORTHERNMOST = 85.0511
"""Degrees; a square map of the world (web mercator) ends there."""
LARGEST_ZOOM = 22
MOST_PLACES = 100


class MapBox(fields.Field[Any]):
    """``west,south,east,north`` in WGS-84, degrees, as four numbers."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **options: Any) -> None:
        shape = {"type": "string", "pattern": BOX, "example": "117.86,33.44,117.95,33.52"}
        super().__init__(metadata={**shape, **(metadata or {})}, **options)

    def _deserialize(
        self, value: Any, attr: Any, data: Any, **kwargs: Any
    ) -> tuple[float, float, float, float]:
        if not isinstance(value, str) or not re.fullmatch(BOX, value, re.ASCII):
            raise ValidationError("four numbers with commas between them: west,south,east,north")
        west, south, east, north = map(float, value.split(","))
        if not (-180 <= west <= 180 and -180 <= east <= 180):
            raise ValidationError("west and east lie from -180 to 180 degrees")
        if max(abs(south), abs(north)) > NORTHERNMOST:
            raise ValidationError(f"south and north lie within {NORTHERNMOST} degrees")
        if west >= east:
            raise ValidationError(f"west ({west}) must be less than east ({east})")
        if south >= north:
            raise ValidationError(f"south ({south}) must be less than north ({north})")
        return west, south, east, north


class HeatFilter(SpanFilter):
    """Which cases: of a division, reported in a span of time; and which piece of the map."""

    box = MapBox(
        required=True,
        metadata={"description": "west,south,east,north in WGS-84; cells it touches are whole."},
    )
    zoom = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=LARGEST_ZOOM),
        metadata={"description": "Zoom of the map, by tiles of 256 pixels."},
    )
    category = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^\d{5}$", error="a category is five digits"),
        metadata={"description": "Only cases of this category.", "example": "06010"},
    )


class RepeatPlacesFilter(DivisionFilter):
    """Which places: of a division, complained about at least so often in the days before ``to``."""

    to = Instant(
        load_default=None,
        metadata={"description": "Left out, what was found last; the past of a town or below."},
    )
    at_least = fields.Integer(
        load_default=3,
        validate=validate.Range(min=3, max=1000),
        metadata={"description": "Cases that a place has at least."},
    )
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=MOST_PLACES))
