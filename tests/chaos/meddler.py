"""Stands between exchange and queues: hands events on twice, late, and in another order."""

import heapq
import itertools
import random
import threading
import time

from kombu import Queue

from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import connect, consumer_queues, declare_all, events_exchange

LATEST = 2.0
"""Seconds an event is held back at most."""


class Meddler(threading.Thread):
    """While it runs, every event reaches its consumers through here.

    ``share`` of the deliveries come twice, ``share`` are held back, so that later ones overtake.
    """

    def __init__(self, stack, seed, share=0.2):
        super().__init__(daemon=True)
        settings = stack.settings()
        self._uri, self._namespace, self._share = settings.amqp_uri, settings.namespace, share
        self._random = random.Random(seed)
        self._leave = threading.Event()
        self._order = itertools.count()
        self._held = []
        """Heap of (when, order, queue, message)."""
        self._copies = {}
        """Delivery tag → copies still to be handed on."""
        self.meddling = threading.Event()
        self.delivered = self.doubled = self.delayed = 0

    def run(self):
        """Meddles until told to leave; then lets go of everything it holds."""
        publisher = Publisher(self._uri, lambda _: None)
        with connect(self._uri) as connection:
            channel = connection.channel()
            exchange = events_exchange(self._namespace)
            queue = Queue(f"{self._namespace}.meddler", exchange=exchange, routing_key="#")
            bound = queue(channel)
            bound.declare()
            with connection.Consumer(
                [bound], on_message=self._receive, auto_declare=False, prefetch_count=1000
            ):
                while not self._leave.is_set():
                    self._unbind(connection)
                    self.meddling.set()
                    self._meddle(connection, publisher, 0.5)
                declare_all(connection, self._namespace)
                bound.unbind_from(exchange, "#")
                # What came before the queues were bound again still goes through here.
                while self._held or bound.queue_declare(passive=True).message_count:
                    self._meddle(connection, publisher, 0.1)
            bound.delete()
        publisher.close()

    def leave(self):
        """Ends the meddling; returns when every event held back was handed on."""
        self._leave.set()
        self.join()

    def _unbind(self, connection):
        with connection.channel() as channel:
            for line in SUBSCRIPTIONS:
                queue = consumer_queues(self._namespace, line)
                bound = queue.main_queue()(channel)
                for event_type in line.event_types:
                    bound.unbind_from(queue.exchange, event_type)

    def _meddle(self, connection, publisher, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._read(connection)
            self._hand_on(publisher)

    def _read(self, connection):
        try:
            connection.drain_events(timeout=0.02)
        except TimeoutError:
            return

    def _receive(self, message):
        event_type = message.delivery_info["routing_key"]
        for line in SUBSCRIPTIONS:
            if event_type in line.event_types:
                self._plan(f"{self._namespace}.{line.service}.{line.purpose}", message)

    def _plan(self, queue, message):
        now = time.monotonic()
        delayed = self._random.random() < self._share
        doubled = self._random.random() < self._share
        self.delivered += 1
        self.delayed += delayed
        self.doubled += doubled
        moments = [now + (self._random.uniform(0.05, LATEST) if delayed else 0.0)]
        if doubled:
            moments.append(now + self._random.uniform(0.0, LATEST))
        self._copies[message.delivery_tag] = self._copies.get(message.delivery_tag, 0) + len(
            moments
        )
        for moment in moments:
            heapq.heappush(self._held, (moment, next(self._order), queue, message))

    def _hand_on(self, publisher):
        due = []
        while self._held and (self._leave.is_set() or self._held[0][0] <= time.monotonic()):
            due.append(heapq.heappop(self._held))
        publisher.publish(
            Outgoing(
                "",
                queue,
                message.body.encode() if isinstance(message.body, str) else bytes(message.body),
                mandatory=True,
            )
            for _, _, queue, message in due
        )
        for _, _, _, message in due:
            self._copies[message.delivery_tag] -= 1
            if not self._copies[message.delivery_tag]:
                del self._copies[message.delivery_tag]
                message.ack()
