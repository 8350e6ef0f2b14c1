"""Hearsay: words from one service to every process of another that listens now.

For what is only a hint to look again, and where whoever missed it looks again by itself before
long. Nothing of it is kept, repeated or parked; what must arrive is an event.

Example::

    class StatsService:
        changed = Hearsay("figures")

    self.changed(["341324", "341324001"])

    class GatewayService:
        @hear("figures")
        def look_again(self, words): ...
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import eventlet
from kombu import Connection
from kombu import Consumer as KombuConsumer
from kombu.message import Message
from nameko.extensions import DependencyProvider, Entrypoint

from suishoupai.messaging.link import Link, read_frames
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import hearsay_exchange, hearsay_queue
from suishoupai.runner import Runner
from suishoupai.settings import read_settings

PACE = 0.1
"""Seconds between two messages: words that come meanwhile go together, each once."""
EXPIRES = 10.0
"""Seconds after which what nobody has taken says nothing new any more."""


class Hearsay(DependencyProvider):
    """Tells words, beside the service's other work and without holding it up."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._words: set[str] = set()
        self._runner = Runner(f"hearsay of {topic}", self._tell)

    def start(self) -> None:
        """Tells what is said until stopped."""
        settings = read_settings()
        self._exchange = hearsay_exchange(settings.namespace, self._topic)
        self._publisher = Publisher(settings.amqp_uri, self._declare)
        self._runner.start(self.container)

    def stop(self) -> None:
        """Leaves; what was not told yet is not told any more."""
        self._runner.stop()
        self._runner.wait()
        self._publisher.close()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The function that says words."""
        return self.say

    def say(self, words: Iterable[str]) -> None:
        """Says words, without waiting until they are told."""
        self._words.update(words)
        if self._words:
            self._runner.wake()

    def degraded(self) -> str | None:
        """Why nobody hears anything now, or None."""
        return self._runner.failure

    def _declare(self, connection: Connection) -> None:
        with connection.channel() as channel:
            self._exchange(channel).declare()

    def _tell(self) -> None:
        if not self._words:
            return
        words, self._words = self._words, set()
        try:
            self._publisher.publish([self._outgoing(words)])
        except Exception:
            self._words |= words
            raise
        eventlet.sleep(PACE)

    def _outgoing(self, words: set[str]) -> Outgoing:
        return Outgoing(
            exchange=self._exchange.name,
            routing_key="",
            body=json.dumps(sorted(words)).encode(),
            content_type="application/json",
            expires_in=EXPIRES,
        )


class Hearer(Entrypoint):
    """Entrypoint that is given the words of a topic: a set of them, or None when what was said
    before, while nothing could be heard, is not known."""

    def __init__(self, topic: str, **options: Any) -> None:
        super().__init__(**options)
        self.topic = topic
        self.link = Link(f"hearsay of {topic}", self._hear)
        self._thread: Any = None

    def start(self) -> None:
        """Hears until stopped, connecting again whenever the broker goes away."""
        settings = read_settings()
        self._namespace = settings.namespace
        self._thread = self.container.spawn_managed_thread(
            lambda: self.link.run(settings.amqp_uri, settings.namespace), identifier=self.topic
        )

    def stop(self) -> None:
        """Hears no more, and leaves."""
        self.link.stopping = True
        if self._thread is not None:
            self._thread.wait()

    def degraded(self) -> str | None:
        """Why nothing is heard now, or None."""
        return f"{self.link.purpose}: {self.link.failure}" if self.link.failure else None

    def _hear(self, connection: Any) -> None:
        channel = connection.channel()
        queue = hearsay_queue(self._namespace, self.topic)(channel)
        queue.declare()
        consumer = KombuConsumer(
            channel, queues=[queue], on_message=self._heard, no_ack=True, auto_declare=False
        )
        consumer.consume()
        self.link.consuming()
        self._hand_on(None)
        while not self.link.stopping:
            read_frames(connection)
            connection.heartbeat_check()

    def _heard(self, message: Message) -> None:
        self._hand_on(set(json.loads(message.body)))

    def _hand_on(self, words: set[str] | None) -> None:
        self.container.spawn_worker(self, (words,), {})


hear = Hearer.decorator
