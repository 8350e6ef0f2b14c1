"""What a board tells of some cases over time, made from their tallies: counts, indicators and
scores. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.stats.comparing import difference, direction, relative
from services.stats.indicators import Indicator, Indicators, Score, Set, scored, value
from services.stats.progress import Progress

Document = dict[str, Any]
Key = tuple[str, str]
"""Kind (``count``, ``indicator``, ``score``) and id of a figure."""
Values = Mapping[Key, float | None]

CHANGES = {"count": relative, "indicator": difference, "score": difference}
"""Kind → how a change of it is told: of counts as a share, else as a difference."""


@dataclass(frozen=True)
class Figures:
    """What is told; the formulas are those of one day."""

    counts: Sequence[Set]
    indicators: Sequence[Indicator]
    scores: Sequence[Score]

    @classmethod
    def on(cls, day: date, known: Indicators, progress: Progress) -> Figures:
        """Those that are in force on a local day."""
        return cls(progress.counts, known.in_force(day), known.scores_in_force(day))

    @property
    def marks(self) -> list[str]:
        """The marks whose tallies they are made from."""
        formulas = {mark for each in self.indicators for mark in (each.numerator, each.denominator)}
        return sorted(formulas | {each.mark for each in self.counts})

    def shown(self, tallied: Mapping[str, int]) -> Document:
        """{counts: {set: cases}, indicators: {id: {numerator, denominator, value}}}."""
        return {
            "counts": {each.id: tallied.get(each.mark, 0) for each in self.counts},
            "indicators": {each.id: value(each, tallied) for each in self.indicators},
        }

    def named(self) -> Iterator[tuple[Key, Mapping[str, str]]]:
        """Every one of them with its name, in the order of the files."""
        kinds: Mapping[str, Sequence[Set | Indicator | Score]] = {
            "count": self.counts,
            "indicator": self.indicators,
            "score": self.scores,
        }
        for kind, rows in kinds.items():
            yield from (((kind, each.id), each.name) for each in rows)

    def values(self, tallied: Mapping[str, int]) -> Values:
        """The value of each; None for an indicator without a case that could count."""
        shares = {each.id: value(each, tallied)["value"] for each in self.indicators}
        return {
            **{("count", each.id): tallied.get(each.mark, 0) for each in self.counts},
            **{("indicator", id): share for id, share in shares.items()},
            **{("score", each.id): scored(each, shares) for each in self.scores},
        }


def compared(key: Key, now: Values, then: Values) -> Document:
    """{value, change, direction} of one figure in another span; what is not in ``then`` is not
    known."""
    kind, _ = key
    value, other = now[key], then.get(key)
    return {
        "value": other,
        "change": CHANGES[kind](value, other),
        "direction": direction(value, other),
    }
