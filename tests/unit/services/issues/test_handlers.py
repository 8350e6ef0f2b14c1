from collections import namedtuple

import pytest

from services.issues import handlers

from ....walk import HOURS, ROW, Walk

LATE = Walk({**ROW, "auto_dispatch": "always"}).ring().case
Office = namedtuple("Office", "store announce hours")


def armed(number):
    """A case whose overdue alarm is the one left to ring now."""
    alarm = next(each for each in LATE["alarms"] if each["kind"] == "overdue")
    return {**LATE, "_id": f"case-{number}", "alarms": [alarm]}


class Store:
    """Keeps cases; another replica is faster with those in ``lost``."""

    def __init__(self, count, lost=()):
        self.cases = {case["_id"]: case for case in map(armed, range(count))}
        self.lost = lost
        self.rounds = 0

    def ringing(self, at, limit):
        self.rounds += 1
        waiting = [case for case in self.cases.values() if self.is_due(case, at)]
        return waiting[:limit]

    @staticmethod
    def is_due(case, at):
        return any(alarm["at"] <= at and alarm["kind"] == "overdue" for alarm in case["alarms"])

    def write(self, change):
        if change.case["_id"] in self.lost:
            return False
        self.cases[change.case["_id"]] = change.case
        return True


def test_rounds_go_on_until_all_have_rung_each_once():
    store, announced = Store(2 * handlers.RINGING + 1), []
    handlers.ring(Office(store, announced.extend, HOURS))
    assert sorted(announced) == sorted(store.cases)
    assert store.rounds == 3


def test_a_case_another_replica_was_faster_with_is_left_to_it():
    store, announced = Store(3, lost={"case-1"}), []
    handlers.ring(Office(store, announced.extend, HOURS))
    assert announced == ["case-0", "case-2"]


def test_a_round_in_which_another_was_always_faster_is_the_last():
    store, announced = Store(handlers.RINGING), []
    store.lost = set(store.cases)
    handlers.ring(Office(store, announced.extend, HOURS))
    assert (store.rounds, announced) == (1, [])


def test_a_case_that_contradicts_itself_holds_no_other_up():
    store, announced = Store(3), []
    store.cases["case-1"]["state"] = "rejected"
    handlers.ring(Office(store, announced.extend, HOURS))
    assert announced == ["case-0", "case-2"]


UPLOADED = "/api/v1/photos/01ARZ3NDEKTSV4RRFFQ69G5FAV"
ELSEWHERE = "https://photos.example/1.jpg"
KNOWN, SAID, LIE = "1" * 16, "2" * 16, "3" * 16


@pytest.mark.parametrize(
    ("photos", "known", "said", "hashes"),
    [
        ([UPLOADED], [KNOWN], [LIE], [KNOWN]),
        ([UPLOADED, ELSEWHERE], [KNOWN], [SAID, LIE], [KNOWN, SAID]),
        ([ELSEWHERE], [], [SAID, LIE], [SAID]),
        ([UPLOADED, ELSEWHERE], [KNOWN], [KNOWN], [KNOWN]),
        ([], [], [SAID], [SAID]),
        ([UPLOADED], [], [LIE], []),
    ],
)
def test_a_phone_is_believed_only_of_photos_that_are_kept_elsewhere(photos, known, said, hashes):
    report = {"photos": photos, "photo_hashes": said, "description": "垃圾"}
    assert handlers.with_hashes(report, known) == {**report, "photo_hashes": hashes}
