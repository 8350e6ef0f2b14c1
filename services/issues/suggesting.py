"""The suggester of one process: made from the examples and today's catalogue, and made anew when
the catalogue is another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eventlet import tpool

from services.issues.catalogue_store import CatalogueStore
from services.issues.suggestions import Suggester, read_examples
from suishoupai import clock

Document = dict[str, Any]


class CurrentSuggester:
    """Suggests only categories that are in force today."""

    def __init__(self, county: Path) -> None:
        """Reads the examples of a county's folder; raises ``ValueError`` naming the line at
        fault."""
        self._examples = read_examples(county / "words" / "training.csv")
        self._made: tuple[Any, Suggester, dict[str, str]] | None = None

    def suggest(self, description: str, catalogue: CatalogueStore) -> list[Document]:
        """The likeliest categories, {code, name, confidence, words} each, the best first."""
        suggester, names = self._current(catalogue)
        return [
            {
                "code": each.category,
                "name": names[each.category],
                "confidence": round(each.confidence, 3),
                "words": list(each.words),
            }
            for each in suggester.suggest(description)
        ]

    def _current(self, catalogue: CatalogueStore) -> tuple[Suggester, dict[str, str]]:
        today = clock.local_day(clock.now())
        key = today, catalogue.edition()
        if self._made is None or self._made[0] != key:
            names = {row["code"]: row["name"] for row in catalogue.rows(today)}
            # Learning keeps a core busy for a moment: off the loop, others go on meanwhile.
            self._made = key, tpool.execute(Suggester, self._examples, names), names
        return self._made[1:]
