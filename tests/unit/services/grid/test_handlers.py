"""What grid does with the rules: assignments by the local date of the report, parties by reach."""

from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import box, mapping

from services.grid import handlers
from services.grid.atlas import Atlas
from services.grid.map import CountyMap
from services.grid.routing import Directory
from services.grid.rules import read_rows, read_rules
from suishoupai.access import Caller
from suishoupai.contracts.events import Event, new_event, read_event
from suishoupai.contracts.problems import Problem
from suishoupai.tracing import new_trace

DATA = Path(__file__).resolve().parents[4] / "data"
COMMUNITY = "341324001001"
NAMES = {"341324": "泗县", "341324001": "运河街道", COMMUNITY: "汴光社区"}
GRID = {"_id": COMMUNITY + "001", "name": "第一网格", "geometry": mapping(box(0, 0, 1, 1))}
COMPOUND = {
    "_id": "compound-001",
    "name": "甲小区",
    "property": "property-1",
    "geometry": mapping(box(0.2, 0.2, 0.4, 0.4)),
}
PARTIES = [
    {"_id": key, "kind": kind, "name": key, "division": division, "duty": duty}
    for key, kind, division, duty in (
        ("community-1", "community", COMMUNITY, "社区"),
        ("community-2", "community", "341324001002", "社区"),
        ("police", "department", "341324", "公安"),
        ("property-1", "property", "341324", "物业"),
        ("town-1", "community", "341324001", "属地"),
    )
]
DIRECTORY = Directory(PARTIES)
TEXT = (DATA / "routing.csv").read_text(encoding="utf-8")
CHANGED = TEXT.replace(
    "property-in-compound,40,2020-01-01,,", "property-in-compound,40,2020-01-01,2027-01-01,"
)
DISPATCHER = Caller("dispatcher", ("dispatcher",), division=COMMUNITY)


class Everywhere:
    name = "泗县"

    def contains(self, lng, lat):
        return 0 <= lng <= 1


class Store:
    def __init__(self):
        self.written = []

    def write_assignments(self, assignments):
        self.written.extend(assignments)


def county_map(text=TEXT):
    rules = read_rules(read_rows(text.encode()))
    return CountyMap(Atlas(7, [GRID], [COMPOUND], NAMES), DIRECTORY, rules)


def assigned(code, responsible, reported_at="2026-11-24T01:02:03.456000+00:00", text=TEXT):
    point = {"lng": 0.3, "lat": 0.3}
    reported = new_event(
        "issue.reported",
        source="/issues",
        subject="01A",
        sequence=1,
        trace=new_trace("phone-1"),
        data={
            "number": "341324-20261123-00001",
            "category": {
                "code": code,
                "name": "案件",
                "responsible": responsible,
                "confidential": False,
            },
            "description": "垃圾",
            "location": {**point, "raw": {**point, "datum": "WGS-84"}},
            "address": "",
            "photos": [],
            "reported_at": reported_at,
            "observed_at": None,
            "reporter": "member",
            "source": "patrol",
            "courier": False,
        },
    )
    store = Store()
    handlers.assign([reported], county_map(text), store, lambda ids: None)
    (written,) = store.written
    return Event(**written["outbox"][0])


def test_an_assignment_tells_who_must_never_get_the_case_and_whether_it_is_clear():
    event = assigned("92001", ["社区"])
    assert event.dataschema == "urn:suishoupai:event:issue.assigned:2"
    assert read_event(event.to_json()) == event
    assert event.data["responsible"]["id"] == "community-1"
    told = {name: event.data[name] for name in ("barred", "barred_kinds", "clear")}
    assert told == {"barred": ["property-1"], "barred_kinds": [], "clear": True}
    lead = assigned("94001", ["市场监管"]).data
    told = {name: lead[name] for name in ("barred", "barred_kinds", "clear")}
    assert told == {"barred": [], "barred_kinds": ["community", "property"], "clear": False}


@pytest.mark.parametrize(
    ("reported_at", "party"),
    [
        ("2026-12-31T15:59:59.999000+00:00", "property-1"),
        ("2026-12-31T16:00:00+00:00", "community-1"),
        ("2026-12-31T23:59:59.999000+08:00", "property-1"),
        ("2027-01-01T00:00:00+08:00", "community-1"),
    ],
)
def test_a_report_is_assigned_by_the_rules_of_its_local_date(reported_at, party):
    event = assigned("91001", ["物业", "社区"], reported_at, CHANGED)
    assert event.data["responsible"]["id"] == party


