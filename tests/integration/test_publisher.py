"""A message counts as published only when the broker has it in a queue."""

import uuid

import pytest
from kombu import Queue

from suishoupai.messaging.publisher import NotConfirmed, Outgoing, Publisher


@pytest.fixture
def queue(world):
    name = f"test-{uuid.uuid4().hex}"
    arguments = {"x-queue-type": "quorum", "x-max-length": 5, "x-overflow": "reject-publish"}

    def declare(connection):
        Queue(name, durable=True, queue_arguments=arguments)(connection.channel()).declare()

    publisher = Publisher(world.stack.settings().amqp_uri, declare)
    yield name, publisher
    publisher.close()


def to(queue):
    return Outgoing(exchange="", routing_key=queue, body=b"{}", mandatory=True)


def test_what_reaches_no_queue_is_not_published_and_the_next_is(queue):
    name, publisher = queue
    with pytest.raises(NotConfirmed, match="NO_ROUTE"):
        publisher.publish([to(name), to("nowhere"), to(name)])
    publisher.publish([to(name)])


def test_what_the_broker_refuses_is_not_published(queue):
    name, publisher = queue
    with pytest.raises(NotConfirmed, match="refused"):
        for _ in range(10):
            publisher.publish([to(name)] * 5)
