"""Every MongoDB call of the grid service.

Indexes: assignments by issue (``_id``) and by what waits to be published; the map is read whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from services.grid.atlas import Atlas
from services.grid.routing import Directory
from suishoupai.messaging.outbox import create_outbox_index

Document = dict[str, Any]

DUPLICATE_KEY = 11000


class GridStore:
    """Divisions, grids, compounds, parties, members and routing rules of the county; the
    assignments made."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self.assignments = database["assignments"]
        self._indexed = False

    def missing(self) -> str | None:
        """What keeps the service from working: a map that was never seeded."""
        return None if self.version() else "no map: run `suishoupai seed`"

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if not self._indexed:
            create_outbox_index(self.assignments)
            self._indexed = True

    def replace(self, collection: str, rows: Iterable[Document]) -> int:
        """Makes a collection of the map hold exactly these rows; says how many."""
        wanted = list(rows)
        target = self._database[collection]
        target.bulk_write([ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in wanted])
        target.delete_many({"_id": {"$nin": [row["_id"] for row in wanted]}})
        return len(wanted)

    def raise_version(self) -> None:
        """Tells every running grid service that the map changed."""
        self._database["map"].update_one({"_id": "map"}, {"$inc": {"version": 1}}, upsert=True)

    def version(self) -> int:
        """Version of the map; 0 when there is none."""
        found = self._database["map"].find_one({"_id": "map"})
        return int(found["version"]) if found else 0

    def atlas(self) -> Atlas:
        """The map as it is now."""
        version = self.version()
        names = {row["_id"]: row["name"] for row in self._database["divisions"].find()}
        grids = list(self._database["grids"].find())
        return Atlas(version, grids, list(self._database["compounds"].find()), names)

    def directory(self) -> Directory:
        """The responsible parties as they are now."""
        return Directory(self._database["parties"].find())

    def routing_rules(self) -> list[Document]:
        """The rows of the routing rules, as the file had them."""
        return list(self._database["routing_rules"].find().sort("line", 1))

    def grids(self) -> list[Document]:
        """All grids, by code."""
        return list(self._database["grids"].find().sort("_id", 1))

    def write_assignments(self, assignments: Sequence[Document]) -> None:
        """Writes assignments with their events, unless an issue has that one or a later one."""
        self.create_indexes()
        try:
            self.assignments.bulk_write([_newer(each) for each in assignments], ordered=False)
        except BulkWriteError as error:
            others = [e for e in error.details["writeErrors"] if e["code"] != DUPLICATE_KEY]
            if others or error.details.get("writeConcernErrors"):
                raise

    def assigned(self, ids: Document, session: ClientSession | None = None) -> list[Document]:
        """The assignments of the issues whose id fits a filter."""
        return list(self.assignments.find({"_id": ids}, {"outbox": 0}, session=session))


def _newer(assignment: Document) -> UpdateOne:
    """Where a later assignment is there, the upsert finds its key taken and changes nothing."""
    fields = {name: value for name, value in assignment.items() if name not in ("_id", "outbox")}
    return UpdateOne(
        {"_id": assignment["_id"], "sequence": {"$lt": assignment["sequence"]}},
        {"$set": fields, "$push": {"outbox": {"$each": assignment["outbox"]}}},
        upsert=True,
    )
