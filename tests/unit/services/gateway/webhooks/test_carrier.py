"""What becomes of the deliveries of a webhook whose turn it is."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.gateway.webhooks import carrier as carriers
from services.gateway.webhooks.carrier import NOT_THEIRS, Carrier
from services.gateway.webhooks.messages import MOST_TRIES_KEPT, TEST, new_delivery, of_event
from services.gateway.webhooks.retrying import FAILURES_IN_A_ROW, PAUSES
from services.gateway.webhooks.signing import new_secret
from services.gateway.webhooks.store import NEVER
from suishoupai.access import Caller, Whereabouts
from suishoupai.outward import NotPosted

from ...notify.events import changed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WHERE = Whereabouts("rider", None, ("341324",), False)


class World:
    """One webhook and its deliveries, in memory, as the stores would keep them."""

    def __init__(self):
        self.webhook = {"_id": "w", "owner": "boss", "url": "https://a.example/", "claim": "c"}
        self.webhook |= {"secrets": [{"secret": new_secret(), "until": None}]}
        self.webhook["failing"] = {"tries": 0, "since": None}
        self.owner, self.waiting, self.settled = Caller("boss", ("admin",)), [], []
        self.posted, self.status, self.released, self.off, self.audited = [], 200, None, None, []
        self.on = True
        self.webhooks = SimpleNamespace(
            hold=lambda claimed, until: self.webhook if self.on else None,
            note=self.note,
            release=lambda claimed, due_at, free_at: setattr(self, "released", (due_at, free_at)),
            switch_off=self.switch_off,
        )
        self.deliveries = SimpleNamespace(
            next_due=lambda webhook, now: self.waiting[0] if self.waiting else None,
            next_at=lambda webhook: self.waiting[0]["at"] if self.waiting else None,
            settle=self.settle,
            park=lambda webhook, reason: len(self.waiting),
        )
        self.audit = SimpleNamespace(write=self.audited.append)
        self.carrier = Carrier(self, 30.0, False, self.post)

    def deliver(self, event_type="issue.closed", failures=0):
        event = changed("issue.closed")
        delivery = new_delivery("w", of_event(event), WHERE, event.sequence, NOON)
        delivery |= {"at": NOON, "type": event_type, "failures": failures}
        self.waiting.append(delivery)

    def settle(self, delivery, update):
        assert self.waiting[0]["_id"] == delivery
        self.settled.append(update)
        self.waiting.pop(0)

    def note(self, claimed, failing):
        self.webhook["failing"] = {"tries": failing.tries, "since": failing.since}

    def switch_off(self, webhook, why, at):
        was_on, self.on, self.off = self.on, False, why
        return was_on

    def post(self, url, body, headers, private_allowed):
        assert not private_allowed
        self.posted.append((url, headers["webhook-id"]))
        if self.status is None:
            raise NotPosted("no answer: X")
        if self.status != 200:
            raise NotPosted(f"answered {self.status}", self.status)
        return self.status

    def carry(self):
        words = []
        self.carrier.carry(self.webhook, words.append)
        return words


@pytest.fixture
def world(monkeypatch):
    world = World()
    monkeypatch.setattr(carriers.clock, "now", lambda: NOON)
    monkeypatch.setattr(carriers, "owner_now", lambda store, owner: world.owner)
    monkeypatch.setattr(carriers.random, "random", lambda: 0.5)
    return world


def test_all_that_is_due_goes_out_one_after_the_other(world):
    for _ in range(3):
        world.deliver()
    ids = [each["_id"] for each in world.waiting]
    assert world.carry() == ["sent"] * 3
    assert [message for _, message in world.posted] == ids
    assert [update["$set"]["state"] for update in world.settled] == ["sent"] * 3
    assert world.released == (NEVER, NOON)


def test_after_a_failure_the_receiver_rests_and_what_waits_is_kept(world):
    world.deliver()
    world.deliver()
    world.status = 500
    assert world.carry() == ["retried"]
    (update,) = world.settled
    assert update["$set"] == {"at": NOON + timedelta(seconds=5)}
    assert update["$inc"] == {"failures": 1}
    (tried,) = update["$push"]["tries"]["$each"]
    assert (tried["status"], tried["error"]) == (500, "answered 500")
    assert update["$push"]["tries"]["$slice"] == -MOST_TRIES_KEPT
    assert world.released == (NOON, NOON + timedelta(seconds=5))
    assert world.webhook["failing"] == {"tries": 1, "since": NOON}
    world.status = 200
    assert world.carry() == ["sent"]
    assert world.webhook["failing"] == {"tries": 0, "since": None}


@pytest.mark.parametrize(
    ("event_type", "failures", "word"),
    [
        ("issue.closed", len(PAUSES) - 1, "retried"),
        ("issue.closed", len(PAUSES), "failed"),
        (TEST, 0, "failed"),
    ],
)
def test_after_the_last_try_it_is_given_up(world, event_type, failures, word):
    world.deliver(event_type, failures)
    world.status = None
    assert world.carry() == [word]
    assert world.settled[0]["$set"].get("state") == ("failed" if word == "failed" else None)


def test_who_says_gone_is_switched_off_and_it_is_written_down(world):
    world.deliver()
    world.status = 410
    world.carry()
    assert "410" in world.off
    (entry,) = world.audited
    assert (entry["account"], entry["subject"], entry["detail"]["owner"]) == ("system", "w", "boss")


@pytest.mark.parametrize(("hours", "is_off"), [(23, False), (24, True)])
def test_who_fails_for_a_day_is_switched_off(world, hours, is_off):
    since = NOON - timedelta(hours=hours)
    world.webhook["failing"] = {"tries": FAILURES_IN_A_ROW - 1, "since": since}
    world.deliver()
    world.status = 503
    world.carry()
    assert (world.off is not None) == is_off


@pytest.mark.parametrize(
    "owner", [None, Caller("boss", ("reporter",)), Caller("boss", ("supervisor",), "341325")]
)
def test_what_its_owner_may_not_see_any_more_is_not_sent(world, owner):
    world.deliver()
    world.owner = owner
    assert world.carry() == ["dropped"]
    assert world.settled == [{"$set": {"state": "failed", "reason": NOT_THEIRS}}]
    assert world.posted == []


def test_a_webhook_that_is_off_or_another_processs_is_left_alone(world):
    world.deliver()
    world.on = False
    assert world.carry() == []
    assert (world.posted, world.released) == ([], None)


def test_a_turn_ends_for_others_and_for_a_stop(world, monkeypatch):
    for _ in range(2):
        world.deliver()
    world.carrier.stopping = True
    assert world.carry() == []
    world.carrier.stopping = False
    monkeypatch.setattr(carriers, "TURN_SECONDS", 0.0)
    assert world.carry() == []
    assert world.released == (NOON, NOON)


def test_whatever_a_receiver_does_to_a_connection_is_a_failure_of_its_own(world):
    world.deliver()

    def burst(*_):
        raise UnicodeError("with a secret in it")

    world.carrier._post = burst
    assert world.carry() == ["retried"]
    assert "secret" not in str(world.settled)
