"""Which units are ranked together: those of one kind within one division. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from suishoupai.divisions import LEVELS

LENGTHS = {level: length for length, level in LEVELS.items()}
"""Level → digits of a code there."""


@dataclass(frozen=True)
class Group:
    """Units of one kind."""

    within: tuple[str, ...]
    """Levels of the divisions in which they are ranked."""
    level: str | None = None
    """Level of the units, where they are divisions."""
    kind: str | None = None
    """Kind of the units, where they are responsible parties (``words.PARTY_KINDS``)."""
    listed: str = "all"
    """Which of them are there to be ranked, one of ``LISTED``."""

    def suits(self, division: str) -> bool:
        """Whether they are ranked within a division."""
        return LEVELS.get(len(division)) in self.within


GROUPS: Mapping[str, Group] = {
    "town": Group(("county",), level="town"),
    "community": Group(("county", "town"), level="community"),
    "grid": Group(("town", "community"), level="grid", listed="with_cases"),
    "property": Group(("county", "town", "community"), kind="property", listed="with_cases"),
    "department": Group(("county", "town", "community"), kind="department", listed="with_cases"),
}
"""What is ranked, and where (DOMAIN: only within like groups)."""

LISTED: Mapping[str, Mapping[str, str]] = {
    "all": {
        "zh": "列出全部单位，没有案件的也在内",
        "en": "every unit is listed, those without a case too",
    },
    "with_cases": {
        "zh": "只列出这段时间内有案件的单位",
        "en": "only units that have a case in this time are listed",
    },
}
"""Towns and communities are known from ``divisions.json``; of grids and parties, figures know those
only that a case names."""


def units_below(division: str, level: str, divisions: Iterable[str]) -> list[str]:
    """The codes of a level that lie under a division."""
    length = LENGTHS[level]
    return [code for code in divisions if len(code) == length and code.startswith(division)]
