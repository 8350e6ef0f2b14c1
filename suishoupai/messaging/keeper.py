"""Takes parked messages out of the broker and keeps them where they can be looked at."""

from __future__ import annotations

import time
from typing import Any

from eventlet.queue import Empty, Queue
from kombu import Consumer as KombuConsumer
from kombu import Queue as KombuQueue
from kombu.message import Message
from nameko.extensions import SharedExtension

from suishoupai import metrics
from suishoupai.clock import now
from suishoupai.contracts.subscriptions import subscriptions_of
from suishoupai.messaging.dead_letters import DeadLetterStore, letter
from suishoupai.messaging.link import Link, read_frames
from suishoupai.messaging.settlement import raw_body
from suishoupai.messaging.topology import consumer_queues
from suishoupai.mongo import store_of
from suishoupai.settings import read_settings

PREFETCH = 50
COUNT_SECONDS = 10.0
"""How old the metric may be: letters are sent again and dropped by other processes."""


class DeadLetterKeeper(SharedExtension):
    """One for each service that consumes events: empties its ``….dead`` queues into its database.

    What it cannot write stays with the broker; a service does its work without it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._link = Link("dead letters", self._consume)
        self._counted_at = 0.0
        self._thread: Any = None

    def setup(self) -> None:
        """Finds the queues of the service."""
        settings = read_settings()
        self._uri, self._namespace = settings.amqp_uri, settings.namespace
        self._queues = [
            consumer_queues(settings.namespace, subscription)
            for subscription in subscriptions_of(self.container.service_name)
        ]

    def start(self) -> None:
        """Keeps dead letters until stopped."""
        self._store = DeadLetterStore(store_of(self.container).database)
        self._thread = self.container.spawn_managed_thread(
            lambda: self._link.run(self._uri, self._namespace), identifier="dead letters"
        )

    def stop(self) -> None:
        """Leaves once what has arrived is kept."""
        self._link.stopping = True
        if self._thread is not None:
            self._thread.wait()

    def degraded(self) -> str | None:
        """Why parked messages are not being kept now, or None."""
        return f"dead letters: {self._link.failure}" if self._link.failure else None

    def _consume(self, connection: Any) -> None:
        arrived: Queue[Message] = Queue()
        consumer = KombuConsumer(
            connection.channel(),
            queues=[KombuQueue(queues.dead, no_declare=True) for queues in self._queues],
            on_message=arrived.put,
            prefetch_count=PREFETCH,
            auto_declare=False,
        )
        self._link.when_available(self._store.create_indexes)
        consumer.consume()
        self._link.consuming()
        while not self._link.stopping:
            read_frames(connection)
            connection.heartbeat_check()
            self._keep_all(arrived)
            self._count()

    def _keep_all(self, arrived: Queue[Message]) -> None:
        while True:
            try:
                message = arrived.get_nowait()
            except Empty:
                return
            self._keep(message)
            message.ack()
            self._counted_at = 0.0

    def _keep(self, message: Message) -> None:
        queue = self._plain(message.delivery_info["routing_key"])
        kept = letter(queue, raw_body(message), message.headers or {}, now())
        self._link.when_available(lambda: self._store.keep(kept))

    def _plain(self, dead_queue: str) -> str:
        """The consumer's name without namespace: the routing key of a dead letter is its queue."""
        return dead_queue.removeprefix(f"{self._namespace}.").removesuffix(".dead")

    def _count(self) -> None:
        if time.monotonic() - self._counted_at < COUNT_SECONDS:
            return
        self._counted_at = time.monotonic()
        names = [self._plain(queues.dead) for queues in self._queues]
        for queue, amount in self._store.count_open(names).items():
            metrics.DEAD_LETTERS.labels(queue).set(amount)
