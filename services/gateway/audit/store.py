"""Every MongoDB call about the audit log: it is written and read, and nothing else.

Indexes: the newest first, of one account and of one subject; and what is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from suishoupai.contracts.problems import Problem
from suishoupai.mongo import insert_new

Document = dict[str, Any]

log = structlog.get_logger(__name__)


class AuditStore:
    """Entries: {_id: ULID, at, account, action, subject, address, outcome, detail}; some with
    the key by which they are there once."""

    def __init__(self, database: Database[Document]) -> None:
        self._audit = database["audit"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        for field in ("account", "subject"):
            self._audit.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        self._audit.create_index(
            [("once", ASCENDING)],
            unique=True,
            partialFilterExpression={"once": {"$exists": True}},
        )
        self._indexed = True

    def write(self, entry: Document) -> None:
        """Adds an entry; raises ``Problem`` unavailable when it cannot be."""
        with _written():
            self._audit.insert_one(entry)

    def write_once(self, entries: Mapping[str, Document]) -> None:
        """Adds each entry unless there is one of its key; that one stays as it was. Raises
        ``Problem`` unavailable when they cannot be added."""
        rows = [{"once": once, **entry} for once, entry in entries.items()]
        with _written():
            self.create_indexes()
            insert_new(self._audit, rows, ("once",))

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest entries that fit."""
        return list(self._audit.find(query).sort("_id", DESCENDING).limit(limit))


@contextmanager
def _written() -> Iterator[None]:
    # A full disk is no fault of the request either: whatever the reason, it is to come again.
    try:
        yield
    except PyMongoError as error:
        code = getattr(error, "code", None)
        log.error("the audit log cannot be written", error=type(error).__name__, code=code)
        raise Problem("unavailable", "the audit log cannot be written", retry_after=5) from error
