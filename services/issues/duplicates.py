"""The same problem reported twice: near in place and time and of the same category, or with a photo
that looks the same.

A photo hash is a 64-bit perceptual hash in hexadecimal; two of them are alike when they differ in
at most ``ALIKE_BITS`` bits. To be found by an index, a hash is kept in four bands of 16 bits: of
two that differ in three bits at most, one band at least is the same (pigeonhole).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

ALIKE_BITS = 3
BANDS = 4
BAND_DIGITS = 4


@dataclass(frozen=True)
class Likeness:
    """When two reports may be about the same problem: settings of a county."""

    metres: float
    within: timedelta


def bands(photo_hash: str) -> list[str]:
    """The bands of a hash, each with its place, such as ``0:a1b2``."""
    return [
        f"{n}:{photo_hash[n * BAND_DIGITS : (n + 1) * BAND_DIGITS].lower()}" for n in range(BANDS)
    ]


def differing_bits(one: str, other: str) -> int:
    """In how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def is_alike(hashes: Iterable[str], others: Sequence[str]) -> bool:
    """Whether one of the photos looks like one of the others."""
    return any(differing_bits(a, b) <= ALIKE_BITS for a in hashes for b in others)
