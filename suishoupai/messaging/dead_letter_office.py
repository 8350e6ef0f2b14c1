"""The dead letters of all services in one place, for whoever decides on them.

Works on database and broker alone: letters can be looked at while the services are down.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from suishoupai.clock import now
from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.messaging.dead_letters import (
    OPEN,
    DeadLetterStore,
    Document,
    NotOpen,
    sent_again,
)
from suishoupai.messaging.publisher import Publisher
from suishoupai.messaging.topology import declare_all
from suishoupai.mongo import connect, database
from suishoupai.settings import Settings

QUEUES = tuple(f"{line.service}.{line.purpose}" for line in SUBSCRIPTIONS)
DECIDED = ("retried", "dropped")


class DeadLetterOffice:
    """Finds letters in any service's database, and moves them on."""

    def __init__(self, stores: dict[str, DeadLetterStore], publisher: Publisher, namespace: str):
        self._stores = stores
        self._publisher = publisher
        self._namespace = namespace

    def find(self, queue: str = "", decided: bool = False) -> list[Document]:
        """The open letters of a queue or of all, the oldest first; ``decided``: the others too."""
        states = (*OPEN, *DECIDED) if decided else OPEN
        stores = [self._stores[queue.partition(".")[0]]] if queue else self._stores.values()
        found = [each for store in stores for each in store.find(states, queue or None)]
        return sorted(found, key=lambda each: each["parked_at"])

    def read(self, letter: str) -> Document:
        """One letter; raises ``NotOpen`` when there is none."""
        for store in self._stores.values():
            if (found := store.read(letter)) is not None:
                return found
        raise NotOpen(letter)

    def retry(self, letter: str, by: str, why: str) -> None:
        """Sends a letter to its queue again; cut off in between, it stays open and may be sent
        twice, which consumers see through.

        Raises ``NotOpen``, and what the broker raises; then the letter stays open.
        """
        store = self._store(letter)
        before = store.decide(letter, "retrying", {"by": by, "why": why, "at": now()})
        self._publisher.publish([sent_again(before, self._namespace)])
        store.decide(letter, "retried", {"by": by, "why": why, "at": now()})

    def drop(self, letter: str, by: str, why: str) -> None:
        """Gives a letter up; raises ``NotOpen``."""
        self._store(letter).decide(letter, "dropped", {"by": by, "why": why, "at": now()})

    def _store(self, letter: str) -> DeadLetterStore:
        service = str(self.read(letter)["queue"]).partition(".")[0]
        return self._stores[service]


@contextmanager
def open_office(settings: Settings) -> Iterator[DeadLetterOffice]:
    """The office of one stack, with its connections."""
    publisher = Publisher(
        settings.amqp_uri, lambda connection: declare_all(connection, settings.namespace)
    )
    with connect(settings) as client:
        stores = {
            line.service: DeadLetterStore(database(client, settings, line.service))
            for line in SUBSCRIPTIONS
        }
        try:
            yield DeadLetterOffice(stores, publisher, settings.namespace)
        finally:
            publisher.close()
