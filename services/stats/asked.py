"""What is asked of the figures of an edition, and by which documents and facts it is answered: pure
functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.stats.cuts import PATHS, raw
from services.stats.tallies import UNCUT, anchor_of, kept_units
from suishoupai.divisions import LEVELS, parent

Document = dict[str, Any]

UNCOUNTED = {"steps": 0, "notices": 0, "counted_at": 0}
"""What is not read of facts that are only counted."""


@dataclass(frozen=True)
class Asked:
    """Which cases are meant: those of a division that have any of ``marks`` at an instant from
    ``since`` to before ``until`` (UTC)."""

    division: str
    since: datetime
    until: datetime
    marks: Sequence[str]
    cut: str = ""
    values: Sequence[str] | None = None
    """Values of the cut; None takes every one."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for marks that no cut has."""
        if self.cut and any(mark.startswith(UNCUT) for mark in self.marks):
            raise ValueError(f"marks that begin with {UNCUT} are kept in no cut")

    @property
    def units(self) -> tuple[str, ...]:
        """The units in which that is tallied, from long to short."""
        return kept_units(self.cut, LEVELS[len(self.division)])

    @property
    def documents(self) -> Document:
        """The condition on the documents of its tallies, of whatever period."""
        values = {} if self.values is None else {"value": {"$in": list(self.values)}}
        return {
            "parent": parent(self.division),
            "division": self.division,
            "cut": self.cut,
            **values,
        }

    def facts(self, span: Document) -> Document:
        """The condition on the facts that have one of the marks within a span, itself a condition
        on an instant; the index is ``counted_index``."""
        anchors = sorted(set(map(anchor_of, self.marks)))
        marked = {"anchor": {"$in": anchors}, "at": span, "marks": {"$in": list(self.marks)}}
        return {**having_mark(self.division, marked), **self._of_cut()}

    def _of_cut(self) -> Document:
        if self.cut == "":
            return {}
        if self.values is None:
            return {PATHS[self.cut]: {"$ne": None}}
        return {PATHS[self.cut]: {"$in": [raw(self.cut, value) for value in self.values]}}


def having_mark(division: str, condition: Document) -> Document:
    """The condition on the facts of a division that have a mark such as that."""
    return {f"lies_in.{LEVELS[len(division)]}": division, "marks": {"$elemMatch": condition}}


def counted_index(division: str) -> str:
    """The index of the facts that serves the divisions of that level."""
    return f"counted.{LEVELS[len(division)]}"
