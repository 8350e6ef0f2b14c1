"""Photo hashes against slow, obvious ones."""

from hypothesis import given
from hypothesis import strategies as st

from services.issues.duplicates import (
    ALIKE_BITS,
    bands,
    differing_bits,
    is_alike,
)

HASHES = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")


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
