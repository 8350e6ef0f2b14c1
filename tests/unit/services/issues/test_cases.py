from datetime import UTC, datetime, timedelta

import pytest

from services.issues.cases import assigned_case, new_case, receipt, shown
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
