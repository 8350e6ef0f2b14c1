"""The current version of the map, kept in memory until it changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog

from services.grid.atlas import Atlas
from services.grid.routing import Directory
from services.grid.rules import FILE, InvalidRules, Rule, read_rows, read_rules
from services.grid.store import GridStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CountyMap:
    """One version of all that says whose a report is."""

    atlas: Atlas
    directory: Directory
    rules: list[Rule]


class CurrentMap:
    """The map of one process; read again only when its version rose."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the county's; its rules serve a database that was seeded before it kept
        any."""
        self._folder = folder
        self._loaded: CountyMap | None = None

    def current(self, store: GridStore) -> CountyMap:
        """The map as of now; the price of asking is one read of its version."""
        if self._loaded is None or self._loaded.atlas.version != store.version():
            self._loaded = CountyMap(store.atlas(), store.directory(), self._rules(store))
        return self._loaded

    def _rules(self, store: GridStore) -> list[Rule]:
        """The rules in the database; while those cannot be used, the ones of before.

        Raises ``InvalidRules`` when there are none of before.
        """
        try:
            return read_rules(
                store.routing_rules() or read_rows((self._folder / FILE).read_bytes())
            )
        except InvalidRules as error:
            if self._loaded is None:
                raise
            log.error("routing rules refused, the old ones stay", error=str(error))
            return self._loaded.rules
