"""Distances against slow, obvious ones."""

from math import acos, cos, radians, sin

from hypothesis import given
from hypothesis import strategies as st

from suishoupai.distance import EARTH_RADIUS, metres_between

POINTS = st.tuples(st.floats(117.5, 118.3), st.floats(33.1, 33.8))


@given(POINTS, POINTS)
def test_distances_are_those_of_a_sphere(one, other):
    (lng, lat), (other_lng, other_lat) = [tuple(map(radians, point)) for point in (one, other)]
    cosine = sin(lat) * sin(other_lat) + cos(lat) * cos(other_lat) * cos(lng - other_lng)
    slow = EARTH_RADIUS * acos(min(1.0, cosine))
    # The law of cosines loses the last metre of short distances; the haversine does not.
    assert abs(metres_between(one, other) - slow) < 1.0
    assert metres_between(one, other) == metres_between(other, one)


def test_fifty_metres_are_fifty_metres():
    north = 50 / EARTH_RADIUS * 180 / 3.141592653589793
    assert abs(metres_between((117.9, 33.48), (117.9, 33.48 + north)) - 50) < 1e-6
    assert metres_between((117.9, 33.48), (117.9, 33.48)) == 0
