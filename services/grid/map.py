"""The current version of the map, kept in memory until it changes."""

from __future__ import annotations

from services.grid.atlas import Atlas
from services.grid.routing import Directory
from services.grid.store import GridStore


class CurrentMap:
    """Atlas and directory of one process; read again only when the map's version rose."""

    def __init__(self) -> None:
        self._loaded: tuple[Atlas, Directory] | None = None

    def current(self, store: GridStore) -> tuple[Atlas, Directory]:
        """The map as of now; the price of asking is one read of its version."""
        if self._loaded is None or self._loaded[0].version != store.version():
            self._loaded = (store.atlas(), store.directory())
        return self._loaded
