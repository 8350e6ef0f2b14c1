"""By which definitions cases are marked: the one place that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.stats.tallies import Definitions, Marks

Document = dict[str, Any]


@dataclass(frozen=True)
class Reports:
    """Every case counts by the instant of its report, and nothing else is marked."""

    digest: str = "reports-1"

    def marks(self, fact: Document) -> Marks:
        """The mark of a reported case."""
        return {"reported/reported": fact["reported"]["at"]} if fact["reported"] else {}


def current() -> Definitions:
    """The definitions of this process."""
    return Reports()
