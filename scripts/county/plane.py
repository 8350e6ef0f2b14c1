"""Kilometres on a plane around the county seat, and back to degrees."""

from __future__ import annotations

from math import cos, radians

import numpy as np
from shapely import transform
from shapely.geometry.base import BaseGeometry

SEAT = (117.91, 33.48)
"""Longitude and latitude of the county seat, degrees."""
SCALE = np.array([111.32 * cos(radians(SEAT[1])), 110.9])
"""Kilometres per degree east and north."""


def to_plane(geometry: BaseGeometry) -> BaseGeometry:
    """Degrees to kilometres east and north of the county seat."""
    return transform(geometry, lambda points: (points - SEAT) * SCALE)


def to_degrees(geometry: BaseGeometry) -> BaseGeometry:
    """Kilometres to degrees."""
    return transform(geometry, lambda points: points / SCALE + SEAT)
