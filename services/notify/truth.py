"""The notices that were sent, and who had to be told (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.notify.rulebook import folder_of
from services.notify.rules import Rules, recipients, rules_of, table_text
from services.notify.store import NoticeStore
from services.notify.tables_store import TableStore
from suishoupai.truth.records import Notice, Told

Document = dict[str, Any]

LATE = timedelta(days=1)
"""How long after a change it may be told: what failed is tried again, or by somebody's hand."""


def notices(
    database: Database[Document], issues: Document, session: ClientSession | None = None
) -> dict[str, list[Notice]]:
    """The notices of each issue whose id fits a filter."""
    found: dict[str, list[Notice]] = defaultdict(list)
    for raw in NoticeStore(database).about(issues, session):
        # One that no service of today has looked at yet has a party only.
        recipient = raw.get("recipient") or f"party:{raw['party']}"
        sequence = raw.get("sequence") or raw["assignment"]
        kind = raw.get("kind", "assigned")
        found[raw["issue"]].append(Notice(raw["_id"], kind, sequence, recipient))
    return dict(found)


def teller(
    county: Path, database: Database[Document], session: ClientSession | None = None
) -> Callable[[Told, Collection[str]], frozenset[str]]:
    """The function from a change, and who was told of it, to who had to be.

    It goes by the table of that time: for a while before a table was edited an event may have been
    told by either, and is right by either.
    """
    kept = TableStore(database).all(session)
    tables = [(row["since"], rules_of(row["text"])) for row in kept]
    if not tables:
        path = folder_of(county) / "rules.csv"
        tables = [(datetime.max.replace(tzinfo=UTC), rules_of(table_text(path)))]

    def had_to_be_told(change: Told, found: Collection[str]) -> frozenset[str]:
        possible = [expected(change, rules) for rules in in_force(tables, change.at)]
        return frozenset(found) if set(found) in possible else possible[-1]

    return had_to_be_told


def in_force(tables: Sequence[tuple[datetime, Rules]], at: datetime | None) -> list[Rules]:
    """The tables by which a change of that time may have been told, the earliest first; ``tables``:
    each with the instant since when it holds, in that order. The first held before, too."""
    if at is None:
        return [tables[-1][1]]
    ends = [since for since, _ in tables[1:]] + [None]
    begins = [None, *(since for since, _ in tables[1:])]
    return [
        rules
        for (_, rules), begin, end in zip(tables, begins, ends, strict=True)
        if (begin is None or begin <= at + LATE) and (end is None or end > at)
    ]


def expected(change: Told, rules: Rules) -> frozenset[str]:
    """Every recipient that must be told of a change, by one table."""
    return frozenset(recipients(change, rules))
