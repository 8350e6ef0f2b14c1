"""MongoDB: one client per process, one database per service, majority writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from nameko.extensions import DependencyProvider
from pymongo import MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ExecutionTimeout,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from suishoupai.settings import Settings, read_settings

Document = dict[str, Any]

DUPLICATE = 11000
"""MongoDB's code for a key that is there already."""

log = structlog.get_logger(__name__)

_GONE = (AutoReconnect, ExecutionTimeout, WaitQueueTimeoutError)
_PASSING = ("RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the database is not there now, not that the request was wrong.

    A write that was applied but not acknowledged by a majority counts too: it must be tried again.
    """
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        return not details["writeErrors"] and bool(details["writeConcernErrors"])
    if isinstance(error, (*_GONE, WriteConcernError)):
        return True
    return isinstance(error, PyMongoError) and any(map(error.has_error_label, _PASSING))


def insert_new(
    collection: Collection[Document], rows: Iterable[Document], key: Sequence[str]
) -> list[Any]:
    """Writes the rows of which there is none with the same key yet; returns the ids of those.

    ``key``: the fields of a unique index, which decides between two who write the same at once.
    """
    updates = [
        UpdateOne({name: row[name] for name in key}, {"$setOnInsert": row}, upsert=True)
        for row in rows
    ]
    if not updates:
        return []
    try:
        written = collection.bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        faults = {fault["code"] for fault in details["writeErrors"]}
        if faults - {DUPLICATE} or details["writeConcernErrors"]:
            raise
        return [row["_id"] for row in details["upserted"]]
    return list((written.upserted_ids or {}).values())


def connect(settings: Settings) -> MongoClient[Document]:
    """A client whose writes are majority-acknowledged.

    It looks for a server for 1 s only: whoever waits is told at once, and asks again.
    """
    return MongoClient(
        settings.mongodb_uri,
        w="majority",
        tz_aware=True,
        serverSelectionTimeoutMS=1000,
        socketTimeoutMS=30000,
        maxPoolSize=100,
        appname="suishoupai",
    )


def database(
    client: MongoClient[Document], settings: Settings, service: str
) -> MongoDatabase[Document]:
    """The database that belongs to one service of this stack."""
    return client[f"{settings.namespace}_{service}"]


class Store(DependencyProvider):
    """Gives a service its store: ``make_store(database)``, made once when the service starts.

    The client is never closed: until the process ends, a last request may still need it.

    Example::

        store = Store(IssueStore)
    """

    def __init__(self, make_store: Any) -> None:
        self._make_store = make_store
        self._client: Any = None
        self.database: Any = None
        """The service's own database, once it is set up."""
        self.store: Any = None

    def setup(self) -> None:
        """Makes the store and its indexes; a database that is down keeps no service from starting:
        every store makes sure of its indexes before it writes."""
        settings = read_settings()
        self._client = connect(settings)
        self.database = database(self._client, settings, self.container.service_name)
        self.store = self._make_store(self.database)
        try:
            self.store.create_indexes()
        except PyMongoError as error:
            log.warning("indexes are made with the first write", error=str(error))

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The store itself; it holds no state of a single request."""
        return self.store

    def not_ready(self) -> str | None:
        """Why the database cannot be used now, or what it lacks (the store's ``missing()``)."""
        try:
            self._client.admin.command("ping")
            missing: str | None = self.store.missing()
        except PyMongoError as error:
            return f"mongodb: {error}"
        return missing


def store_of(container: Any) -> Store:
    """The store of a service, for extensions that work on its database; set up before they start.

    Raises ``StopIteration`` for a service without one.
    """
    return next(each for each in container.dependencies if isinstance(each, Store))
