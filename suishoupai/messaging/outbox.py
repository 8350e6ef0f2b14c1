"""The outbox: what a service wrote is published, whatever dies in between.

A service keeps the events that a change caused in the changed document itself, in the array
``outbox``, each as ``event.to_dict()``: state and event are one atomic write. The relay publishes
them with confirms and takes them out; a sweep finds what a crash left. An event may therefore be
published twice, never not at all: consumers are idempotent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider
from pymongo import ASCENDING, MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from suishoupai import metrics
from suishoupai.contracts.events import Event
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import declare_all, events_exchange
from suishoupai.mongo import Document, database, store_of
from suishoupai.settings import Settings, read_settings

SWEEP_SECONDS = 2.0
"""How often the relay looks for events that were written but not announced to it."""
SWEEP_AGE = timedelta(seconds=2)
"""Younger events are left to the process that wrote them."""
BATCH = 200
"""Documents per round."""

OUTBOXES = (
    ("issues", "issues"),
    ("grid", "assignments"),
    ("notify", "notices"),
    ("gateway", "reports"),
)
"""Service and collection of every outbox there is."""

log = structlog.get_logger(__name__)

WAITING = {"outbox.id": {"$exists": True}}
"""Filter of the partial index: documents with at least one event still to publish."""


def create_outbox_index(collection: Collection[Document]) -> None:
    """The index by which the sweep finds what waits without reading anything else."""
    collection.create_index(
        [("outbox.time", ASCENDING)], name="outbox_waiting", partialFilterExpression=WAITING
    )


def count_waiting(
    client: MongoClient[Document], settings: Settings, before: datetime
) -> dict[str, int]:
    """How many documents of each collection with an outbox hold an event from before an instant."""
    found = {}
    for service, name in OUTBOXES:
        collection = database(client, settings, service)[name]
        older = {**WAITING, "outbox.time": {"$lt": before.isoformat()}}
        found[f"{service}.{name}"] = collection.count_documents(older)
    return found


class Outbox(DependencyProvider):
    """Relays the outbox of one collection; a service calls it with the ids it has just written.

    Example::

        outbox = Outbox(lambda store: store.issues)

        self.outbox([issue_id])
    """

    def __init__(self, collection_of: Any) -> None:
        self._collection_of = collection_of
        self._announced: list[str] = []
        self._wake = Signal()
        self._stopping = False
        self._thread: Any = None
        self._failure: str | None = None

    def start(self) -> None:
        """Starts the relay once all dependencies are set up."""
        settings = read_settings()
        self._settings: Settings = settings
        self._publisher = Publisher(
            settings.amqp_uri, lambda connection: declare_all(connection, settings.namespace)
        )
        self._thread = self.container.spawn_managed_thread(self._run, identifier="outbox relay")

    def stop(self) -> None:
        """Publishes what was announced and leaves; what fails now is found by the next sweep."""
        self._stopping = True
        self._wake_up()
        if self._thread is not None:
            self._thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The function that announces the ids of documents with new events."""
        return self.announce

    def announce(self, ids: Iterable[str]) -> None:
        """Tells the relay which documents to look at, without waiting for it."""
        self._announced.extend(ids)
        self._wake_up()

    def degraded(self) -> str | None:
        """Why events are not being published now, or None: a service goes on without the broker,
        what it writes is published later."""
        return f"outbox: {self._failure}" if self._failure else None

    def _wake_up(self) -> None:
        if not self._wake.ready():
            self._wake.send()

    def _run(self) -> None:
        collection = self._collection_of(store_of(self.container).store)
        pause = 0.0
        while not (self._stopping and not self._announced):
            self._await_work(pause)
            try:
                self._relay_announced(collection)
                self._sweep(collection)
                self._failure, pause = None, 0.0
            except Exception as error:  # whatever it is: the events stay in the outbox
                pause = min(5.0, pause * 2 or 0.25)
                self._failure = f"{type(error).__name__}: {error}"
                log.warning("outbox relay failed", error=self._failure, retry_in=pause)
                if self._stopping:
                    break
        self._publisher.close()

    def _await_work(self, pause: float) -> None:
        if pause and not self._stopping:
            eventlet.sleep(pause)
        with eventlet.Timeout(SWEEP_SECONDS, False):
            if not self._announced:
                self._wake.wait()
        self._wake = Signal()

    def _relay_announced(self, collection: Collection[Document]) -> None:
        while self._announced:
            ids, self._announced = self._announced[:BATCH], self._announced[BATCH:]
            self._publish(collection, {"_id": {"$in": ids}})

    def _sweep(self, collection: Collection[Document]) -> None:
        before = (datetime.now(UTC) - SWEEP_AGE).isoformat()
        waiting = {**WAITING, "outbox.time": {"$lt": before}}
        while self._publish(collection, waiting) == BATCH:
            pass

    def _publish(self, collection: Collection[Document], query: Document) -> int:
        """Publishes the events of up to ``BATCH`` documents and takes them out; says how many."""
        documents = list(collection.find(query, {"outbox": 1}).limit(BATCH))
        events = [(doc["_id"], event) for doc in documents for event in doc.get("outbox", ())]
        if not events:
            return 0
        self._publisher.publish(self._outgoing(event) for _, event in events)
        metrics.EVENTS_PUBLISHED.inc(len(events))
        try:
            collection.bulk_write(
                [
                    UpdateOne({"_id": doc_id}, {"$pull": {"outbox": {"id": event["id"]}}})
                    for doc_id, event in events
                ],
                ordered=False,
            )
        except PyMongoError as error:
            # Published already: the sweep publishes them again, which consumers see through.
            log.warning("published events stay in the outbox", error=str(error))
            raise
        return len(documents)

    def _outgoing(self, raw: Document) -> Outgoing:
        event = Event(**raw)
        return Outgoing(
            exchange=events_exchange(self._settings.namespace).name,
            routing_key=event.type,
            body=event.to_json().encode(),
            message_id=event.id,
            mandatory=True,
        )
