"""What becomes of a message that a carrier takes up."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from services.notify import carrier as carriers
from services.notify.carrier import CLAIM, Carrier
from services.notify.channels import Channel
from services.notify.deliveries import FAILURES_IN_A_ROW, LASTS
from services.notify.notices import notices_of
from services.notify.rulebook import Rulebook
from services.notify.rules import read_rules
from services.notify.texts import read_texts
from services.notify.transport import NotSent
from suishoupai.clock import LOCAL
from suishoupai.settings import ROOT

from .events import changed

NOON = datetime(2026, 11, 24, 12, tzinfo=LOCAL)
SHIPPED = ROOT / "data" / "notices"
RULES = read_rules(SHIPPED / "rules.csv", None)
CHANNEL = Channel("webhook", "webhook://?to={address}", "url")
BOOK = Rulebook("", RULES, read_texts(SHIPPED), {"webhook": CHANNEL}, None, False)


class World:
    """One person, one notice, and a pile of messages about it, in memory."""

    def __init__(self):
        (ordered,) = notices_of(changed("issue.urged"), RULES, NOON)
        self.notice, self.waiting, self.updates, self.posted = ordered.notice, [], [], []
        self.choice = {"address": "https://a.example/x", "enabled": True, "off": []}
        self.person = {
            "_id": "chen",
            "keys": ["account:chen", "party:property-1"],
            "choices": {"language": "zh", "channels": {"webhook": self.choice}, "quiet": ""},
        }
        self.fault = None
        self.deliveries = SimpleNamespace(claim=self.claim, settle=self.settle)
        self.people = SimpleNamespace(find=lambda account: self.person)
        self.inboxes = SimpleNamespace(read=lambda notice, query: self.notice)
        self.carrier = Carrier(CHANNEL, BOOK, self, 10.0, self.send)

    def claim(self, channel, now, expires):
        assert (channel, expires - now) == ("webhook", CLAIM)
        return self.waiting.pop(0) if self.waiting else None

    def settle(self, delivery, update):
        self.updates.append(update)

    def send(self, channel, address, message):
        if self.fault:
            raise NotSent(self.fault)
        self.posted.append((address, message))

    def carry(self, created_at=NOON, urgent=False):
        row = {"_id": "d", "account": "chen", "channel": "webhook", "notice": self.notice["_id"]}
        row |= {"kind": "urged", "urgent": urgent, "tries": [], "created_at": created_at}
        self.waiting.append(row)
        return self.carrier.carry_next()


@pytest.fixture
def world(monkeypatch):
    world = World()
    world.now = NOON
    monkeypatch.setattr(carriers.clock, "now", lambda: world.now)
    return world


def test_nothing_due_is_nothing_done(world):
    assert world.carrier.carry_next() is None


def test_what_is_sent_is_marked_with_where_it_went_masked(world):
    assert world.carry() == "sent"
    ((address, message),) = world.posted
    assert address == "https://a.example/x"
    assert (message.id, message.title) == ("d", "催办 341324-20261123-00001")
    assert world.updates[0]["$set"]["address"] == "https://a.example/…"


def test_a_line_that_fails_again_and_again_rests_and_others_do_not(world):
    world.fault = "answered 500"
    assert [world.carry() for _ in range(FAILURES_IN_A_ROW + 1)] == [
        *["retried"] * FAILURES_IN_A_ROW,
        "put off",
    ]
    assert "$push" not in world.updates[-1]
    rests_until = world.updates[-1]["$set"]["at"]
    assert rests_until > NOON
    world.fault = None
    world.choice["address"] = "https://b.example/x"
    assert world.carry() == "sent"
    world.choice["address"] = "https://a.example/y"
    assert world.carry() == "put off"
    world.now = rests_until
    assert world.carry() == "sent"


def test_quiet_hours_hold_back_and_urgent_messages_go(world):
    world.person["choices"]["quiet"] = "11:00-13:00"
    assert world.carry() == "put off"
    assert world.updates[0]["$set"]["at"] == NOON + timedelta(hours=1)
    assert world.carry(urgent=True) == "sent"


def test_what_lies_too_long_is_given_up(world):
    assert world.carry(created_at=NOON - LASTS) == "sent"
    assert world.carry(created_at=NOON - LASTS - timedelta(seconds=1)) == "failed"
    assert "24 h" in world.updates[-1]["$push"]["tries"]["fault"]


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.choice.update(enabled=False),
        lambda world: world.choice.update(off=["urged"]),
        lambda world: world.person["choices"]["channels"].clear(),
        lambda world: world.person.update(keys=["party:property-2"]),
        lambda world: setattr(world, "person", None),
        lambda world: setattr(world.inboxes, "read", lambda notice, query: None),
    ],
)
def test_what_is_not_wanted_any_more_is_not_sent(world, change):
    change(world)
    assert world.carry() == "off"
    assert world.posted == []
