"""Many actions in one call: counted as many, asked for in parts, each answered by itself."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from services.gateway.admission import Call, Gate
from services.gateway.cases import bulk
from services.gateway.cases.operations import ACT_ON_ALL
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.settings import read_settings

CALLER = Caller("dispatcher", ("dispatcher",), "341324001001")


class Peers:
    """Grid knows one party; issues answers what it is asked, until it is away."""

    def __init__(self, away_after=100):
        self.looked_up, self.hops, self.away_after = [], [], away_after

    def ask(self, service, question, caller, **given):
        if service == "grid":
            self.looked_up.append(given["party"])
            if given["party"] != "known":
                raise invalid("party", "there is none")
            return {"id": "known", "name": "甲", "kind": "property"}
        if len(self.hops) >= self.away_after:
            raise Problem("unavailable", retry_after=5)
        self.hops.append((given["items"], given["parties"]))
        return [{"issue": each["issue"], "status": 200, "case": {}} for each in given["items"]]


def called(items, peers, allowed=1000):
    settings = replace(read_settings(), actions_per_minute=allowed)
    call = Call(ACT_ON_ALL, CALLER, {}, {}, {}, {"items": items}, "127.0.0.1", {}, None)
    gateway = SimpleNamespace(peers=peers, gate=Gate(settings))
    return bulk.act_on_all(gateway, call).get_json()["items"]


def items(amount, **more):
    return [{"issue": f"case-{n}", "action": "accept", "version": 1, **more} for n in range(amount)]


@pytest.mark.parametrize("amount", [1, 24, 25, 26, 100])
def test_parts_are_small_and_answers_in_order(amount):
    peers = Peers()
    answers = called(items(amount), peers)
    assert [each["issue"] for each in answers] == [f"case-{n}" for n in range(amount)]
    assert [item for hop, _ in peers.hops for item in hop] == items(amount)
    assert all(len(hop) <= bulk.HOP for hop, _ in peers.hops)


def test_a_party_is_looked_up_once_and_an_unknown_one_is_its_items_fault_alone():
    peers = Peers()
    mixed = [*items(3, party="known"), *items(2, party="nobody"), *items(1, party=["x"]), *items(2)]
    answers = called(mixed, peers)
    assert peers.looked_up == ["known", "nobody"]
    assert [each["status"] for each in answers] == [200, 200, 200, 422, 422, 200, 200, 200]
    assert answers[3]["problem"]["errors"][0]["field"] == "party"
    ((sent, parties),) = peers.hops
    assert "nobody" not in [item.get("party") for item in sent]
    assert set(parties) == {"known"}


def test_once_the_service_is_away_the_rest_is_not_tried():
    answers = called(items(100), Peers(away_after=2))
    assert [each["status"] for each in answers] == [200] * 50 + [503] * 50
    assert answers[99]["problem"]["type"].endswith("unavailable")


def test_a_batch_counts_as_many_as_it_holds():
    # The call itself is counted as it is admitted.
    assert len(called(items(11), Peers(), allowed=10)) == 11
    peers = Peers()
    with pytest.raises(Problem) as refusal:
        called(items(12), peers, allowed=10)
    assert refusal.value.code == "too-many-requests"
    assert peers.hops == []
