from datetime import UTC, datetime, timedelta

import pytest

from services.issues.cases import assigned_case, new_case, receipt, rung_case, shown
from services.issues.lifecycle import TRANSITIONS, NotAllowed, next_state
from suishoupai.access import Caller
from suishoupai.contracts.events import new_event
from suishoupai.contracts.words import STATES
from suishoupai.tracing import new_trace

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
REPORT = {"description": "垃圾", "address": "3 号楼", "photos": [], "observed_at": None}
CATEGORY = {"code": "06010", "name": "暴露垃圾", "responsible": ["环卫"], "confidential": False}
KEPT = {**CATEGORY, "limit": 4, "limit_unit": "工作时"}
LOCATION = {
    "lng": 117.9,
    "lat": 33.48,
    "raw": {"lng": 117.9, "lat": 33.48, "datum": "WGS-84"},
}
ADMIN = Caller("boss", ("admin",))
HANDLER = Caller("hand", ("handler",), party="property-001")


def opened():
    return new_case(
        case_id="01A",
        number="341324-20261123-00001",
        report=REPORT,
        category=KEPT,
        location=LOCATION,
        county="341324",
        reporter="member",
        at=AT,
        trace=new_trace("phone-1"),
    )


def assignment(sequence=1, party="property-001"):
    return new_event(
        "issue.assigned",
        source="/grid",
        subject="01A",
        sequence=sequence,
        trace=new_trace("phone-1"),
        data={
            "number": "341324-20261123-00001",
            "category": CATEGORY,
            "address": "3 号楼",
            "reported_at": AT.isoformat(),
            "grid": {"code": "341324001001001", "name": "第一网格"},
            "community": {"code": "341324001001", "name": "汴光社区"},
            "town": {"code": "341324001", "name": "运河街道"},
            "county": {"code": "341324", "name": "泗县"},
            "compound": None,
            "responsible": {"id": party, "name": "甲物业", "kind": "property"},
            "rule": "property-in-compound",
            "why": "位于小区内",
        },
    )


def test_a_report_opens_a_case_and_tells_of_it():
    case, event = opened().case, opened().event
    assert (case["state"], case["version"]) == ("reported", 1)
    assert (event.type, event.subject, event.sequence) == ("issue.reported", "01A", 1)
    assert event.correlationid == "phone-1"
    assert event.data["reported_at"] == AT.isoformat()


def test_an_assignment_dispatches_the_case_and_tells_of_it():
    later = AT + timedelta(seconds=1)
    change = assigned_case(opened().case, assignment(), later)
    case = change.case
    assert (case["state"], case["version"]) == ("dispatched", 2)
    assert case["divisions"] == ["341324", "341324001", "341324001001", "341324001001001"]
    assert case["responsible"]["id"] == "property-001"
    assert case["history"][0] == opened().case["history"][0]
    assert case["history"][1] == {
        "at": later,
        "from": "reported",
        "to": "dispatched",
        "by": "grid",
        "why": "位于小区内",
    }
    assert (change.event.type, change.event.sequence) == ("issue.dispatched", 2)
    assert change.event.correlationid == "phone-1"


def test_the_same_assignment_again_changes_nothing():
    case = assigned_case(opened().case, assignment(), AT).case
    assert assigned_case(case, assignment(), AT) is None


def test_the_case_given_is_not_changed():
    case = opened().case
    assigned_case(case, assignment(), AT)
    assert case == opened().case


def test_an_action_the_state_does_not_allow_is_refused():
    case = assigned_case(opened().case, assignment(), AT).case
    with pytest.raises(NotAllowed, match="dispatch is not allowed in state dispatched"):
        assigned_case(case, assignment(sequence=2), AT)


def test_the_receipt_stays_the_same_when_the_case_moves_on():
    before = opened().case
    after = assigned_case(before, assignment(), AT).case
    assert receipt(before) == receipt(after)
    assert receipt(before)["state"] == "reported"


def test_a_handler_never_learns_who_reported():
    case = assigned_case(opened().case, assignment(), AT).case
    assert "member" not in str(shown(case, HANDLER))
    assert shown(case, ADMIN)["reporter"] == "member"
    assert shown(case, ADMIN)["history"][0]["by"] == "member"


def test_a_case_not_yet_assigned_shows_empty_places():
    answer = shown(opened().case, ADMIN)
    assert answer["grid"] is None
    assert answer["responsible"] is None


def test_the_table_names_known_states_only_and_starts_somewhere():
    states = {t.from_state for t in TRANSITIONS} | {t.to_state for t in TRANSITIONS}
    assert states - {None} == set(STATES)
    assert next_state("report", None) == "reported"
    with pytest.raises(NotAllowed):
        next_state("dispatch", None)


def dispatched():
    return assigned_case(opened().case, assignment(), AT).case


def test_a_dispatched_case_knows_when_it_is_due():
    case = dispatched()
    # AT is Monday 09:02 local: the two hours of the noon break do not count.
    due = AT + timedelta(hours=6)
    assert case["due_at"] == due
    assert case["due_soon_at"] == AT + timedelta(hours=5)
    assert case["alarms"] == [
        {"kind": "due_soon", "at": case["due_soon_at"]},
        {"kind": "overdue", "at": due},
    ]
    assert assigned_case(opened().case, assignment(), AT).event.data["due_at"] == due.isoformat()
    assert shown(case, ADMIN)["light"] == "green"
    assert shown(case, ADMIN)["due_at"] == due.isoformat()


def test_what_others_are_told_of_the_category_is_the_published_shape():
    assert opened().event.data["category"] == CATEGORY
    assert shown(dispatched(), ADMIN)["category"] == CATEGORY


def test_a_case_filed_before_limits_were_kept_has_no_deadline_and_no_alarms():
    change = assigned_case({**opened().case, "category": CATEGORY}, assignment(), AT)
    assert change.case["alarms"] == []
    assert change.event.data["due_at"] is None
    assert rung_case(change.case, AT + timedelta(days=999)) is None


def test_a_case_dispatched_before_there_were_deadlines_is_shown_and_never_rings():
    new = ("alarms", "due_at", "due_soon_at", "due_assumed", "light", "correlation")
    case = {name: value for name, value in dispatched().items() if name not in new}
    assert rung_case(case, AT + timedelta(days=999)) is None
    answer = shown(case, ADMIN)
    assert (answer["due_at"], answer["due_soon_at"], answer["light"]) == (None, None, None)


def test_alarms_ring_one_after_the_other_each_with_its_own_version():
    case = dispatched()
    assert rung_case(case, case["due_soon_at"] - timedelta(milliseconds=1)) is None
    soon = rung_case(case, case["due_soon_at"])
    assert (soon.event.type, soon.event.sequence) == ("issue.due_soon", 3)
    assert soon.case["light"] == "yellow"
    assert rung_case(soon.case, case["due_soon_at"]) is None
    over = rung_case(soon.case, case["due_at"])
    assert (over.event.type, over.event.sequence) == ("issue.overdue", 4)
    assert (over.case["light"], over.case["alarms"]) == ("red", [])
    assert over.case["version"] == len(over.case["history"]) == 4
    last = over.case["history"][-1]
    assert (last["from"], last["to"], last["by"]) == ("dispatched", "dispatched", "clock")
    assert over.event.correlationid == "phone-1"


def test_a_case_overdue_before_its_first_alarm_rang_says_only_that():
    case = dispatched()
    over = rung_case(case, case["due_at"])
    assert over.event.type == "issue.overdue"
    assert (over.case["version"], over.case["alarms"]) == (3, [])
