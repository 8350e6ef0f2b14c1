"""The cases that a figure is made of, page by page, by their marks.

No index tells the marks of an anchor apart, nor the values of a cut: the tallies tell in which
hours, days or months there is a case, and only the facts of those are looked through. So a rare
value or mark is found among many cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection

from services.stats.asked import UNCOUNTED, Asked, counted_index
from services.stats.planning import Span
from services.stats.tallies import marks_of
from services.stats.tallies_store import TallyStore

Document = dict[str, Any]

TICK = timedelta(milliseconds=1)
"""MongoDB's instants are whole ones."""


@dataclass(frozen=True)
class Marked:
    """A case that has a mark, with the instant by which it counts there."""

    at: datetime
    fact: Document


class CaseStore:
    """The cases of one edition."""

    def __init__(self, facts: Collection[Document], tallies: TallyStore) -> None:
        self._facts = facts
        self._tallies = tallies

    def page(self, asked: Asked, after: tuple[datetime, str] | None, limit: int) -> list[Marked]:
        """The cases that have the one mark asked for, by its instant and their id, ``limit`` at
        most.

        ``after``: instant and id of the last one that was shown before.
        """
        found: list[Marked] = []
        for left, ids in _left(asked, after):
            if room := limit - len(found):
                found.extend(self._looked_for(left, ids, room))
        return found

    def _looked_for(self, asked: Asked, ids: Document, limit: int) -> list[Marked]:
        """Where the tallies tell of cases; goes on after there, should some have moved since."""
        found: list[Marked] = []
        while spans := self._tallies.spans_with(asked, limit - len(found)):
            more = self._read(asked, _joined(spans), ids)
            found += sorted(more, key=lambda each: (each.at, each.fact["_id"]))
            if len(found) >= limit:
                return found[:limit]
            asked = replace(asked, since=spans[-1][1])
        return found

    def _read(self, asked: Asked, spans: Iterable[Span], ids: Document) -> Iterator[Marked]:
        (mark,) = asked.marks
        wanted = [asked.facts({"$gte": since, "$lt": until}) for since, until in spans]
        found = self._facts.find({"$or": wanted, **ids}, UNCOUNTED)
        for fact in found.hint(counted_index(asked.division)):
            yield Marked(marks_of(fact)[mark], fact)


def _left(asked: Asked, after: tuple[datetime, str] | None) -> list[tuple[Asked, Document]]:
    """What is left of the range after a case, with conditions on the id."""
    if after is None or after[0] < asked.since:
        return [(asked, {})]
    at, issue = after
    if at >= asked.until:
        return []
    return [
        (replace(asked, since=at, until=at + TICK), {"_id": {"$gt": issue}}),
        (replace(asked, since=at + TICK), {}),
    ]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans of which one begins where another ends, as one."""
    found: list[Span] = []
    for since, until in spans:
        if found and found[-1][1] == since:
            found[-1] = (found[-1][0], until)
        else:
            found.append((since, until))
    return found
