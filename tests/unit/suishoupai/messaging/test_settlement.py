"""What becomes of a failed message, step by step, until it is parked."""

import pytest

from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.messaging.settlement import LONGEST_TRACEBACK, Settlement
from suishoupai.messaging.topology import RETRY_DELAYS, consumer_queues


class Message:
    def __init__(self, headers=None):
        self.headers = headers
        self.body = "内容"
        self.properties = {"message_id": "m"}


class Publisher:
    def __init__(self):
        self.published = []

    def publish(self, messages):
        self.published.extend(messages)


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def settlement(publisher):
    return Settlement(consumer_queues("ns", SUBSCRIPTIONS[0]), publisher)


def test_a_message_waits_longer_each_time_and_is_then_parked(settlement, publisher):
    headers, outcomes = None, []
    for _ in range(len(RETRY_DELAYS) + 1):
        outcomes.append(settlement.fail(Message(headers), "boom", "Traceback"))
        headers = publisher.published[-1].headers
    assert outcomes == ["retried"] * len(RETRY_DELAYS) + ["parked"]
    assert [message.routing_key for message in publisher.published] == [
        "ns.grid.assign.retry.5s",
        "ns.grid.assign.retry.30s",
        "ns.grid.assign.retry.300s",
        "ns.grid.assign.dead",
    ]
    assert headers["x-reason"] == "failed 4 times: boom"


def test_the_copy_is_the_message_and_must_arrive(settlement, publisher):
    settlement.park(Message({"x-attempt": 1}), "why", "x" * 10 * LONGEST_TRACEBACK)
    (copy,) = publisher.published
    assert copy.body.decode() == "内容"
    assert copy.message_id == "m"
    assert copy.mandatory
    assert copy.headers["x-attempt"] == 1
    assert len(copy.headers["x-traceback"]) == LONGEST_TRACEBACK


def test_retries_come_apart_but_never_late(settlement, publisher):
    for attempt, delay in enumerate(RETRY_DELAYS):
        waits = []
        for _ in range(50):
            settlement.fail(Message({"x-attempt": attempt}), "boom", "Traceback")
            waits.append(publisher.published[-1].expires_in)
        assert all(0.8 * delay <= wait <= delay for wait in waits)
        assert len(set(waits)) > 25
