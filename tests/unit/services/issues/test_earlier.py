"""A case written before cases had a whole life is read, shown, rung and gone on with."""

from datetime import timedelta

from services.issues.cases import assigned_case, rung_case
from services.issues.earlier import as_today
from services.issues.lifecycle import replayed
from services.issues.views import receipt, shown
from suishoupai.access import Caller

from ....walk import AT, HOURS, PROPERTY, Walk, assignment, to

ADMIN = Caller("boss", ("admin",))
REPORTED = {
    "_id": "01A",
    "number": "341324-20261123-00001",
    "state": "reported",
    "version": 1,
    "category": {
        "code": "06010",
        "name": "暴露垃圾",
        "responsible": ["环卫"],
        "confidential": False,
        "limit": 4,
        "limit_unit": "工作时",
    },
    "description": "垃圾",
    "location": {
        "lng": 117.9,
        "lat": 33.48,
        "raw": {"lng": 117.9, "lat": 33.48, "datum": "WGS-84"},
    },
    "address": "",
    "photos": [],
    "divisions": ["341324"],
    "reporter": "member",
    "reported_at": AT,
    "observed_at": None,
    "history": [{"at": AT, "from": None, "to": "reported", "by": "member", "why": "上报"}],
}
DUE = AT + timedelta(hours=6)
DISPATCHED = {
    **REPORTED,
    "state": "dispatched",
    "version": 3,
    "divisions": ["341324", "341324001", "341324001001", "341324001001001"],
    **{
        name: {"code": code, "name": "某地"}
        for name, code in (
            ("grid", "341324001001001"),
            ("community", "341324001001"),
            ("town", "341324001"),
            ("county", "341324"),
        )
    },
    "compound": None,
    "responsible": PROPERTY,
    "assignment": 1,
    "correlation": "phone-1",
    "due_at": DUE,
    "due_soon_at": AT + timedelta(hours=5),
    "due_assumed": False,
    "light": "yellow",
    "alarms": [{"kind": "overdue", "at": DUE}],
    "rung": [{"kind": "due_soon", "version": 3}],
    "history": [
        *REPORTED["history"],
        {"at": AT, "from": "reported", "to": "dispatched", "by": "grid", "why": "位于小区内"},
        {"at": AT, "from": "dispatched", "to": "dispatched", "by": "clock", "why": "临期"},
    ],
}


def test_a_reported_case_is_placed_and_gone_on_with():
    case = as_today(REPORTED)
    assert shown(case, ADMIN)["history"][0]["action"] == "report"
    assert receipt(case)["state"] == "reported"
    placed = assigned_case(case, assignment(), AT, HOURS).case
    assert (placed["state"], placed["proposal"]["party"]) == ("reported", PROPERTY)


def test_a_dispatched_case_goes_on_with_its_clock():
    case = as_today(DISPATCHED)
    assert replayed(case["history"]) == "dispatched"
    assert [entry["action"] for entry in case["history"]] == ["report", "dispatch", "due_soon"]
    assert (case["clock"]["due_at"], case["clock"]["rung"]) == (DUE, ["due_soon"])
    assert rung_case(case, DUE - timedelta(seconds=1), HOURS) is None
    assert rung_case(case, DUE, HOURS).event.type == "issue.overdue"
    walk = Walk()
    walk.case = case
    walk.do("take", "handler").do("feed_back", "handler").do("check").do("close")
    assert (walk.case["state"], walk.case["outcome"]) == ("closed", "normal")


def test_a_case_without_a_deadline_has_none():
    new = ("alarms", "rung", "due_at", "due_soon_at", "due_assumed", "light", "correlation")
    case = as_today({name: value for name, value in DISPATCHED.items() if name not in new})
    assert (case["alarms"], shown(case, ADMIN)["due_at"]) == ([], None)


def without_figures(case):
    """A case as it was kept before its history had limits and judgements."""
    figures = {"due_at", "bundled_due_at", "on_time", "outcome"}
    history = [
        {
            **entry,
            "told": {name: each for name, each in entry["told"].items() if name not in figures},
        }
        for entry in case["history"]
    ]
    return {name: each for name, each in case.items() if name != "courier"} | {"history": history}


def test_of_earlier_limits_and_judgements_the_last_are_known():
    walk = to("checking").do("rework").do("feed_back", "handler").do("check").do("close")
    history = as_today(without_figures(walk.case))["history"]
    told = {
        entry["action"]: (number, entry["told"].get("on_time"), entry["told"].get("outcome"))
        for number, entry in enumerate(history)
        if {"on_time", "outcome"} & set(entry["told"])
    }
    assert told == {
        "feed_back": (len(history) - 3, True, None),
        "close": (len(history) - 1, True, "normal"),
    }
    assert not any("due_at" in entry["told"] for entry in history)


def test_a_limit_that_runs_is_that_of_the_last_entry_and_stays_with_it():
    walk = to("handling")
    limit = walk.case["bundled_due_at"]
    walk.case = as_today(without_figures(walk.case))
    assert walk.case["history"][-1]["told"]["bundled_due_at"] == limit
    assert walk.case["courier"] is None
    walk.pass_by(hours=1).do("remark", "reporter").do("feed_back", "handler")
    assert as_today(walk.case) is walk.case
    limits = [entry["told"].get("bundled_due_at") for entry in walk.case["history"]]
    assert limits[-3:] == [limit, limit, None]
    assert walk.events[-1].data["courier"] is None


def test_what_is_read_in_short_has_no_more_to_tell():
    case = without_figures(to("closed").case)
    short = [
        {name: each for name, each in entry.items() if name != "told"} for entry in case["history"]
    ]
    assert as_today({**case, "history": short})["state"] == "closed"


def test_a_case_of_today_is_left_alone():
    case = Walk().case
    assert as_today(case) is case
