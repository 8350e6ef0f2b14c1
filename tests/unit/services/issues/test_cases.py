from datetime import timedelta

import pytest

from services.issues.cases import assigned_case, goes_by_itself, rung_case
from services.issues.views import receipt, shown
from suishoupai.access import Caller
from suishoupai.contracts.words import ACTION_EVENTS, ACTIONS

from ....walk import (
    AT,
    COMMUNITY,
    DEPARTMENT,
    HOURS,
    LEAD_ROW,
    PROPERTY,
    ROW,
    SLOW_ROW,
    Walk,
    assignment,
    opened,
    to,
)

ADMIN = Caller("boss", ("admin",))
HANDLER = Caller("hand", ("handler",), party="property-001")
REPORTER = Caller("member", ("reporter",))
BY_ITSELF = {**ROW, "auto_dispatch": "always"}


def test_a_report_opens_a_case_and_tells_of_it():
    case, event = opened().case, opened().event
    assert (case["state"], case["version"]) == ("reported", 1)
    assert (event.type, event.subject, event.sequence) == ("issue.reported", "01A", 1)
    assert event.correlationid == "phone-1"
    assert event.data["reported_at"] == AT.isoformat()


def test_an_assignment_dispatches_what_goes_by_itself():
    later = AT + timedelta(seconds=1)
    before = opened(BY_ITSELF).case
    change = assigned_case(before, assignment(), later, HOURS)
    case, entry = change.case, change.case["history"][1]
    assert (case["state"], case["version"]) == ("dispatched", 2)
    assert case["divisions"] == ["341324", "341324001", "341324001001", "341324001001001"]
    assert case["responsible"] == PROPERTY
    assert case["history"][0] == before["history"][0]
    assert (entry["action"], entry["by"], entry["role"]) == ("dispatch", "grid", "system")
    assert (entry["from"], entry["to"], entry["why"]) == ("reported", "dispatched", "位于小区内")
    assert (change.event.type, change.event.sequence) == ("issue.dispatched", 2)
    assert change.event.correlationid == "phone-1"


def test_an_assignment_only_places_what_waits_for_somebody():
    change = assigned_case(opened(ROW).case, assignment(), AT, HOURS)
    case = change.case
    assert (case["state"], case["responsible"]) == ("reported", None)
    assert case["proposal"]["party"] == PROPERTY
    assert case["community"]["name"] == "汴光社区"
    assert change.event.type == "issue.placed"


@pytest.mark.parametrize(
    ("setting", "compound", "patrol", "confidential", "goes"),
    [
        ("always", False, True, False, True),
        ("compound", False, True, False, False),
        ("compound", True, True, False, True),
        ("never", True, True, False, False),
        ("always", True, False, False, False),
        ("always", True, False, True, True),
        ("never", True, False, True, False),
    ],
)
def test_what_goes_by_itself_is_a_setting_of_the_category(
    setting, compound, patrol, confidential, goes
):
    row = {**ROW, "auto_dispatch": setting, "confidential": confidential}
    inside = {"id": "compound-1", "name": "花园"} if compound else None
    case = {**opened(row, patrol=patrol).case, "compound": inside}
    assert goes_by_itself(case) is goes
    assert not goes_by_itself({**case, "state": "accepted"})


def test_the_same_assignment_again_changes_nothing():
    case = assigned_case(opened().case, assignment(), AT, HOURS).case
    assert assigned_case(case, assignment(), AT, HOURS) is None


def test_the_case_given_is_not_changed():
    case = opened(BY_ITSELF).case
    assigned_case(case, assignment(), AT, HOURS)
    assert case == opened(BY_ITSELF).case


def test_a_place_that_comes_late_moves_nothing():
    walk = Walk(place=False).do("reject").assign(assignment())
    assert (walk.case["state"], walk.case["responsible"]) == ("rejected", None)
    assert walk.case["grid"]["code"] == "341324001001001"


def test_after_another_category_a_party_that_may_have_it_keeps_it():
    walk = to("handling").do("recategorise")
    assert walk.case["proposal"] is None
    walk.assign(assignment(sequence=9, party=COMMUNITY, barred=[PROPERTY["id"]]))
    assert walk.case["state"] == "handling"


@pytest.mark.parametrize("steps", [["take"], ["return"], ["take", "feed_back"]])
def test_wherever_it_is_a_party_that_must_not_have_it_loses_it(steps):
    inside = Walk(BY_ITSELF)
    for step in steps:
        inside.do(step, "handler")
    inside.do("recategorise")
    inside.assign(assignment(sequence=9, party=COMMUNITY, barred=[PROPERTY["id"]]))
    assert (inside.case["state"], inside.case["responsible"]) == ("filed", None)
    assert inside.events[-1].data["previous"] == PROPERTY
    assert inside.do("dispatch", party=COMMUNITY).case["responsible"] == COMMUNITY


def test_the_receipt_stays_the_same_when_the_case_moves_on():
    before = opened(BY_ITSELF, emergency=[{"number": "119", "name": "火警"}]).case
    after = assigned_case(before, assignment(), AT, HOURS).case
    assert receipt(before) == receipt({**after, "emergency": []})
    assert receipt(before)["state"] == "reported"
    assert receipt(before)["emergency"] == [{"number": "119", "name": "火警"}]


