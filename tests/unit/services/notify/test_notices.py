import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notify.notices import notices_of, shown
from services.notify.rules import read_rules
from services.notify.texts import read_texts
from suishoupai.contracts.events import CHANGES, read_event
from suishoupai.settings import ROOT

from .events import AT, GRID, category, changed

RULES = read_rules(ROOT / "data" / "notices" / "rules.csv", None)
WORDS = read_texts(ROOT / "data" / "notices")["zh"]
EARLIER = ROOT / "tests" / "contract" / "events"


def notices(event):
    return {each.notice["recipient"]: each.notice for each in notices_of(event, RULES, AT)}


def test_a_notice_keeps_what_its_reader_and_its_reach_need():
    notice = notices(changed("issue.dispatched", urgent=True))["party:property-1"]
    assert (notice["kind"], notice["sequence"], notice["party"]) == ("dispatched", 2, "property-1")
    assert (notice["urgent"], notice["division"]) == (True, GRID)
    assert notice["readers"] == [
        "party:property-1",
        "under:",
        *(f"under:{GRID[:length]}" for length in (6, 9, 12, 15)),
    ]
    town = notices(changed("issue.escalated"))["supervisor:341324001"]
    assert town["readers"][:2] == ["supervisor:341324", "supervisor:341324001"]
    assert town["party"] is None


def test_a_confidential_notice_is_under_its_town_and_no_lower():
    event = changed("issue.urged", category=category(confidential=True))
    readers = notices(event)["party:property-1"]["readers"]
    assert readers == ["party:property-1", "under:", "under:341324", "under:341324001"]


def test_each_notice_tells_that_it_was_sent():
    for recipient, notice in notices(changed("issue.suspended")).items():
        (event,) = notice["outbox"]
        assert (event["type"], event["subject"]) == ("notice.sent", "01A")
        assert event["data"]["notice"] == notice["_id"]
        assert event["data"]["recipient"] == recipient
        assert event["data"]["kind"] == "suspended"
        assert event["correlationid"] == "phone-1"


@pytest.mark.parametrize("event_type", CHANGES)
def test_no_notice_to_a_party_or_an_office_names_a_reporter_or_who_did_it(event_type):
    why = "rider-li 与 rider-zhao 的邻居，电话 138 1234 5678；wang.fang 批"
    for recipient, notice in notices(changed(event_type, why=why, urgent=True)).items():
        if not recipient.startswith("account:"):
            for hidden in ("rider-li", "rider-zhao", "wang.fang", "1234 5678"):
                assert hidden not in json.dumps(notice, default=str, ensure_ascii=False)


def test_a_reporters_own_words_stay_in_the_case():
    event = changed("issue.reopened", role="reporter", by="rider-li", why="我家三楼还有")
    assert "三楼" not in str(notices(event))


def test_an_account_within_another_is_hidden_whole():
    event = changed("issue.urged", reporter="li", followers=["li.wei"], why="li.wei 来电")
    assert "wei" not in notices(event)["party:property-1"]["facts"]["why"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("issue.dispatched-1", {"party:community-1"}),
        ("issue.dispatched-2", {"party:community-1"}),
        ("issue.due_soon-1", {"party:community-1"}),
        ("issue.overdue-1", {"party:community-1", "supervisor:341324001"}),
        # Still bound to the queue where it was before, and of no use to notify now.
        ("issue.assigned-1", set()),
    ],
)
def test_earlier_versions_tell_what_they_can(name, told):
    event = read_event((EARLIER / f"{name}.json").read_bytes())
    found = notices(event)
    assert set(found) == told
    for notice in found.values():
        said = shown(notice, WORDS, False)
        assert "341324-20261123-00001" in said["text"]
        assert "None" not in f"{said['title']} {said['text']}"


def test_what_is_shown_and_what_a_notice_of_yesterday_says():
    (notice,) = notices(changed("issue.urged")).values()
    said = shown(notice, WORDS, True)
    assert said["title"] == "催办 341324-20261123-00001"
    assert said["read"] is True
    assert said["category"] == {"code": "06010", "name": "暴露垃圾"}
    assert "facts" not in said
    old = {name: value for name, value in notice.items() if name != "facts"}
    assert shown({**old, "text": "新案件"}, WORDS, False)["text"] == "新案件"


def test_there_is_a_message_of_the_version_that_is_published():
    (notice,) = notices(changed("issue.urged")).values()
    kept = read_event((Path(EARLIER) / "notice.sent-2.json").read_bytes())
    assert set(kept.data) == set(notice["outbox"][0]["data"])
    assert datetime.fromisoformat(kept.data["at"]).tzinfo == UTC


def seen(event, keys):
    """The recipients of the notices of an event that somebody with these inboxes is shown."""
    return [
        each.notice["recipient"]
        for each in notices_of(event, RULES, AT)
        if set(each.notice["readers"]) & keys and not set(each.notice["told_as_well"]) & keys
    ]


@pytest.mark.parametrize("event_type", CHANGES)
def test_however_many_inboxes_somebody_has_they_see_an_event_once(event_type):
    event = changed(event_type, urgent=True)
    people = [
        {"account:rider-li"},
        {"account:x", "party:property-1", f"dispatcher:{GRID[:12]}"},
        {"account:x", f"supervisor:{GRID[:6]}"},
        {"account:x", f"dispatcher:{GRID[:9]}", f"supervisor:{GRID[:9]}"},
        {"account:rider-li", "party:property-2", f"dispatcher:{GRID[:12]}"},
    ]
    for keys in people:
        told = [n for n in notices_of(event, RULES, AT) if set(n.notice["readers"]) & keys]
        assert len(seen(event, keys)) == bool(told)
