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

import contextlib
import random
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
from suishoupai.messaging.publisher import Publisher
from suishoupai.messaging.settlement import Settlement
from suishoupai.messaging.topology import connect, consumer_queues, declare_all
from suishoupai.mongo import is_unavailable
from suishoupai.settings import read_settings

BATCH = 100
"""Most events handed to a handler at once."""
BATCH_SECONDS = 0.01
"""Longest wait for more events once one is there."""
HEARTBEAT = 30
"""Seconds between heartbeats; the broker drops a consumer that misses two."""
READ_SECONDS = 0.5
"""How long one read waits, and so how soon a stop is noticed."""

log = structlog.get_logger(__name__)

Delivery = tuple[Message, Event]


class EventConsumer(Entrypoint):
    """Entrypoint that feeds a service method from a quorum queue of its own.

    Two greenlets per connection: one reads (and answers heartbeats), one collects batches, has
    them handled in a worker of the container, and settles them.
    """

    def __init__(self, *event_types: str, purpose: str, vital: bool = True, **options: Any) -> None:
        """``vital``: whether the service is not ready while these events cannot be handled."""
        super().__init__(**options)
        self.event_types = event_types
        self.purpose = purpose
        self.vital = vital
        self._stopping = False
        self._thread: Any = None
        self._failure: str | None = "not connected yet"

    def setup(self) -> None:
        """Finds the subscription; raises ``LookupError`` when it is not declared."""
        settings = read_settings()
        subscription = find_subscription(
            self.container.service_name, self.purpose, self.event_types
        )
        self._uri, self._namespace = settings.amqp_uri, settings.namespace
        self._queues = consumer_queues(settings.namespace, subscription)

    def start(self) -> None:
        """Consumes until stopped, connecting again whenever the broker goes away."""
        self._thread = self.container.spawn_managed_thread(self._run, identifier=self.purpose)

    def stop(self) -> None:
        """Takes no more messages, settles those already here, and leaves."""
        self._stopping = True
        if self._thread is not None:
            self._thread.wait()

    def not_ready(self) -> str | None:
        """Why no events are being handled now, or None."""
        return f"consumer {self.purpose}: {self._failure}" if self._failure else None

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping:
            try:
                self._consume()
            except Exception as error:  # a broker can fail in many ways; all mean: connect again
                was_connected = self._failure is None
                pause = 0.5 if was_connected else min(5.0, pause * 2 or 0.5)
                self._failure = f"{type(error).__name__}: {error}"
                log.warning("consumer lost its broker", purpose=self.purpose, error=self._failure)
                metrics.CONSUMER_CONNECTED.labels(self.purpose).set(0)
                eventlet.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret

    def _consume(self) -> None:
        with connect(self._uri, heartbeat=HEARTBEAT) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            declare_all(connection, self._namespace)
            channel = connection.channel()
            session = _Session(self, connection, channel)
            consumer = KombuConsumer(
                channel,
                queues=[self._queues.main_queue()],
                on_message=session.buffer.put,
                prefetch_count=2 * BATCH,
                auto_declare=False,
            )
            consumer.consume()
            self._failure = None
            metrics.CONSUMER_CONNECTED.labels(self.purpose).set(1)
            try:
                session.read_until(lambda: self._stopping)
                consumer.cancel()
                session.drain()
            finally:
                session.close()

    def handle(self, events: Sequence[Event]) -> None:
        """Runs the service method in a worker; raises what it raises."""
        done = Signal()

        def settle(_worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send(result) if exc_info is None else done.send_exception(*exc_info)
            return result, exc_info

        self.container.spawn_worker(self, (list(events),), {}, handle_result=settle)
        done.wait()


class _Session:
    """One connection's worth of consuming: what is buffered, handled and settled on it."""

    def __init__(self, entrypoint: EventConsumer, connection: Any, channel: Any) -> None:
        self._entrypoint = entrypoint
        self._connection = connection
        self._channel = channel
        self._write = Semaphore()
        """Acks and heartbeats come from two greenlets; frames must not mix."""
        self._dead_letters = Publisher(
            entrypoint._uri, lambda opened: declare_all(opened, entrypoint._namespace)
        )
        self._settlement = Settlement(entrypoint._queues, self._dead_letters)
        self.buffer: Queue[Message | None] = Queue()
        self._worker = eventlet.spawn(self._work)
        self._failure: Exception | None = None

    def read_until(self, finished: Any) -> None:
        """Reads frames until ``finished()``; raises when the connection or the worker dies."""
        while not finished():
            with contextlib.suppress(TimeoutError):
                self._connection.drain_events(timeout=READ_SECONDS)
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
            self._handle_when_available([event for _, event in deliveries])
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

    def _handle_when_available(self, events: list[Event]) -> None:
        pause = 0.25
        while True:
            try:
                self._entrypoint.handle(events)
                self._entrypoint._failure = None
                return
            except Exception as error:
                if not is_unavailable(error) or self._entrypoint._stopping:
                    raise
                self._entrypoint._failure = f"database: {error}"
                eventlet.sleep(pause)
                pause = min(5.0, pause * 2)

    def _count(self, outcome: str, amount: int = 1) -> None:
        metrics.EVENTS_CONSUMED.labels(self._entrypoint.purpose, outcome).inc(amount)


consume = EventConsumer.decorator
