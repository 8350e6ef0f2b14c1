from datetime import UTC, datetime

from services.issues import handlers

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def armed(number):
    named = {"code": "341324001001001", "name": "第一网格"}
    return {
        "_id": f"case-{number}",
        "number": str(number),
        "state": "dispatched",
        "version": 1,
        "history": [{}],
        "category": {"code": "1", "name": "垃圾", "responsible": [], "confidential": False},
        "address": "",
        "grid": named,
        "compound": None,
        "responsible": {"id": "p", "name": "甲", "kind": "property"},
        "due_at": PAST,
        "alarms": [{"kind": "overdue", "at": PAST}],
    }


class Store:
    """Keeps cases; another replica is faster with those in ``lost``."""

    def __init__(self, count, lost=()):
        self.cases = {case["_id"]: case for case in map(armed, range(count))}
        self.lost = lost
        self.rounds = 0

    def ringing(self, at, limit):
        self.rounds += 1
        return [case for case in self.cases.values() if case["alarms"]][:limit]

    def write(self, change):
        if change.case["_id"] in self.lost:
            return False
        self.cases[change.case["_id"]] = change.case
        return True


def test_rounds_go_on_until_all_have_rung_each_once():
    store, announced = Store(2 * handlers.RINGING + 1), []
    handlers.ring(store, announced.extend)
    assert sorted(announced) == sorted(store.cases)
    assert store.rounds == 3


def test_a_case_another_replica_was_faster_with_is_left_to_it():
    store, announced = Store(3, lost={"case-1"}), []
    handlers.ring(store, announced.extend)
    assert announced == ["case-0", "case-2"]


def test_a_round_in_which_another_was_always_faster_is_the_last():
    store, announced = Store(handlers.RINGING), []
    store.lost = set(store.cases)
    handlers.ring(store, announced.extend)
    assert (store.rounds, announced) == (1, [])
