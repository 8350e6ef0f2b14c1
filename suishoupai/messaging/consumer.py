"""Consuming events: batches in, each message settled for good.

Example::

    @consume("issue.reported", purpose="assign")
    def assign(self, events):
        handlers.assign(events, self.store, self.outbox)

A handler takes a list of events and is idempotent. When it raises, the batch is tried event by
event, so that one bad message harms no other; a single event that fails waits 5 s, 30 s and 5 min
between tries and is then parked with its reason; one that can never be read is parked at once.
While the database is down nothing is the message's fault: the batch is kept and tried again.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from eventlet.queue import Queue
from eventlet.semaphore import Semaphore
from kombu import Consumer as KombuConsumer
from kombu.message import Message
from nameko.extensions import Entrypoint

from suishoupai import metrics, tracing
from suishoupai.contracts.events import Event, UnreadableEvent, read_event
from suishoupai.contracts.subscriptions import find_subscription
from suishoupai.messaging.keeper import DeadLetterKeeper
from suishoupai.messaging.link import Link, read_frames
from suishoupai.messaging.publisher import Publisher
from suishoupai.messaging.settlement import Settlement
from suishoupai.messaging.topology import consumer_queues, declare_all
from suishoupai.mongo import is_unavailable
from suishoupai.settings import read_settings

BATCH = 100
"""Most events handed to a handler at once."""
BATCH_SECONDS = 0.01
"""Longest wait for more events once one is there."""
STALL_SECONDS = 60.0
"""Longest time one batch may take before the service calls itself not ready."""

log = structlog.get_logger(__name__)

Delivery = tuple[Message, Event]


class EventConsumer(Entrypoint):
    """Entrypoint that feeds a service method from a quorum queue of its own.

    Two greenlets per connection: one reads (and answers heartbeats), one collects batches, has
    them handled in a worker of the container, and settles them.
    """

    keeper = DeadLetterKeeper()
    """What is parked ends up in the service's database."""

    def __init__(self, *event_types: str, purpose: str, vital: bool = True, **options: Any) -> None:
        """``vital``: whether the service is not ready while these events cannot be handled."""
        super().__init__(**options)
        self.event_types = event_types
        self.purpose = purpose
        self.link = Link(purpose, self._consume)
        self.progress = Progress()
        self._vital = vital
        self._thread: Any = None

    def setup(self) -> None:
        """Finds the subscription; raises ``LookupError`` when it is not declared."""
        settings = read_settings()
        subscription = find_subscription(
            self.container.service_name, self.purpose, self.event_types
        )
        self.uri, self.namespace = settings.amqp_uri, settings.namespace
        self.queues = consumer_queues(settings.namespace, subscription)

    def start(self) -> None:
        """Consumes until stopped, connecting again whenever the broker goes away."""
        self._thread = self.container.spawn_managed_thread(
            lambda: self.link.run(self.uri, self.namespace), identifier=self.purpose
        )

    def stop(self) -> None:
        """Takes no more messages, settles those already here, and leaves."""
        self.link.stopping = True
        if self._thread is not None:
            self._thread.wait()

    def not_ready(self) -> str | None:
        """Why the service must not count on these events being handled, or None.

        A handler that never returns is a fault of this process, so it counts, vital or not.
        """
        if self._vital and self.link.failure:
            return self._named(self.link.failure)
        stalled = self.progress.stalled()
        return self._named(stalled) if stalled else None

    def degraded(self) -> str | None:
        """Why events wait although the service can do without them for now, or None."""
        return self._named(self.link.failure) if self.link.failure else None

    def _named(self, reason: str) -> str:
        return f"consumer {self.purpose}: {reason}"

    def _consume(self, connection: Any) -> None:
        channel = connection.channel()
        session = _Session(self, connection, channel)
        consumer = KombuConsumer(
            channel,
            queues=[self.queues.main_queue()],
            on_message=session.buffer.put,
            prefetch_count=2 * BATCH,
            auto_declare=False,
        )
        consumer.consume()
        self.link.consuming()
        try:
            session.read_until(lambda: self.link.stopping)
            consumer.cancel()
            session.drain()
        finally:
            session.close()
            self.progress.idle()

    def handle(self, events: Sequence[Event]) -> None:
        """Runs the service method in a worker; raises what it raises."""
        done = Signal()

        def settle(_worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send(result) if exc_info is None else done.send_exception(*exc_info)
            return result, exc_info

        self.container.spawn_worker(self, (list(events),), {}, handle_result=settle)
        done.wait()


class Progress:
    """Since when a consumer has been at the same batch."""

    def __init__(self) -> None:
        self._since: float | None = None

    def busy(self) -> None:
        """A batch, or a part of it, was begun."""
        self._since = time.monotonic()

    def idle(self) -> None:
        """Nothing is being handled."""
        self._since = None

    def stalled(self) -> str | None:
        """How long it has been at it, in words, when that is longer than ``STALL_SECONDS``."""
        if self._since is None or (seconds := time.monotonic() - self._since) < STALL_SECONDS:
            return None
        return f"at the same events for {seconds:.0f} s"


class _Session:
    """One connection's worth of consuming: what is buffered, handled and settled on it."""

    def __init__(self, entrypoint: EventConsumer, connection: Any, channel: Any) -> None:
        self._entrypoint = entrypoint
        self._connection = connection
        self._channel = channel
        self._write = Semaphore()
        """Acks and heartbeats come from two greenlets; frames must not mix."""
        self._dead_letters = Publisher(
            entrypoint.uri, lambda opened: declare_all(opened, entrypoint.namespace)
        )
        self._settlement = Settlement(entrypoint.queues, self._dead_letters)
        self.buffer: Queue[Message | None] = Queue()
        self._worker = eventlet.spawn(self._work)
        self._failure: Exception | None = None

    def read_until(self, finished: Any) -> None:
        """Reads frames until ``finished()``; raises when the connection or the worker dies."""
        while not finished():
            read_frames(self._connection)
            with self._write:
                self._connection.heartbeat_check()
            if self._failure is not None:
                raise self._failure

    def drain(self) -> None:
        """Lets the worker settle all that has arrived."""
        self.buffer.put(None)
        self.read_until(lambda: self._worker.dead)

    def close(self) -> None:
        """Ends the worker, if it still runs: what it has not acknowledged comes back."""
        self._worker.kill()
        self._dead_letters.close()

    def _work(self) -> None:
        try:
            while batch := self._next_batch():
                self._settle(batch)
        except Exception as error:  # told to the reader, which gives up the connection
            self._failure = error

    def _settle(self, batch: list[Message]) -> None:
        deliveries = [delivery for message in batch if (delivery := self._read(message))]
        if deliveries:
            self._handle(deliveries)
        with self._write:
            self._channel.basic_ack(batch[-1].delivery_tag, multiple=True)
        self._entrypoint.progress.idle()

    def _next_batch(self) -> list[Message]:
        """Up to ``BATCH`` messages, in order; empty when there will be no more."""
        first = self.buffer.get()
        if first is None:
            return []
        batch = [first]
        with eventlet.Timeout(BATCH_SECONDS, False):
            while len(batch) < BATCH:
                message = self.buffer.get()
                if message is None:
                    self.buffer.put(None)
                    break
                batch.append(message)
        return batch

    def _read(self, message: Message) -> Delivery | None:
        try:
            return message, read_event(message.body)
        except UnreadableEvent as error:
            self._settlement.park(message, str(error), traceback.format_exc())
            self._count("parked")
            return None

    def _handle(self, deliveries: list[Delivery]) -> None:
        purpose = self._entrypoint.purpose
        metrics.BATCH_SIZE.labels(purpose).observe(len(deliveries))
        try:
            self._entrypoint.progress.busy()
            events = [event for _, event in deliveries]
            self._entrypoint.link.when_available(lambda: self._entrypoint.handle(events))
        except Exception as error:  # a handler may raise anything; each message gets its answer
            if is_unavailable(error):
                raise  # only when leaving: what is not acknowledged comes back to the next process
            if len(deliveries) > 1:
                log.warning("batch failed, trying one by one", purpose=purpose, error=repr(error))
                for delivery in deliveries:
                    self._handle([delivery])
            else:
                message, event = deliveries[0]
                tracing.begin(event.trace)
                outcome = self._settlement.fail(message, repr(error), traceback.format_exc())
                log.error("event failed", purpose=purpose, event_id=event.id, outcome=outcome)
                self._count(outcome)
        else:
            self._count("done", len(deliveries))

    def _count(self, outcome: str, amount: int = 1) -> None:
        metrics.EVENTS_CONSUMED.labels(self._entrypoint.purpose, outcome).inc(amount)


consume = EventConsumer.decorator
