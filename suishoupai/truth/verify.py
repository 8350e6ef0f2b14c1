"""Recounts every assignment, notice and figure from the cases.

Everything is compared as it was at one instant, so a running system is no excuse: a figure must
equal the sum over what stats knows of the issues at any instant. What an event on its way has not
reached yet is looked at again until it has, or until patience is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient

from suishoupai.messaging.outbox import count_waiting
from suishoupai.settings import Settings
from suishoupai.truth.comparison import case_differences, strays
from suishoupai.truth.records import Case, Difference
from suishoupai.truth.rooms import Rooms, at_one_instant

PAGE = 1000
"""Cases compared at a time."""
PAUSE_SECONDS = 1.0

Document = dict[str, Any]


@dataclass
class Verdict:
    """What was compared, and what differs."""

    cases: int = 0
    notices: int = 0
    figures: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass
class _Pending:
    """Differences by the issue they are about."""

    by_issue: dict[str, list[Difference]] = field(default_factory=dict)

    def note(self, issue: str, differences: Sequence[Difference]) -> None:
        if differences:
            self.by_issue.setdefault(issue, []).extend(differences)


def verify(
    client: MongoClient[Document],
    settings: Settings,
    patience: float,
    advance: Callable[[int], None],
) -> Verdict:
    """Compares everything; ``patience``: seconds that events on their way are waited for.

    ``advance`` is told how many cases more were compared.
    """
    deadline = time.monotonic() + patience
    verdict = Verdict()
    with at_one_instant(client, settings) as rooms:
        pending = _walk(rooms, verdict, advance)
        verdict.differences = [
            Difference(name, "figure", str(recounted), str(kept))
            for name, recounted, kept in rooms.figures.differences()
        ]
        verdict.figures = rooms.figures.recounted
    while pending.by_issue and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        with at_one_instant(client, settings) as rooms:
            pending = _look_again(rooms, sorted(pending.by_issue))
    for differences in pending.by_issue.values():
        verdict.differences.extend(differences)
    verdict.differences.extend(_never_published(client, settings, patience))
    return verdict


def _walk(rooms: Rooms, verdict: Verdict, advance: Callable[[int], None]) -> _Pending:
    pending = _Pending()
    after: str | None = ""
    while after is not None:
        cases = rooms.cases({"$gt": after}, PAGE)
        span = {"$gt": after}
        if len(cases) == PAGE:
            span["$lte"] = cases[-1].id
        facts = _compare(rooms, cases, span, pending, verdict)
        rooms.figures.recount(facts.values())
        advance(len(cases))
        after = span.get("$lte")
    return pending


def _look_again(rooms: Rooms, issues: Sequence[str]) -> _Pending:
    pending = _Pending()
    for first in range(0, len(issues), PAGE):
        wanted = {"$in": list(issues[first : first + PAGE])}
        _compare(rooms, rooms.cases(wanted, PAGE), wanted, pending, Verdict())
    return pending


def _compare(
    rooms: Rooms, cases: Sequence[Case], ids: Document, pending: _Pending, verdict: Verdict
) -> dict[str, Document]:
    assignments, notices = rooms.assignments(ids), rooms.notices(ids)
    facts: dict[str, Document] = rooms.figures.facts(ids)
    verdict.cases += len(cases)
    verdict.notices += sum(map(len, notices.values()))
    for case in cases:
        told = notices.get(case.id, ())
        assignment = assignments.get(case.id)
        pending.note(case.id, list(case_differences(case, assignment, told, rooms.recipients)))
        pending.note(case.id, list(rooms.fact_differences(case, told, facts.get(case.id))))
    for what, held in (("assignment", assignments), ("notice", notices), ("counted", facts)):
        for stray in strays(what, held, cases):
            pending.note(stray.subject, [stray])
    return facts


def _never_published(
    client: MongoClient[Document], settings: Settings, patience: float
) -> Iterator[Difference]:
    before = datetime.now(UTC) - timedelta(seconds=max(patience, 10.0))
    for name, waiting in count_waiting(client, settings, before).items():
        if waiting:
            found = f"{waiting} documents since before {before:%H:%M:%S}Z"
            yield Difference(name, "outbox", "all published", found)
