"""Exchanges and queues: names, arguments and their declaration, in one place.

Every consumer has a quorum queue of its own, ``NAMESPACE.SERVICE.PURPOSE``, with a delivery limit
and a dead-letter queue ``….dead``. What failed and may work later waits in ``….retry.5s`` and its
like, from where the broker itself hands it back when the time is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kombu import Connection, Exchange, Queue
from ulid import ULID

from suishoupai.contracts.subscriptions import SUBSCRIPTIONS, Subscription

DELIVERY_LIMIT = 20
"""Deliveries after which the broker itself parks a message whose consumer keeps dying."""

RETRY_DELAYS = (5, 30, 300)
"""Seconds before each further try of a message whose handler failed; then it is parked."""


def connect(uri: str, heartbeat: int = 0) -> Connection:
    """A lazy connection to the broker; ``heartbeat`` in seconds where somebody will send them."""
    return Connection(uri, heartbeat=heartbeat, connect_timeout=5)


def events_exchange(namespace: str) -> Exchange:
    """The topic exchange that every event is published to; routing key = event type."""
    return Exchange(f"{namespace}.events", type="topic", durable=True)


def hearsay_exchange(namespace: str, topic: str) -> Exchange:
    """The fanout exchange of what is told to every process that listens now, and kept for none."""
    return Exchange(f"{namespace}.hearsay.{topic}", type="fanout", durable=True)


def hearsay_queue(namespace: str, topic: str) -> Queue:
    """A queue of one process, gone with its connection."""
    return Queue(
        f"{namespace}.hearsay.{topic}.{ULID()}",
        exchange=hearsay_exchange(namespace, topic),
        durable=False,
        exclusive=True,
        auto_delete=True,
    )


@dataclass(frozen=True)
class ConsumerQueues:
    """The queues of one consumer: the main one, its delays and its dead letters."""

    name: str
    exchange: Exchange
    event_types: tuple[str, ...]

    @property
    def dead(self) -> str:
        """Name of the queue where parked messages lie with their reason."""
        return f"{self.name}.dead"

    def retry(self, delay: int) -> str:
        """Name of the queue that holds a message for ``delay`` seconds."""
        return f"{self.name}.retry.{delay}s"

    def main_queue(self) -> Queue:
        """The queue that is consumed."""
        arguments = _quorum(
            {
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": self.dead,
            }
        )
        return Queue(self.name, durable=True, queue_arguments=arguments)

    def declare(self, connection: Connection) -> None:
        """Declares exchange, queues and bindings; declaring again changes nothing."""
        with connection.channel() as channel:
            self.exchange(channel).declare()
            for queue in self._queues():
                queue(channel).declare()
            main = self.main_queue()(channel)
            for event_type in self.event_types:
                main.bind_to(self.exchange, routing_key=event_type)

    def _queues(self) -> Iterable[Queue]:
        yield Queue(self.dead, durable=True, queue_arguments={"x-queue-type": "quorum"})
        yield self.main_queue()
        for delay in RETRY_DELAYS:
            arguments = _quorum(
                {
                    "x-message-ttl": delay * 1000,
                    "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": self.name,
                }
            )
            yield Queue(self.retry(delay), durable=True, queue_arguments=arguments)


def _quorum(arguments: dict[str, Any]) -> dict[str, Any]:
    """Quorum queue arguments under which dead-lettering itself loses nothing."""
    return {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-dead-letter-strategy": "at-least-once",
        **arguments,
    }


def consumer_queues(namespace: str, subscription: Subscription) -> ConsumerQueues:
    """The queues of one subscription."""
    name = f"{namespace}.{subscription.service}.{subscription.purpose}"
    return ConsumerQueues(name, events_exchange(namespace), subscription.event_types)


def declare_all(connection: Connection, namespace: str) -> None:
    """Declares the queues of every subscription.

    Whoever publishes does this first: an event published before its consumer ever started would
    otherwise reach no queue and be gone.
    """
    for subscription in SUBSCRIPTIONS:
        consumer_queues(namespace, subscription).declare(connection)
