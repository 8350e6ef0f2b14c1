"""The stats service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

from services.stats import asking, breakdowns, handlers, ranking_settings, rankings, trends
from services.stats.definitions import current, current_progress
from services.stats.store import StatsStore
from suishoupai.access import Caller
from suishoupai.contracts.events import CHANGES
from suishoupai.county import County, division_names
from suishoupai.messaging.consumer import consume
from suishoupai.mongo import Store
from suishoupai.rpc import answers
from suishoupai.settings import read_settings


class StatsService:
    """Keeps the county's figures."""

    name = "stats"

    store = Store(StatsStore)
    county = County(read_settings().county)
    definitions = current()
    progress = current_progress()
    names = division_names(read_settings().county)
    ranking_settings = ranking_settings.current()

    @consume("issue.reported", "issue.assigned", *CHANGES, "notice.sent", purpose="count")
    def count(self, events: list[Any]) -> None:
        """Something happened: it is counted."""
        handlers.count(events, self.store, self.definitions)

    @answers("summary")
    def summary(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The figures of a division."""
        return handlers.summary(caller, filters, self.store, self.county.code)

    @answers("counted")
    def counted(self, caller: Caller, issue: str) -> Any:
        """What is counted of one issue."""
        return handlers.counted(caller, issue, self.store)

    @answers("indicators")
    def indicators(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The indicators of a division."""
        return asking.indicators(caller, filters, self.store, self.definitions, self.county.code)

    @answers("explain")
    def explain(self, caller: Caller, indicator: str, filters: dict[str, Any]) -> Any:
        """What one indicator is made of."""
        return asking.explain(
            caller, indicator, filters, self.store, self.definitions, self.county.code
        )

    @answers("trend")
    def trend(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Figures from period to period."""
        return trends.trend(
            caller, filters, self.store, self.definitions, self.progress, self.county.code
        )

    @answers("comparison")
    def comparison(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Figures beside those of the span before and of a year earlier."""
        return trends.comparison(
            caller, filters, self.store, self.definitions, self.progress, self.county.code
        )

    @answers("funnel")
    def funnel(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """How far cases got."""
        return breakdowns.funnel(
            caller, filters, self.store, self.definitions, self.progress, self.county.code
        )

    @answers("ageing")
    def ageing(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """How old open cases are."""
        return breakdowns.ageing(
            caller, filters, self.store, self.definitions, self.progress, self.county.code
        )

    @answers("top")
    def top(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """What most cases have in common."""
        return breakdowns.top(
            caller, filters, self.store, self.definitions, self.names, self.county.code
        )

    @answers("ranking")
    def ranking(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The units of a group by a score."""
        return rankings.ranked(
            caller, filters, self.store, self.definitions, self.ranking_settings, self.county
        )