def explained(responsible=("物业",), text=TEXT, **filters):
    given = {"category": "91001", "lng": "0.3", "lat": "0.3", "datum": "WGS-84", **filters}
    category = {"code": given["category"], "name": "案件", "responsible": list(responsible)}
    return handlers.explain(given, category, county_map(text), Everywhere())


def test_an_explanation_is_what_an_assignment_would_be():
    answer, event = explained(), assigned("91001", ["物业"])
    for name in ("responsible", "rule", "why", "clear", "barred", "grid", "compound"):
        assert answer[name] == event.data[name]
    assert answer["considered"][-1]["rule"] == answer["rule"] == "property-in-compound"
    assert "示意" in answer["note"]


def test_an_explanation_is_of_the_date_that_is_asked_for():
    assert explained(text=CHANGED, on="2026-12-31")["responsible"]["id"] == "property-1"
    later = explained(text=CHANGED, on="2027-01-01")
    assert (later["responsible"]["id"], later["on"]) == ("community-1", "2027-01-01")
    said = {row["rule"]: row["why"] for row in later["considered"]}
    assert said["property-in-compound"] == "已于2027-01-01失效"
    assert date.fromisoformat(explained()["on"]) >= date(2026, 1, 1)


def test_that_nobody_is_responsible_is_an_answer_with_every_rule():
    answer = explained(on="2019-12-31")
    assert answer["responsible"] is None and answer["rule"] is None
    assert answer["why"] == handlers.NOBODY
    assert {row["why"] for row in answer["considered"]} == {"2020-01-01起才施行"}


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"on": "tomorrow"}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"category": "6010"}, "category"),
        ({"datum": "BD-09"}, "datum"),
        ({"lng": "2"}, "location"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_question_names_its_field(filters, field):
    with pytest.raises(Problem) as refused:
        explained(**filters)
    assert [error["field"] for error in refused.value.errors] == [field]


def test_a_category_that_is_not_in_the_catalogue_is_named():
    filters = {"category": "00000", "lng": 0.3, "lat": 0.3, "datum": "WGS-84"}
    with pytest.raises(Problem, match="category: there is no category 00000"):
        handlers.explain(filters, None, county_map(), Everywhere())


def test_a_party_is_told_and_one_that_is_not_there_is_named():
    found = handlers.party("police", DIRECTORY)
    assert found == {"id": "police", "name": "police", "kind": "department"}
    with pytest.raises(Problem, match="party: there is no party nobody"):
        handlers.party("nobody", DIRECTORY)


def test_a_dispatcher_chooses_from_those_around_their_division_a_page_at_a_time():
    first = handlers.parties(DISPATCHER, {"limit": "3"}, DIRECTORY)
    assert [row["id"] for row in first["items"]] == ["community-1", "police", "property-1"]
    assert first["items"][1]["duty"] == "公安"
    rest = handlers.parties(DISPATCHER, {"cursor": first["next"]}, DIRECTORY)
    assert ([row["id"] for row in rest["items"]], rest["next"]) == (["town-1"], None)
    whole = handlers.parties(DISPATCHER, {"limit": "4"}, DIRECTORY)
    assert whole["next"] is None
    community = handlers.parties(DISPATCHER, {"kind": "community"}, DIRECTORY)
    assert [row["id"] for row in community["items"]] == ["community-1", "town-1"]


def test_the_division_asked_for_must_be_within_reach():
    admin = Caller("admin", ("admin",))
    assert len(handlers.parties(admin, {}, DIRECTORY)["items"]) == len(PARTIES)
    other = handlers.parties(admin, {"division": "341324001002"}, DIRECTORY)["items"]
    assert [row["id"] for row in other] == ["community-2", "police", "property-1", "town-1"]
    for division in ("341324", "341324001002"):
        with pytest.raises(Problem) as refused:
            handlers.parties(DISPATCHER, {"division": division}, DIRECTORY)
        assert refused.value.code == "forbidden"
