"""GCJ-02 and WGS-84: the offset of Chinese maps and phones, and its inverse.

The forward offset is the published approximation that all open converters share; the inverse is
found by iteration to about a millimetre. Tested against two independent packages.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt

SEMI_MAJOR = 6378245.0
"""Semi-major axis of the Krasovsky 1940 ellipsoid, metres."""
ECCENTRICITY_SQUARED = 0.00669342162296594323

Point = tuple[float, float]
"""Longitude and latitude, degrees."""


def _waves(value: float, amplitudes: tuple[float, float], divisors: tuple[float, float]) -> float:
    """The sum of sine waves of ``value``, each with its amplitude and half period."""
    return sum(
        amplitude * sin(value * pi / divisor)
        for amplitude, divisor in zip(amplitudes, divisors, strict=True)
    )


def _north_metres(x: float, y: float) -> float:
    polynomial = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    ripple = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    along = _waves(y, (20, 40), (1, 3)) + _waves(y, (160, 320), (12, 30))
    return polynomial + (ripple + along) * 2 / 3


def _east_metres(x: float, y: float) -> float:
    polynomial = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    ripple = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    along = _waves(x, (20, 40), (1, 3)) + _waves(x, (150, 300), (12, 30))
    return polynomial + (ripple + along) * 2 / 3


def _offset(lng: float, lat: float) -> Point:
    x, y = lng - 105, lat - 35
    latitude = lat / 180 * pi
    flattening = 1 - ECCENTRICITY_SQUARED * sin(latitude) ** 2
    meridian = SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED) / (flattening * sqrt(flattening))
    parallel = SEMI_MAJOR / sqrt(flattening) * cos(latitude)
    east, north = _east_metres(x, y), _north_metres(x, y)
    return east * 180 / (parallel * pi), north * 180 / (meridian * pi)


def to_gcj02(lng: float, lat: float) -> Point:
    """A WGS-84 point in GCJ-02; meant for points in mainland China."""
    east, north = _offset(lng, lat)
    return lng + east, lat + north


def to_wgs84(lng: float, lat: float, datum: str) -> Point:
    """A point of the given datum in WGS-84, degrees; raises ``ValueError`` for an unknown datum."""
    if datum == "WGS-84":
        return lng, lat
    if datum != "GCJ-02":
        raise ValueError(f"unknown datum {datum!r}")
    guess_lng, guess_lat = lng, lat
    for _ in range(6):  # the offset changes by < 1 % over its own length: six steps reach 1e-11
        east, north = _offset(guess_lng, guess_lat)
        guess_lng, guess_lat = lng - east, lat - north
    return guess_lng, guess_lat
