"""Hearsay with a broker in memory."""

import json

import pytest

from suishoupai.messaging.hearsay import Hearsay
from suishoupai.messaging.publisher import NotConfirmed
from suishoupai.messaging.topology import hearsay_exchange, hearsay_queue


class Broker:
    def __init__(self):
        self.away, self.told = False, []

    def publish(self, messages):
        if self.away:
            raise NotConfirmed("away")
        self.told += messages


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def hearsay(broker):
    made = Hearsay("figures")
    made._publisher, made._exchange = broker, hearsay_exchange("ns", "figures")
    return made


def words(broker):
    return [json.loads(message.body) for message in broker.told]


def test_what_is_said_meanwhile_is_told_together_each_word_once(hearsay, broker):
    hearsay.say(["b", "a"])
    hearsay.say({"a", "c"})
    hearsay._tell()
    hearsay._tell()
    assert words(broker) == [["a", "b", "c"]]
    (message,) = broker.told
    assert (message.exchange, message.mandatory) == ("ns.hearsay.figures", False)


def test_nothing_said_wakes_nobody(hearsay, broker):
    hearsay.say([])
    hearsay._tell()
    assert broker.told == []


def test_what_could_not_be_told_is_told_with_the_next(hearsay, broker):
    broker.away = True
    hearsay.say(["a"])
    with pytest.raises(NotConfirmed):
        hearsay._tell()
    broker.away = False
    hearsay.say(["b"])
    hearsay._tell()
    assert words(broker) == [["a", "b"]]


def test_every_process_has_a_queue_of_its_own_that_goes_with_it():
    one, other = (hearsay_queue("ns", "figures") for _ in range(2))
    assert one.name != other.name
    assert one.exchange == other.exchange
    assert (one.exclusive, one.auto_delete, one.durable) == (True, True, False)
