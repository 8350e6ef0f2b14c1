"""Each event against its schema, both sides: what is published can be read, as it always could.

``events/`` holds one message of every version ever published; a file is added with a new version
and never changed.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.grid.atlas import Atlas
from services.grid.handlers import assign
from services.grid.map import CountyMap
from services.grid.routing import Directory
from services.grid.rules import read_rows, read_rules
from services.issues.cases import assigned_case, new_case, rung_case
from services.notify.notices import KINDS, case_notice
from services.stats import counting
from suishoupai.contracts import asyncapi
from suishoupai.contracts.events import (
    EVENTS,
    Event,
    UnreadableEvent,
    new_event,
    read_event,
)
from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.tracing import new_trace

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
FILES = sorted((Path(__file__).parent / "events").glob("*.json"))
ROOT = Path(__file__).resolve().parents[2]


class GridStore:
    """Keeps what grid writes."""

    def __init__(self):
        self.written = []

    def write_assignments(self, assignments):
        self.written.extend(assignments)


def published():
    """One event of each type, made by the code that publishes it."""
    opened = new_case(
        case_id="01A",
        number="341324-20261123-00001",
        report={"description": "垃圾", "address": "", "photos": [], "observed_at": AT},
        category={
            "code": "06010",
            "name": "暴露垃圾",
            "responsible": [],
            "confidential": False,
            "limit": 4,
            "limit_unit": "工作时",
        },
        location={"lng": 0.5, "lat": 0.5, "raw": {"lng": 0.5, "lat": 0.5, "datum": "WGS-84"}},
        county="341324",
        reporter="member",
        at=AT,
        trace=new_trace("phone-1"),
    )
    square = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    grid = {
        "_id": "341324001001001",
        "name": "第一网格",
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    names = {"341324": "泗县", "341324001": "运河街道", "341324001001": "汴光社区"}
    community = {
        "_id": "community-1",
        "kind": "community",
        "name": "汴光社区居民委员会",
        "division": "341324001001",
        "duty": "社区",
    }
    store = GridStore()
    rules = read_rules(read_rows((ROOT / "data" / "routing.csv").read_bytes()))
    county_map = CountyMap(Atlas(1, [grid], [], names), Directory([community]), rules)
    assign([opened.event], county_map, store, lambda ids: None)
    assigned = Event(**store.written[0]["outbox"][0])
    dispatched = assigned_case(opened.case, assigned, AT)
    due_soon = rung_case(dispatched.case, dispatched.case["due_soon_at"])
    overdue = rung_case(due_soon.case, due_soon.case["due_at"])
    noticed = Event(**case_notice(assigned, AT)["outbox"][0])
    changes = (opened, dispatched, due_soon, overdue)
    events = (*(change.event for change in changes), assigned, noticed)
    return {event.type: event for event in events}


@pytest.mark.parametrize("event_type", sorted({name for name, _ in EVENTS}))
def test_what_is_published_is_read_unchanged_and_keeps_its_correlation(event_type):
    event = published()[event_type]
    assert read_event(event.to_json()) == event
    assert event.correlationid == "phone-1"


@pytest.mark.parametrize("event_type", sorted({name for name, _ in EVENTS}))
def test_what_is_published_fits_the_asyncapi_document(event_type):
    document = asyncapi.document()
    event = json.loads(published()[event_type].to_json())
    version = event["dataschema"].rpartition(":")[2]
    payload = document["components"]["messages"][f"{event_type}.v{version}"]["payload"]
    Draft202012Validator({**payload, "components": document["components"]}).validate(event)


def test_there_is_a_message_of_every_version_ever_published():
    kept = {tuple(path.stem.rsplit("-", 1)) for path in FILES}
    assert kept == {(name, str(version)) for name, version in EVENTS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_todays_consumers_read_every_version(path):
    event = read_event(path.read_bytes())
    if event.type in receives("stats"):
        fact = counting.learn(counting.new_fact(event.subject), event)
        assert fact != counting.new_fact(event.subject)
    if event.type in receives("notify"):
        assert case_notice(event, AT)["party"] == event.data["responsible"]["id"]


def receives(service):
    return {name for line in SUBSCRIPTIONS if line.service == service for name in line.event_types}


def test_notify_knows_a_kind_of_notice_for_each_event_it_receives():
    assert receives("notify") == set(KINDS)


def test_every_event_has_a_receiver_and_every_subscription_an_event():
    received = {name for line in SUBSCRIPTIONS for name in line.event_types}
    assert received == {name for name, _ in EVENTS}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "issue.exploded"}, "does not name"),
        ({"dataschema": "urn:suishoupai:event:notice.sent:99"}, "unknown event"),
        ({"dataschema": "nonsense"}, "does not name"),
        ({"data": {}}, "Missing data"),
        ({"sequence": 0}, "sequence"),
        ({"sequence": "1"}, "sequence"),
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"datacontenttype": "text/plain"}, "datacontenttype"),
    ],
)
def test_what_can_never_be_read_says_why(change, reason):
    raw = {**published()["notice.sent"].to_dict(), **change}
    with pytest.raises(UnreadableEvent, match=reason):
        read_event(json.dumps(raw))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"null", b'"text"', b"{"])
def test_what_is_no_event_at_all_says_so(body):
    with pytest.raises(UnreadableEvent):
        read_event(body)


def test_unknown_attributes_are_ignored_and_unknown_data_too():
    event = published()["notice.sent"]
    raw = {**event.to_dict(), "partitionkey": "x"}
    assert read_event(json.dumps(raw)) == event
    richer = replace(event, data={**event.data, "later": 1})
    assert read_event(richer.to_json()) == richer


def test_data_that_does_not_fit_is_never_published():
    with pytest.raises(UnreadableEvent, match="party"):
        new_event(
            "notice.sent",
            source="/notify",
            subject="01A",
            sequence=1,
            data={"notice": "n"},
            trace=new_trace(),
        )


def test_the_asyncapi_document_is_the_one_of_the_code():
    kept = (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")
    assert kept == asyncapi.render(), "python -m suishoupai.contracts.asyncapi > docs/asyncapi.yaml"
    assert yaml.safe_load(kept)["asyncapi"] == "3.0.0"
