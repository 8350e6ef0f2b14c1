from datetime import UTC, datetime

import pytest

from services.notify.notices import case_notice, shown
from suishoupai.contracts.events import new_event
from suishoupai.tracing import new_trace

AT = datetime(2026, 11, 23, tzinfo=UTC)


def assigned(confidential=False, compound=None):
    return new_event(
        "issue.assigned",
        source="/grid",
        subject="01A",
        sequence=1,
        trace=new_trace("phone-1"),
        data={
            "number": "341324-20261123-00001",
            "category": {
                "code": "94001",
                "name": "食品安全线索",
                "responsible": ["市场监管"],
                "confidential": confidential,
            },
            "address": "人民路 3 号",
            "reported_at": AT.isoformat(),
            "grid": {"code": "341324001001001", "name": "第一网格"},
            "community": {"code": "341324001001", "name": "汴光社区"},
            "town": {"code": "341324001", "name": "运河街道"},
            "county": {"code": "341324", "name": "泗县"},
            "compound": compound,
            "responsible": {"id": "p", "name": "甲", "kind": "department"},
            "rule": "department",
            "why": "该类案件由“市场监管”负责",
            "barred": [],
            "barred_kinds": [],
            "clear": True,
        },
    )


def test_a_notice_says_what_and_where():
    notice = shown(case_notice(assigned(), AT))
    assert notice["text"] == (
        "新案件 341324-20261123-00001：食品安全线索，第一网格人民路 3 号，请及时处置。"
    )
    assert notice["party"] == "p"


def test_a_compound_is_named_rather_than_its_grid():
    notice = case_notice(assigned(compound={"id": "c", "name": "甲小区"}), AT)
    assert "甲小区" in notice["text"]


def test_a_confidential_case_shows_no_address():
    notice = case_notice(assigned(confidential=True), AT)
    assert "人民路" not in str(shown(notice))
    assert "第一网格" not in notice["text"]


def test_the_notice_tells_that_it_was_sent():
    notice = case_notice(assigned(), AT)
    (event,) = notice["outbox"]
    assert (event["type"], event["subject"]) == ("notice.sent", "01A")
    assert event["data"]["notice"] == notice["_id"]
    assert event["correlationid"] == "phone-1"


def timed(event_type, confidential=False):
    source = assigned(confidential)
    names = ("number", "category", "address", "responsible", "grid", "compound")
    return new_event(
        event_type,
        source="/issues",
        subject="01A",
        sequence=3,
        trace=source.trace,
        data={
            **{name: source.data[name] for name in names},
            "due_at": AT.isoformat(),
            "at": AT.isoformat(),
        },
    )


@pytest.mark.parametrize(
    ("event_type", "kind", "text"),
    [
        (
            "issue.due_soon",
            "due_soon",
            "案件临期 341324-20261123-00001：食品安全线索，第一网格人民路 3 号，"
            "请在 2026-11-23 08:00 前处置。",
        ),
        (
            "issue.overdue",
            "overdue",
            "案件超期 341324-20261123-00001：食品安全线索，第一网格人民路 3 号，"
            "时限为 2026-11-23 08:00，请立即处置。",
        ),
    ],
)
def test_the_limit_is_told_in_local_time(event_type, kind, text):
    notice = case_notice(timed(event_type), AT)
    assert (notice["kind"], notice["sequence"]) == (kind, 3)
    assert "assignment" not in notice
    assert shown(notice)["kind"] == kind
    assert shown(notice)["text"] == text
    hidden = case_notice(timed(event_type, confidential=True), AT)
    assert "人民路" not in str(shown(hidden))


def test_the_notice_of_an_assignment_keeps_its_number():
    notice = case_notice(assigned(), AT)
    assert (notice["kind"], notice["sequence"], notice["assignment"]) == ("assigned", 1, 1)
