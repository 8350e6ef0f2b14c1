"""The stats service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

from services.stats import asking, handlers
from services.stats import board as boards
from services.stats.board_file import current_board
from services.stats.definitions import current
from services.stats.measures import OpenCases, measure
from services.stats.store import StatsStore
from suishoupai.access import Caller
from suishoupai.contracts.events import CHANGES
from suishoupai.county import County
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.hearsay import Hearsay
from suishoupai.mongo import Store
from suishoupai.rpc import answers
from suishoupai.settings import read_settings


class StatsService:
    """Keeps the county's figures."""

    name = "stats"

    store = Store(StatsStore)
    county = County(read_settings().county)
    definitions = current()
    shown = current_board()

    figures_changed = Hearsay("figures")
    open_cases = OpenCases()

    @consume("issue.reported", "issue.assigned", *CHANGES, "notice.sent", purpose="count")
    def count(self, events: list[Any]) -> None:
        """Something happened: it is counted, and said whose figures that changed."""
        changes = handlers.count(events, self.store, self.definitions)
        measure(changes)
        self.figures_changed(handlers.divisions_changed(changes))

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

    @answers("board")
    def board(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The board of a division."""
        return boards.board(
            caller, filters, self.store, self.definitions, self.county.code, self.shown
        )
