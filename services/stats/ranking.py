"""Units ranked by a score of indicators: pure functions.

Only units of one kind are ranked together (DOMAIN: rank only within like groups). The higher score
comes first; scores that are shown equal are equal: they share the rank, and the next rank is as
many places further on (1, 2, 2, 4). A unit is not ranked where its score rests on too few cases.
What counts is the smallest denominator of its parts: a sum would count a case once for each part
it is in, and let a part that rests on a single case decide the rank.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.stats.indicators import Indicator, Score, scored, value
from services.stats.ranking_settings import RankingSettings

Document = dict[str, Any]

NO_DATA, TOO_FEW = "no_data", "too_few"
REASONS: Mapping[str, Mapping[str, str]] = {
    NO_DATA: {
        "zh": "这段时间内没有可计入“{zh}”的案件，没有得分，不参与排名",
        "en": "not ranked: in this time there is no case that could count for “{en}”, so no score",
    },
    TOO_FEW: {
        "zh": "可计入“{zh}”的案件只有 {cases} 件，不足 {at_least} 件，不参与排名",
        "en": "not ranked: “{en}” rests on {cases} of at least {at_least} cases",
    },
}
"""Why a unit is not ranked; ``zh``, ``en``: the part of the score that has the fewest cases."""
EXACT = 9
"""Decimals beyond which a score is but the noise of its binary fractions."""


@dataclass(frozen=True)
class Formula:
    """A score with the indicators it is made of."""

    score: Score
    parts: tuple[tuple[Indicator, float], ...]
    """(indicator, its weight) each."""

    @property
    def marks(self) -> frozenset[str]:
        """What is tallied for it."""
        both = ((part.numerator, part.denominator) for part, _ in self.parts)
        return frozenset(mark for each in both for mark in each)


@dataclass(frozen=True)
class Measured:
    """What a unit's score is made of."""

    code: str
    parts: tuple[Document, ...]
    """{indicator, weight, numerator, denominator, value} each."""
    score: float | None
    """Rounded as it is shown; None where a part has no value."""
    cases: int
    """The smallest denominator of the parts."""
    weakest: Mapping[str, str]
    """Name of the first part with that denominator."""


def formula(score: Score, in_force: Sequence[Indicator]) -> Formula:
    """A score with its indicators among those in force at the same time."""
    by_id = {indicator.id: indicator for indicator in in_force}
    return Formula(score, tuple((by_id[id], weight) for id, weight in score.parts))


def measured(code: str, tallied: Mapping[str, int], by: Formula, decimals: int) -> Measured:
    """The score of a unit from how many of its cases have each mark."""
    parts = [
        {"indicator": indicator.id, "weight": weight, **value(indicator, tallied)}
        for indicator, weight in by.parts
    ]
    total = scored(by.score, {part["indicator"]: part["value"] for part in parts})
    cases = [part["denominator"] for part in parts]
    weakest = by.parts[cases.index(min(cases))][0]
    score = None if total is None else rounded(total, decimals)
    return Measured(code, tuple(parts), score, min(cases), weakest.name)


def rounded(score: float, decimals: int) -> float:
    """A score to so many decimals, a half upwards."""
    exact = Decimal(f"{score:.{EXACT}f}")
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def ranking(units: Iterable[Measured], settings: RankingSettings) -> Document:
    """{rows, unranked}: the units that are ranked, best first and ties by code, and the others by
    code, each with its reason."""
    fit: list[tuple[float, Measured]] = []
    left: list[Measured] = []
    for unit in sorted(units, key=lambda unit: unit.code):
        if unit.score is None or unit.cases < settings.at_least:
            left.append(unit)
        else:
            fit.append((unit.score, unit))
    return {
        "rows": _rows(fit, settings),
        "unranked": [{**_shown(unit), "reason": _reason(unit, settings.at_least)} for unit in left],
    }


def _rows(fit: Sequence[tuple[float, Measured]], settings: RankingSettings) -> list[Document]:
    alike = Counter(score for score, _ in fit)
    ascending = sorted(score for score, _ in fit)
    return [
        {
            "rank": 1 + len(fit) - bisect_right(ascending, score),
            "tied": alike[score] > 1,
            "score": score,
            **_shown(unit),
            "light": settings.light(score).to_dict(),
        }
        for score, unit in sorted(fit, key=lambda each: -each[0])
    ]


def _shown(unit: Measured) -> Document:
    return {"code": unit.code, "cases": unit.cases, "parts": list(unit.parts)}


def _reason(unit: Measured, at_least: int) -> Document:
    code = TOO_FEW if unit.cases else NO_DATA
    told = {**unit.weakest, "cases": unit.cases, "at_least": at_least}
    return {"code": code, **{name: text.format(**told) for name, text in REASONS[code].items()}}
