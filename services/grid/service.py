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
    map = CurrentMap(read_settings().county)

    @consume("issue.reported", "issue.recategorised", purpose="assign")
    def assign(self, events: list[Any]) -> None:
        """A report was taken, or is of another category now: whose is it?"""
        handlers.assign(events, self.map.current(self.store), self.store, self.announce)

    @answers("grid_at")
    def grid_at(self, caller: Caller, point: Any) -> Any:
        """Whose is this point?"""
        return handlers.grid_at(point, self.map.current(self.store).atlas, self.county)

    @answers("all_grids")
    def all_grids(self, caller: Caller) -> Any:
        """The grids as GeoJSON."""
        return handlers.all_grids(self.map.current(self.store).atlas, self.store)

    @answers("map_version")
    def map_version(self, caller: Caller) -> Any:
        """By which it is known whether the grids are still the same."""
        return {"version": self.store.version()}

    @answers("explain")
    def explain(self, caller: Caller, filters: Any, category: Any) -> Any:
        """Who would get a report of this category at this point, and why?"""
        return handlers.explain(filters, category, self.map.current(self.store), self.county)

    @answers("party")
    def party(self, caller: Caller, party: str) -> Any:
        """One responsible party."""
        return handlers.party(party, self.map.current(self.store).directory)

    @answers("parties")
    def parties(self, caller: Caller, filters: Any) -> Any:
        """A page of the parties a dispatcher may choose from."""
        return handlers.parties(caller, filters, self.map.current(self.store).directory)
