"""What a test does with the broker itself: listen, publish anything, look into queues."""

import uuid
from contextlib import contextmanager

from kombu import Exchange, Queue

from suishoupai.contracts.events import read_event
from suishoupai.messaging.topology import connect, events_exchange


@contextmanager
def listening(stack):
    """Hears every event published meanwhile: ``heard(count)`` waits for that many."""
    settings = stack.settings()
    with connect(settings.amqp_uri) as connection:
        queue = Queue(
            f"listening-{uuid.uuid4().hex}",
            exchange=events_exchange(settings.namespace),
            routing_key="#",
            exclusive=True,
            auto_delete=True,
        )(connection.channel())
        queue.declare()
        events = []

        def heard(count):
            with connection.Consumer(
                [queue], on_message=lambda m: events.append(read_event(m.body)), no_ack=True
            ):
                while len(events) < count:
                    connection.drain_events(timeout=30)
            return events

        yield heard


def publish(stack, queue, bodies):
    """Puts messages straight into a queue, whatever they are."""
    settings = stack.settings()
    with connect(settings.amqp_uri) as connection:
        producer = connection.Producer(exchange=Exchange(""))
        for body in bodies:
            producer.publish(
                body,
                routing_key=f"{settings.namespace}.{queue}",
                content_type="application/cloudevents+json",
                content_encoding="utf-8",
            )


def depth(stack, queue):
    """How many messages are ready in a queue."""
    settings = stack.settings()
    with connect(settings.amqp_uri) as connection:
        channel = connection.channel()
        return channel.queue_declare(f"{settings.namespace}.{queue}", passive=True).message_count