def test_danger_makes_it_urgent():
    assert not opened().case["urgent"]
    case = opened(emergency=[{"number": "119", "name": "火警"}]).case
    assert case["urgent"]
    assert shown(case, ADMIN)["emergency"] == [{"number": "119", "name": "火警"}]


def test_a_handler_never_learns_who_reported():
    walk = Walk(BY_ITSELF, reporter="whistle")
    walk.do("urge", "reporter").do("take", "handler").do("feed_back", "handler")
    walk.do("check", "reporter").do("check").do("close").do("reopen", "reporter")
    assert "whistle" not in str(shown(walk.case, HANDLER))
    assert shown(walk.case, ADMIN)["reporter"] == "whistle"
    assert shown(walk.case, ADMIN)["history"][0]["by"] == "whistle"
    hidden = [entry["by"] for entry in shown(walk.case, HANDLER)["history"]]
    assert hidden.count("reporter") == 4


def test_what_helps_to_decide_is_for_those_who_decide():
    case = to("dispatched").case
    assert shown(case, ADMIN)["proposal"]["party"] == PROPERTY
    assert "proposal" not in shown(case, HANDLER)
    assert "proposal" not in shown(case, REPORTER)


def test_a_case_not_yet_placed_shows_empty_places():
    answer = shown(opened().case, ADMIN)
    assert (answer["grid"], answer["responsible"], answer["due_at"]) == (None, None, None)


def test_a_request_of_the_party_is_kept_until_it_is_answered():
    walk = to("extension_asked")
    assert shown(walk.case, ADMIN)["asked"]["extension"] == {"number": 2, "unit": "工作日"}
    assert walk.do("refuse_extension").case["asked"] is None
    assert walk.case["extensions"] == 0
    walk.do("ask_suspension", "handler").do("feed_back", "handler")
    assert walk.case["asked"] is None


def test_a_party_that_loses_a_case_is_named():
    walk = to("dispatched")
    assert walk.do("return", "handler").events[-1].data["previous"] is None
    assert walk.do("redispatch", party=PROPERTY).events[-1].data["previous"] == DEPARTMENT
    assert walk.case["history"][-1]["given"]["party"] == PROPERTY
    assert walk.do("recall").events[-1].data["previous"] == PROPERTY
    assert walk.case["history"][-1]["told"]["previous"] == PROPERTY["id"]


@pytest.mark.parametrize(
    ("state", "step", "outcome"),
    [
        ("checking", {}, "normal"),
        ("checking", {"outcome": "error"}, "error"),
        ("suspended", {}, "special"),
    ],
)
def test_how_a_case_ended_is_kept(state, step, outcome):
    walk = to(state)
    if state == "suspended":
        walk.do("resume").do("feed_back", "handler")
    walk.do("check").do("close", **step)
    assert walk.case["outcome"] == outcome


def test_a_case_fed_back_too_late_ended_late():
    walk = to("handling")
    walk.at = walk.case["due_at"] + timedelta(milliseconds=1)
    walk.do("feed_back", "handler").do("check").do("close")
    assert walk.case["outcome"] == "overdue"
    punctual = to("handling")
    punctual.at = punctual.case["due_at"]
    punctual.do("feed_back", "handler").do("check").do("close")
    assert punctual.case["outcome"] == "normal"


def test_what_was_fixed_on_the_spot_is_closed_with_two_photos():
    walk = Walk().do("self_handle", "reporter")
    assert (walk.case["state"], walk.case["outcome"]) == ("closed", "normal")
    assert len(walk.case["history"][-1]["given"]["photos"]) == 2
    assert walk.case["closed_at"] == walk.at


def test_the_main_case_knows_whose_reports_it_stands_for():
    walk = to("handling").do("absorb", "system")
    assert walk.case["followers"] == ["neighbour"]
    assert walk.do("absorb", "system").case["followers"] == ["neighbour"]
    assert walk.events[-1].data["followers"] == ["neighbour"]
    assert shown(walk.case, ADMIN)["followers"] == 1
    walk.do("release", "system", followers=[])
    assert (walk.case["followers"], walk.case["merged"]) == ([], [])


def test_the_row_a_case_was_filed_under_stays_with_it():
    walk = to("dispatched", row=SLOW_ROW)
    assert walk.case["category"] == SLOW_ROW
    walk.do("recategorise", row=ROW, category=ROW["code"])
    assert walk.case["category"] == ROW
    assert walk.case["clocks"][-1]["limits"] == [{"number": 15, "unit": "工作日"}]
    assert walk.case["history"][-1]["given"]["category"] == ROW["code"]


def test_each_change_causes_the_one_event_of_its_action():
    for state in ("rated", "reopened", "merged", "suspended", "extension_asked", "escalated"):
        walk = to(state, row=LEAD_ROW if state == "rated" else SLOW_ROW)
        for entry, event in zip(walk.case["history"], walk.events, strict=True):
            assert event.type == ACTION_EVENTS[entry["action"]]
        assert [event.sequence for event in walk.events] == list(range(1, len(walk.events) + 1))
        assert {event.correlationid for event in walk.events} == {"phone-1"}


def test_without_a_reason_the_history_says_what_was_done():
    entries = to("closed").case["history"]
    assert all(entry["why"] for entry in entries)
    assert entries[2]["why"] in ("说明", ACTIONS["accept"])


def test_a_case_without_alarms_never_rings():
    assert rung_case(opened().case, AT + timedelta(days=999), HOURS) is None
