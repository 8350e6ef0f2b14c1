"""How far two points lie from each other: the one rule for everything that is near something."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6_378_100.0
"""Metres; the one MongoDB measures distances with."""

Point = tuple[float, float]
"""Longitude and latitude in WGS-84, degrees."""


def metres_between(one: Point, other: Point) -> float:
    """The distance of two points on a sphere (haversine)."""
    (lng, lat), (other_lng, other_lat) = one, other
    north, east = radians(other_lat - lat) / 2, radians(other_lng - lng) / 2
    chord = sin(north) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(chord)))
