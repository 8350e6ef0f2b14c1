from datetime import UTC, datetime

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
