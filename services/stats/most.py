"""The values that most cases have: pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Frequent:
    """A value that is among the most frequent ones."""

    value: str
    cases: int
    tied: bool
    """Whether another value has as many, shown or not."""


def most(found: Mapping[str, int], limit: int) -> tuple[list[Frequent], int]:
    """The ``limit`` values with the most cases, and how many cases the other values have.

    ``found``: value → cases, more than none. Those that have as many stand in the order of their
    values, so that the same ones are shown each time.
    """
    alike = Counter(found.values())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    shown = [Frequent(value, cases, alike[cases] > 1) for value, cases in ranked[:limit]]
    return shown, sum(cases for _, cases in ranked[limit:])
