"""Who sends for a webhook when, and what is kept once: the stores on a real database."""

import threading
from datetime import timedelta

import pytest

from services.gateway.happening import whereabouts
from services.gateway.webhooks.messages import new_delivery, of_event
from services.gateway.webhooks.retrying import Failing
from services.gateway.webhooks.store import NEVER
from suishoupai import clock

from .conftest import happened, some_gateways

NOW = clock.now() + timedelta(minutes=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def idle(world, tmp_path_factory):
    """The stores of gateways that do not run."""
    with some_gateways(world, tmp_path_factory.mktemp("idle"), 0) as gateways:
        yield gateways


@pytest.fixture
def store(idle):
    for name in ("webhooks", "webhook_deliveries"):
        idle.database[name].delete_many({})
    return idle.store


@pytest.fixture
def webhook(idle, store):
    return idle.give("owner", "http://a.example/")["id"]


def delivery(webhook, event):
    return new_delivery(webhook, of_event(event), whereabouts(event), event.sequence, NOW)


def test_a_webhook_with_something_to_send_is_one_processs_at_a_time(store, webhook):
    assert store.webhooks.claim(NOW, NOW + MINUTE, []) is None
    store.webhooks.stir([webhook], NOW)
    assert store.webhooks.claim(NOW, NOW + MINUTE, ["127.0.0.1"]) is None
    first = store.webhooks.claim(NOW, NOW + MINUTE, [])
    store.webhooks.stir([webhook], NOW)
    store.webhooks.stir_at_once(webhook, NOW)
    assert store.webhooks.claim(NOW, NOW + MINUTE, []) is None
    # Whoever holds it may go on holding it; whoever died lets it go.
    assert store.webhooks.hold(first, NOW + 2 * MINUTE)
    assert store.webhooks.claim(NOW + MINUTE, NOW + 3 * MINUTE, []) is None
    second = store.webhooks.claim(NOW + 2 * MINUTE, NOW + 3 * MINUTE, [])
    assert store.webhooks.hold(first, NOW + 9 * MINUTE) is None
    store.webhooks.release(first, NEVER, NOW)
    store.webhooks.note(first, Failing(7, NOW))
    kept = store.webhooks.hold(second, NOW + 3 * MINUTE)
    assert kept["failing"]["tries"] == 0


def test_what_comes_while_it_is_held_is_not_forgotten(store, webhook):
    store.webhooks.stir([webhook], NOW)
    claimed = store.webhooks.claim(NOW, NOW + MINUTE, [])
    store.webhooks.stir([webhook], NOW)
    store.webhooks.release(claimed, NEVER, NOW)
    claimed = store.webhooks.claim(NOW, NOW + MINUTE, [])
    store.webhooks.release(claimed, NEVER, NOW)
    assert store.webhooks.claim(NOW + 99 * MINUTE, NOW + 100 * MINUTE, []) is None


@pytest.mark.parametrize("is_stirred", [False, True])
def test_a_receiver_that_failed_rests_whatever_comes(store, webhook, is_stirred):
    store.webhooks.stir([webhook], NOW)
    claimed = store.webhooks.claim(NOW, NOW + MINUTE, [])
    if is_stirred:
        store.webhooks.stir([webhook], NOW)
    store.webhooks.release(claimed, NOW, NOW + 5 * MINUTE)
    store.webhooks.stir([webhook], NOW)
    assert store.webhooks.claim(NOW + 4 * MINUTE, NOW + 9 * MINUTE, []) is None
    store.webhooks.stir_at_once(webhook, NOW)
    assert store.webhooks.claim(NOW, NOW + MINUTE, [])


def test_one_that_is_off_is_nobodys(store, webhook):
    store.webhooks.stir([webhook], NOW)
    claimed = store.webhooks.claim(NOW, NOW + MINUTE, [])
    assert store.webhooks.switch_off(webhook, "x", NOW)
    assert not store.webhooks.switch_off(webhook, "y", NOW)
    assert store.webhooks.hold(claimed, NOW + MINUTE) is None
    store.webhooks.release(claimed, NOW, NOW)
    assert store.webhooks.claim(NOW + MINUTE, NOW + 2 * MINUTE, []) is None
    assert store.webhooks.enabled() == []


def test_of_many_that_come_at_once_ten_stay(idle, store):
    made = []

    def give():
        made.append(idle.give("one", "http://a.example/")["id"])

    threads = [threading.Thread(target=give) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {each["_id"] for each in store.webhooks.find({"owner": "one"}, 99)}
    assert len(kept) == 10
    assert kept <= set(made)


def test_the_same_event_written_by_many_at_once_is_one_delivery(store, webhook):
    events = happened(20)

    def write():
        store.deliveries.insert([delivery(webhook, event) for event in events])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.deliveries.find({"webhook": webhook}, 99)) == 20


def test_what_failed_is_sent_again_in_its_old_order_and_not_all_at_once(store, webhook):
    events = happened(5)
    store.deliveries.insert([delivery(webhook, event) for event in reversed(events)])
    assert store.deliveries.park(webhook, "switched off") == 5
    assert store.deliveries.next_at(webhook) is None
    assert store.deliveries.replay_failed(webhook, NOW + MINUTE, 99) == 0
    assert store.deliveries.replay_failed(webhook, clock.EPOCH, 3) == 3
    assert store.deliveries.replay_failed(webhook, clock.EPOCH, 99) == 2
    assert store.deliveries.next_at(webhook) <= NOW
    order = []
    while due := store.deliveries.next_due(webhook, NOW):
        assert (due["failures"], due["reason"]) == (0, None)
        order.append(due["event"])
        store.deliveries.settle(due["_id"], {"$set": {"state": "sent"}})
    assert order == [event.id for event in events]
    # What is settled stays so, and what is another webhook's is not touched.
    store.deliveries.settle(due_id(store, webhook), {"$set": {"state": "failed"}})
    assert {each["state"] for each in store.deliveries.find({}, 99)} == {"sent"}
    assert store.deliveries.replay("other", due_id(store, webhook), NOW) is None


def due_id(store, webhook):
    return store.deliveries.find({"webhook": webhook}, 1)[0]["_id"]
