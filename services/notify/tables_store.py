"""Every MongoDB call about the rule tables that were in force: {_id, text, since}.

A county edits its table; who had to be told of a change hangs on the table of its time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database

from suishoupai.ids import new_id

Document = dict[str, Any]


class TableStore:
    """The rule tables, each from when it held; few, for people edit them."""

    def __init__(self, database: Database[Document]) -> None:
        self._tables = database["rule_tables"]
        self._kept: str | None = None

    def create_indexes(self) -> None:
        """Makes the collection: a snapshot shows no collection that is younger than itself."""
        self._tables.create_index([("since", ASCENDING)])

    def keep(self, text: str, at: datetime) -> None:
        """Keeps that this table holds from now on, unless it was the last that did."""
        if self._kept == text:
            return
        last = self._tables.find_one(sort=[("_id", DESCENDING)])
        if last is None or last["text"] != text:
            self._tables.insert_one({"_id": new_id(at), "text": text, "since": at})
        self._kept = text

    def all(self, session: ClientSession | None = None) -> list[Document]:
        """Every table, the earliest first."""
        return list(self._tables.find(session=session).sort("_id", ASCENDING))
