"""The grid service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

from services.grid import handlers
from services.grid.map import CurrentMap
from services.grid.store import GridStore
from suishoupai.access import Caller
from suishoupai.county import County
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.outbox import Outbox
from suishoupai.mongo import Store
from suishoupai.rpc import answers
from suishoupai.settings import read_settings


class GridService:
    """Knows the county's map and who is responsible where."""

    name = "grid"

    store = Store(GridStore)
    announce = Outbox(lambda store: store.assignments)
    county = County(read_settings().county)
    map = CurrentMap()

    @consume("issue.reported", purpose="assign")
    def assign(self, events: list[Any]) -> None:
        """A report was taken: it gets its grid and responsible party."""
        handlers.assign(events, *self.map.current(self.store), self.store, self.announce)

    @answers("grid_at")
    def grid_at(self, caller: Caller, point: Any) -> Any:
        """Whose is this point?"""
        return handlers.grid_at(point, self.map.current(self.store)[0], self.county)

    @answers("all_grids")
    def all_grids(self, caller: Caller) -> Any:
        """The grids as GeoJSON."""
        return handlers.all_grids(self.map.current(self.store)[0], self.store)
