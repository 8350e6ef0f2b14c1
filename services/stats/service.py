"""The stats service: what it answers and what it reacts to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from nameko.timer import timer

from services.stats import (
    asking,
    breakdowns,
    handlers,
    place_asking,
    ranking_settings,
    rankings,
    trends,
)
from services.stats import board as boards
from services.stats.definitions import current, current_progress
from services.stats.measures import OpenCases, measure
from services.stats.repeat_places_making import make_due
from services.stats.sources import Sources
from services.stats.store import StatsStore
from services.stats.summary import summary
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.events import CHANGES
from suishoupai.county import County
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.hearsay import Hearsay
from suishoupai.mongo import Store, is_unavailable
from suishoupai.rpc import answers
from suishoupai.settings import read_settings

LOOK_SECONDS = 5
"""How often it is looked whether the repeat places are due."""

log = structlog.get_logger(__name__)


class StatsService:
    """Keeps the county's figures."""

    name = "stats"

    store = Store(StatsStore)
    settings = read_settings()
    county = County(settings.county)
    every = timedelta(seconds=settings.repeat_places_seconds)
    definitions = current()
    ranking_settings = ranking_settings.current()
    progress = current_progress()

    figures_changed = Hearsay("figures")
    open_cases = OpenCases()

    @property
    def sources(self) -> Sources:
        """What its answers are made of."""
        return Sources(
            self.store, self.definitions, self.progress, self.ranking_settings, self.county
        )

    @consume("issue.reported", "issue.assigned", *CHANGES, "notice.sent", purpose="count")
    def count(self, events: list[Any]) -> None:
        """Something happened: it is counted, and said whose figures that changed."""
        changes = handlers.count(events, self.store, self.definitions)
        measure(changes)
        self.figures_changed(handlers.divisions_changed(changes))

    @answers("summary")
    def summary(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The figures of a division."""
        return summary(caller, filters, self.sources)

    @answers("counted")
    def counted(self, caller: Caller, issue: str) -> Any:
        """What is counted of one issue."""
        return handlers.counted(caller, issue, self.store)

    @answers("indicators")
    def indicators(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The indicators of a division."""
        return asking.indicators(caller, filters, self.sources)

    @answers("explain")
    def explain(self, caller: Caller, indicator: str, filters: dict[str, Any]) -> Any:
        """What one indicator is made of."""
        return asking.explain(caller, indicator, filters, self.sources)

    @answers("ranking")
    def ranking(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The units of a group by a score."""
        return rankings.ranked(caller, filters, self.sources)

    @answers("heat")
    def heat(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Where the cases of a division were reported."""
        return place_asking.heat(caller, filters, self.sources)

    @answers("repeat_places")
    def repeat_places(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Where it was complained again and again."""
        return place_asking.repeat_places(caller, filters, self.sources)

    @timer(interval=LOOK_SECONDS, eager=True)
    def find_repeat_places(self) -> None:
        """Time has passed: the repeat places are found anew."""
        try:
            found = make_due(
                self.store, self.county.code, self.definitions.digest, self.every, clock.now()
            )
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("places are found when the database is back", error=str(error))
        else:
            if found is not None:
                log.info("repeat places found", places=found)

    @answers("trend")
    def trend(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Figures from period to period."""
        return trends.trend(caller, filters, self.sources)

    @answers("comparison")
    def comparison(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Figures beside those of the span before and of a year earlier."""
        return trends.comparison(caller, filters, self.sources)

    @answers("funnel")
    def funnel(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """How far cases got."""
        return breakdowns.funnel(caller, filters, self.sources)

    @answers("ageing")
    def ageing(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """How old open cases are."""
        return breakdowns.ageing(caller, filters, self.sources)

    @answers("top")
    def top(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """What most cases have in common."""
        return breakdowns.top(caller, filters, self.sources)

    @answers("board")
    def board(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The board of a division."""
        return boards.board(caller, filters, self.sources)
