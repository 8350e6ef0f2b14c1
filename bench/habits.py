"""What people of a county report, and how they deal with it: shares and chances as data.

Figures that DOMAIN gives (demo realism) are marked; the others are our own.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

RUBBISH = 33.0
"""暴露垃圾, about a third (DOMAIN)."""
FACILITIES = 13.0
"""部件, codes 01 to 05; the rest are events (DOMAIN: 87 to 13)."""

FAVOURITES: Mapping[str, float] = {
    "06010": RUBBISH,
    **{"01003": 2.4, "01037": 2.8, "01050": 0.5, "01054": 0.9, "01075": 0.5, "01076": 0.9},
    **{"03005": 1.9, "04002": 1.2},
    **{"06012": 6.0, "06042": 4.0, "06017": 2.5, "06036": 3.5, "06013": 2.0, "06028": 1.5},
    **{"09005": 3.5, "09006": 4.0, "09009": 2.0, "09010": 5.5, "09012": 2.5, "07001": 2.0},
    **{"91001": 3.5, "91002": 2.5, "91003": 2.0, "92002": 2.2, "92001": 0.5, "93001": 0.6},
    **{"10002": 0.6, "96001": 0.9, "95001": 0.3, "94001": 0.15, "94002": 0.15},
}
"""Category → percent of all cases; what is left is shared by the others of its kind."""

COURIERS_OWN = "96"
"""Couriers' own needs (DOMAIN: people): to them they matter more than to others."""
COURIERS_OWN_TIMES = 8.0
INDOORS = ("91", "92", "96")
"""Codes of what is found in housing estates only begin so."""
LIGHT = ("06", "07", "09", "91", "03005")
"""Codes of what one pair of hands puts right begin so: these are self-handled."""

SOURCES: Mapping[str, float] = {"member": 0.45, "courier": 0.15, "resident": 0.31, "program": 0.09}
"""Who reports."""


@dataclass(frozen=True)
class Chances:
    """How often what happens: shares of the cases that come to the point where it can."""

    withdrawn: float = 0.006
    rejected_unverified: float = 0.05
    rejected_at_desk: float = 0.012
    recategorised: float = 0.006
    escalated: float = 0.004
    voided: float = 0.002
    duplicate: float = 0.012
    unmerged: float = 0.08
    returned: float = 0.012
    return_refused: float = 0.25
    extension: float = 0.04
    extension_refused: float = 0.2
    suspension: float = 0.006
    suspension_refused: float = 0.2
    resumed_early: float = 0.3
    urged: float = 0.2
    supervised: float = 0.1
    checked_by_member: float = 0.15
    reopened: float = 0.006
    remarked: float = 0.02
    very_late: float = 0.04


CHANCES = Chances()
RATED: Mapping[str, float] = {"member": 0.06, "courier": 0.2, "resident": 0.45, "program": 0.15}
"""Who reported → how often they say in the end how it was."""


@dataclass(frozen=True)
class Party:
    """How a responsible party works."""

    on_time: float
    """0.74 to 0.99 (DOMAIN)."""
    rework: float
    """0.0005 to 0.02 (DOMAIN)."""
    haste: float
    """How much of the limit it takes; the lower the quicker."""


@dataclass(frozen=True)
class Community:
    """How a community works."""

    self_handled: float
    """Share of its closed cases, 0.17 to 0.34 (DOMAIN)."""


SELF_HANDLED_OF_ALL = 0.47
"""Of all that are closed, how many could be self-handled: light ones that members came upon."""


class Temperaments:
    """How each party and community works: drawn once by the seed, the same ever after."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._parties: dict[str, Party] = {}
        self._communities: dict[str, Community] = {}

    def party(self, id: str) -> Party:
        """How a party works."""
        if id not in self._parties:
            chance = random.Random(f"{self._seed}|party|{id}")
            self._parties[id] = Party(
                on_time=chance.uniform(0.76, 0.985),
                rework=0.0005 * 40 ** chance.random(),
                haste=chance.uniform(0.6, 1.6),
            )
        return self._parties[id]

    def community(self, code: str) -> Community:
        """How a community works."""
        if code not in self._communities:
            chance = random.Random(f"{self._seed}|community|{code}")
            self._communities[code] = Community(chance.uniform(0.18, 0.33))
        return self._communities[code]


def weights(codes: list[str]) -> dict[str, float]:
    """Category → percent of all cases, for the categories of a catalogue."""
    known = {code: FAVOURITES[code] for code in codes if code in FAVOURITES}
    found = dict(known)
    for is_facility, share in ((True, FACILITIES), (False, 100 - FACILITIES)):
        mine = [code for code in codes if (code < "06") == is_facility]
        others = [code for code in mine if code not in known]
        left = share - sum(known.get(code, 0.0) for code in mine)
        found |= dict.fromkeys(others, max(left, 0.0) / max(len(others), 1))
    return found
