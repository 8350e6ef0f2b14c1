"""Photo hashes and distances against slow, obvious ones."""

from math import acos, cos, radians, sin

from hypothesis import given
from hypothesis import strategies as st

from services.issues.duplicates import (
    ALIKE_BITS,
    EARTH_RADIUS,
    bands,
    differing_bits,
    is_alike,
    metres_between,
)

HASHES = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
POINTS = st.tuples(st.floats(117.5, 118.3), st.floats(33.1, 33.8))


@given(HASHES, st.sets(st.integers(0, 63), max_size=ALIKE_BITS))
def test_photos_that_are_alike_share_a_band(photo, flipped):
    other = f"{int(photo, 16) ^ sum(1 << bit for bit in flipped):016X}"
    assert is_alike([photo], [other])
    assert set(bands(photo)) & set(bands(other))


@given(HASHES, HASHES)
def test_differing_bits_are_counted_one_by_one(one, other):
    bits = [f"{int(each, 16):064b}" for each in (one, other)]
    assert differing_bits(one, other) == sum(a != b for a, b in zip(*bits, strict=True))
    assert is_alike([one], [other]) == (differing_bits(one, other) <= ALIKE_BITS)


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
