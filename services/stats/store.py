"""Every MongoDB call of the stats service.

Facts and totals change in one transaction, so that no event is counted twice or half. Indexes:
cells by division and hour, and by parent and hour; facts by division and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.stats.counting import Cell
from suishoupai.divisions import parent

Document = dict[str, Any]
Deltas = Mapping[Cell, int]
Learn = Callable[[dict[str, Document]], tuple[list[Document], Deltas]]
"""From the known facts by issue to the changed facts and the changes of the cells."""


class StatsStore:
    """Facts of every issue and the totals kept from them."""

    def __init__(self, database: Database[Document]) -> None:
        self._client = database.client
        self._facts = database["facts"]
        self._cells = database["cells"]
        self._indexed = False

    def missing(self) -> str | None:
        """Nothing: figures start at zero."""
        return None

    def create_indexes(self) -> None:
        """Creates every index, and with them the collections: a transaction cannot."""
        if self._indexed:
            return
        self._cells.create_index([("division", ASCENDING), ("hour", ASCENDING)])
        self._cells.create_index([("parent", ASCENDING), ("hour", ASCENDING)])
        self._facts.create_index([("divisions", ASCENDING), ("reported.at", ASCENDING)])
        self._indexed = True

    def update(self, issues: Iterable[str], learn: Learn) -> None:
        """Changes facts and totals together; run again by the driver when another was quicker."""
        self.create_indexes()
        ids = sorted(set(issues))
        with self._client.start_session() as session:
            session.with_transaction(lambda active: self._update(active, ids, learn))

    def _update(self, session: ClientSession, ids: list[str], learn: Learn) -> None:
        found = self._facts.find({"_id": {"$in": ids}}, session=session)
        facts, deltas = learn({fact["_id"]: fact for fact in found})
        if facts:
            self._facts.bulk_write(
                [ReplaceOne({"_id": fact["_id"]}, fact, upsert=True) for fact in facts],
                session=session,
            )
        if updates := _cell_updates(deltas):
            self._cells.bulk_write(updates, session=session)

    def fact(self, issue: str) -> Document | None:
        """What is known of one issue, or None."""
        return self._facts.find_one({"_id": issue})

    def cells(
        self, division: str, since: datetime | None, until: datetime | None
    ) -> list[Document]:
        """The cells of a division for the hours from ``since`` to before ``until``."""
        return list(self._cells.find({"division": division, **_hours(since, until)}))

    def children(
        self, division: str, since: datetime | None, until: datetime | None
    ) -> list[Document]:
        """The cells of the divisions one level below."""
        return list(self._cells.find({"parent": division, **_hours(since, until)}))

    def facts(self, division: str, since: datetime, until: datetime) -> list[Document]:
        """The facts of a division reported from ``since`` to before ``until``."""
        span = {"$gte": since, "$lt": until}
        return list(self._facts.find({"divisions": division, "reported.at": span}))


def _hours(since: datetime | None, until: datetime | None) -> Document:
    span = {key: bound for key, bound in (("$gte", since), ("$lt", until)) if bound}
    return {"hour": span} if span else {}


def _cell_updates(deltas: Deltas) -> list[UpdateOne]:
    grouped: dict[tuple[str, datetime], dict[str, int]] = {}
    for (division, hour, name), amount in deltas.items():
        grouped.setdefault((division, hour), {})[f"figures.{name}"] = amount
    return [
        UpdateOne(
            {"_id": f"{division}|{hour:%Y-%m-%dT%H}Z"},
            {
                "$inc": amounts,
                "$setOnInsert": {"division": division, "parent": parent(division), "hour": hour},
            },
            upsert=True,
        )
        for (division, hour), amounts in sorted(grouped.items())
    ]
