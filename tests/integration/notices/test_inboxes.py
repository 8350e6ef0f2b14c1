"""Inboxes on a real database, from the broker, and at the public address."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify import handlers, truth
from services.notify.changes import change_of
from services.notify.rules import rules_of
from services.notify.store import NotifyStore
from suishoupai import clock
from suishoupai.access import Caller

from ...unit.services.notify.events import GRID, category, changed
from ..broker import depth, listening, publish
from ..conftest import eventually
from .people import ACCOUNTS, COLLEAGUE, DISPATCHER, HANDLER, PHONE, START


def test_a_confidential_case_passes_its_community_by(notify):
    event = changed(
        "issue.suspended", category=category(confidential=True), why="人民路 3 号的线索"
    )
    notify.tell(event)
    rows = list(notify.database["notices"].find())
    assert {row["recipient"] for row in rows} == {"party:property-1", *ACCOUNTS}
    assert not any("人民路" in str(row) or "甲小区" in str(row) for row in rows)
    for recipient in ("party:property-1", None):
        filters = {"recipient": recipient} if recipient else {}
        assert handlers.inbox(DISPATCHER, filters, notify.book, notify.store)["items"] == []


def test_what_was_read_is_each_readers_own(notify):
    notify.tell(*(changed("issue.dispatched", subject=f"issue-{n}") for n in range(5)))

    def unread(caller, **filters):
        found = handlers.inbox(caller, filters, notify.book, notify.store)
        return found["unread"], [item["id"] for item in found["items"]]

    _, ids = unread(HANDLER)
    assert len(ids) == 5
    read = handlers.mark_read(HANDLER, {"ids": [ids[1], "0" * 26]}, notify.store)
    assert read == {"unread": 4}
    assert unread(HANDLER, unread="true") == (4, [ids[0], *ids[2:]])
    assert unread(HANDLER, unread="true", limit=1, cursor=ids[0]) == (4, [ids[2]])
    assert handlers.mark_read(HANDLER, {"until": ids[2]}, notify.store) == {"unread": 1}
    assert unread(HANDLER, unread="true") == (1, [ids[0]])
    assert unread(COLLEAGUE)[0] == 5
    stranger = Caller("stranger", ("handler",), None, "property-9")
    handlers.mark_read(stranger, {"ids": ids}, notify.store)
    assert unread(HANDLER)[0] == 1


def test_every_list_is_served_by_an_index(notify):
    notify.tell(*(changed("issue.suspended", subject=f"issue-{n}") for n in range(200)))
    lists = [
        {"readers": {"$in": ["party:property-1", f"dispatcher:{GRID[:12]}"]}},
        {"readers": "under:341324"},
        {"readers": "under:", "kind": "suspended"},
        {"readers": {"$all": ["party:property-1", "under:341324"]}, "kind": "closed"},
        {"readers": "under:", "issue": "issue-7"},
    ]
    for query in lists:
        found = notify.database["notices"].find(query).sort("_id", -1).limit(10)
        stats = found.explain()["executionStats"]
        assert stats["totalDocsExamined"] <= 30, query
        assert "COLLSCAN" not in str(stats)


def test_each_table_is_kept_with_the_time_from_which_it_held(notify, monkeypatch):
    def told_by(table, day):
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=day))
        event = changed("issue.urged", subject=f"day-{day}", at=clock.now().isoformat())
        book = replace(notify.book, table=table, rules=rules_of(table))
        handlers.tell([event], book, NotifyStore(notify.database), lambda ids: None)
        return change_of(event)

    head = "event,role,when,kind,channels\n"
    party, town = (f"{head}issue.urged,{role},,urged,all\n" for role in ("party", "town"))
    changes = [told_by(table, day) for day, table in enumerate([party, party, town, party], 3)]
    kept = list(notify.database["rule_tables"].find().sort("since", 1))
    assert [(row["text"], (row["since"] - START).days) for row in kept] == [
        (party, 3),
        (town, 5),
        (party, 6),
    ]
    judge = truth.teller(notify.settings.county, notify.database)
    found = truth.notices(notify.database, {"$regex": "^day-"})
    sent = [{each.recipient for each in found[f"day-{day}"]} for day in range(3, 7)]
    assert sent == [{"party:property-1"}] * 2 + [{f"supervisor:{GRID[:9]}"}, {"party:property-1"}]
    for change, recipients in zip(changes, sent, strict=True):
        assert judge(change, recipients) == recipients
        assert judge(change, {"party:nobody"}) != {"party:nobody"}
    assert judge(changes[0], sent[2]) == sent[0]


def test_an_event_from_the_broker_is_told_once_and_says_so(world):
    event = changed("issue.suspended", subject=uuid.uuid4().hex)
    told = {"party:property-1", f"dispatcher:{GRID[:12]}", *ACCOUNTS}
    with listening(world.stack) as heard:
        publish(world.stack, "notify.tell", [event.to_json().encode()] * 3)
        sent = [each for each in heard(len(told)) if each.subject == event.subject]
    assert {each.data["recipient"] for each in sent} == told
    assert {each.data["kind"] for each in sent} == {"suspended"}
    eventually(lambda: depth(world.stack, "notify.tell") == 0)
    rows = world.database("notify")["notices"]
    try:
        assert rows.count_documents({"issue": event.subject}) == len(told)
        assert depth(world.stack, "notify.tell.dead") == 0
    finally:
        rows.delete_many({"issue": event.subject})
        facts = world.figures("facts")
        eventually(lambda: facts.find_one({"_id": event.subject}))
        facts.delete_one({"_id": event.subject})


def test_everybody_has_an_inbox_and_choices_at_the_public_address(world):
    inbox = world.request("GET", "/api/v1/notices", "member")
    assert inbox.status == 200
    assert set(inbox.body) == {"items", "next", "unread"}
    choices = {"language": "en", "quiet": {"from": "21:00", "to": "06:30"}}
    chosen = world.request("PUT", "/api/v1/me/notifications", "member", json=choices)
    assert (chosen.status, chosen.body["quiet"]) == (200, choices["quiet"])
    assert world.client("member").get("/me/notifications") == chosen.body
    wrong = {"quiet": {"from": "21", "to": "06:30"}, "channels": {"sms": {"address": PHONE}}}
    refused = world.request("PUT", "/api/v1/me/notifications", "member", json=wrong)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "quiet.from")
    del wrong["quiet"]
    refused = world.request("PUT", "/api/v1/me/notifications", "member", json=wrong)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "channels.sms.address")
    assert world.client("member").get("/me/notifications") == chosen.body
    assert world.request("PUT", "/api/v1/me/notifications", "member", json={}).status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": ["0" * 26], "until": "0" * 26}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["x"]}, "ids.0"),
        ({"ids": ["0" * 26] * 201}, "ids"),
        ({"until": 5}, "until"),
        ({"id": "x"}, "id"),
        ([], "body"),
    ],
)
def test_what_was_read_is_said_in_one_way(world, body, field):
    refused = world.request("POST", "/api/v1/notices/read", "handler", json=body)
    assert refused.status == 422
    assert field in {each["field"] for each in refused.body["errors"]}


def test_deliveries_are_shown_of_ones_own_notices_only(world):
    path = f"/api/v1/notices/{'0' * 26}/deliveries"
    assert world.request("GET", path, "handler").status == 404
    assert world.request("GET", path).status == 401
    unread = world.client("member").get("/notices", limit=1)["unread"]
    read = world.request("POST", "/api/v1/notices/read", "member", json={"until": "0" * 26})
    assert (read.status, read.body) == (200, {"unread": unread})
