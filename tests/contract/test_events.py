"""Each event against its schema, both sides: what is published can be read, as it always could.

``events/`` holds one message of every version ever published; a file is added with a new version
and never changed.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.gateway.reports.telling import made
from services.grid.atlas import Atlas
from services.grid.handlers import assign
from services.grid.map import CountyMap
from services.grid.routing import Directory
from services.grid.rules import read_rows, read_rules
from services.notify.notices import notices_of
from services.notify.reports import report_notices
from services.notify.rules import read_rules as read_notice_rules
from services.stats import counting
from suishoupai.contracts import asyncapi
from suishoupai.contracts.events import (
    EVENTS,
    REPORTS,
    Event,
    UnreadableEvent,
    new_event,
    read_event,
)
from suishoupai.contracts.subscriptions import SUBSCRIPTIONS
from suishoupai.tracing import begin, new_trace

from ..lives import lives

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
FILES = sorted((Path(__file__).parent / "events").glob("*.json"))
ROOT = Path(__file__).resolve().parents[2]
RULES = read_notice_rules(ROOT / "data" / "notices" / "rules.csv", None)


class GridStore:
    """Keeps what grid writes."""

    def __init__(self):
        self.written = []

    def write_assignments(self, assignments):
        self.written.extend(assignments)


def assigned_by_grid(reported):
    """``issue.assigned`` as grid makes it of a report."""
    square = [[[117, 33], [118, 33], [118, 34], [117, 34], [117, 33]]]
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
    assign([reported], county_map, store, lambda ids: None)
    return Event(**store.written[0]["outbox"][0])


def made_by_gateway():
    """``report.made`` as the gateway makes it of a report that is done."""
    begin(new_trace("phone-1"))
    division = {"code": "341324001", "name": "泗城镇"}
    content = {"division": division, "made_at": AT.isoformat()}
    return made({"_id": "01B", "month": "2026-10"}, content, ["supervisor"], "/api/v1/reports/01B")


@cache
def published():
    """One event of each type, made by the code that publishes it."""
    events = [event for walk in lives() for event in walk.events]
    dispatched = next(event for event in events if event.type == "issue.dispatched")
    (noticed,) = notices_of(dispatched, RULES, AT)
    reported = next(event for event in events if event.type == "issue.reported")
    events += [assigned_by_grid(reported), Event(**noticed.notice["outbox"][0])]
    events.append(made_by_gateway())
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
        told_nothing = event.type.startswith("issue.") and event.data.get("action") is None
        known_otherwise = told_nothing and event.type not in ("issue.reported", "issue.assigned")
        assert (fact == counting.new_fact(event.subject)) == known_otherwise
    if event.type in REPORTS:
        told = [ordered.notice["recipient"] for ordered in report_notices(event, RULES, AT)]
        assert told == [f"account:{name}" for name in event.data["subscribers"]] != []
    elif event.type in receives("notify"):
        party = event.data["responsible"] and f"party:{event.data['responsible']['id']}"
        told = {ordered.notice["recipient"] for ordered in notices_of(event, RULES, AT)}
        if event.type in ("issue.dispatched", "issue.due_soon", "issue.overdue"):
            assert party in told


def receives(service):
    return {name for line in SUBSCRIPTIONS if line.service == service for name in line.event_types}


def test_every_line_of_the_rule_table_is_about_an_event_that_notify_receives():
    assert {rule.event_type for rule in RULES} <= receives("notify")


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
    with pytest.raises(UnreadableEvent, match="recipient"):
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
