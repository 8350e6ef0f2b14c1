"""What answers are made of: the figures, and what the county's folder says of them."""

from __future__ import annotations

from dataclasses import dataclass

from services.stats.indicators import Indicators
from services.stats.progress import Progress
from services.stats.ranking_settings import RankingSettings
from services.stats.store import Edition, StatsStore
from services.stats.tallies_store import TallyStore
from suishoupai.contracts.problems import Problem
from suishoupai.county import County

STALE_SECONDS = 60
"""When to ask again for figures that have to be made anew first."""


@dataclass(frozen=True)
class Sources:
    """What every answer of stats is made of."""

    store: StatsStore
    known: Indicators
    progress: Progress
    ranking: RankingSettings
    county: County

    @property
    def edition(self) -> Edition:
        """The edition that is read; raises ``Problem`` when it was made by other definitions."""
        return edition_of(self.store, self.known)

    @property
    def tallies(self) -> TallyStore:
        """Its tallies; raises ``Problem`` likewise."""
        return self.edition.tallies


def edition_of(store: StatsStore, known: Indicators) -> Edition:
    """The edition that is read; raises ``Problem`` when it was made by other definitions."""
    if store.is_stale(known.digest):
        detail = "the definitions have changed: run `suishoupai rebuild stats`"
        raise Problem("unavailable", detail, (), STALE_SECONDS)
    return store.live()
