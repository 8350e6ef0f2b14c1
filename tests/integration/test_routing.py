"""Who is responsible, why, and who may be chosen: asked of a running county whose rules change."""

import json
import shutil
import uuid
from dataclasses import replace

import pytest

from services.grid.seed import seed
from suishoupai.contracts.problems import Problem
from suishoupai.datum import to_wgs84
from suishoupai.rpc import service_token

from .conftest import ROOT, eventually, report_body

DATA = ROOT / "data"


def explain(world, point, category="06010", account="supervisor", **more):
    where = {"lng": point[0], "lat": point[1], "datum": "WGS-84"}
    return world.client(account).get("/routing/explain", category=category, **where, **more)


def everything(world):
    """What grid's database holds of the map."""
    database = world.database("grid")
    names = ("divisions", "grids", "compounds", "parties", "members", "routing_rules", "map")
    return {name: list(database[name].find().sort("_id", 1)) for name in names}


@pytest.fixture
def county(world, tmp_path):
    """A copy of the county's folder, to be changed and seeded; the county's own is seeded again
    afterwards."""
    folder = tmp_path / "county"
    shutil.copytree(DATA, folder)
    yield folder
    seed_from(world, DATA)


def seed_from(world, folder):
    return seed(world.database("grid"), replace(world.stack.settings(), county=folder))


def rewrite(folder, old, new):
    file = folder / "routing.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("category", ["06010", "92001", "94002", "93001", "01054"])
def test_a_report_goes_where_the_explanation_says(world, compound, category):
    properties, point = compound
    answer = explain(world, point, category)
    issue = world.report(report_body(point, category), uuid.uuid4().hex).body["id"]
    case = world.placed(issue)
    for name in ("grid", "community", "town", "county", "compound"):
        assert answer[name] == case[name]
    assert (answer["responsible"], answer["why"]) == (
        case["proposal"]["party"],
        case["proposal"]["why"],
    )
    last = answer["considered"][-1]
    assert last == {"rule": answer["rule"], "applies": True, "why": answer["why"]}
    assert "示意" in answer["note"]
    if category == "92001":
        assert answer["barred"] == [properties["property"]]
    if category == "94002":
        assert answer["barred_kinds"] == ["community", "property"]
        assert answer["responsible"]["kind"] == "department"


def test_a_point_in_another_datum_is_first_turned_into_ours(world, compound):
    given = dict(zip(("lng", "lat"), compound[1], strict=True))
    turned = to_wgs84(*compound[1], "GCJ-02")
    asked = world.client("dispatcher").get(
        "/routing/explain", **given, datum="GCJ-02", category="06010"
    )
    assert asked == explain(world, turned, account="dispatcher")
    assert asked["compound"] != explain(world, compound[1])["compound"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"category": "00000"}, "category"),
        ({"category": "garbage"}, "category"),
        ({"category": None}, "category"),
        ({"on": "someday"}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"lng": "121.47", "lat": "31.23"}, "location"),
        ({"lng": "nan"}, "lng"),
        ({"lat": None}, "lat"),
        ({"datum": None}, "datum"),
        ({"datum": "BD-09"}, "datum"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_question_names_its_field(world, compound, query, field):
    (lng, lat), before = compound[1], everything(world)
    given = {"category": "06010", "lng": lng, "lat": lat, "datum": "WGS-84", **query}
    given = {name: value for name, value in given.items() if value is not None}
    answer = world.request("GET", "/api/v1/routing/explain", "admin", fields=given)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert everything(world) == before


@pytest.mark.parametrize("account", ["member", "handler"])
@pytest.mark.parametrize("path", ["/api/v1/routing/explain", "/api/v1/parties"])
def test_reporters_and_handlers_may_not_ask(world, account, path):
    assert world.request("GET", path, account).status == 403
    assert world.request("GET", path).status == 401


def test_the_parties_a_dispatcher_may_choose_from_come_page_by_page(world):
    known = json.loads((DATA / "demo" / "parties.json").read_text(encoding="utf-8"))["parties"]
    dispatcher = world.client("dispatcher")
    community = json.loads((DATA / "demo" / "compounds.geojson").read_text(encoding="utf-8"))
    division = community["features"][0]["properties"]["grids"][0][:12]
    found, cursor = [], {}
    while True:
        page = dispatcher.get("/parties", limit=7, **cursor)
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    wanted = [row for row in known if division.startswith(row["division"])]
    assert found == sorted(wanted, key=lambda row: row["id"])
    assert {row["kind"] for row in found} == {"property", "community", "department"}
    departments = dispatcher.get("/parties", kind="department", limit=200)["items"]
    assert departments == [row for row in found if row["kind"] == "department"]


def test_a_supervisor_may_look_into_any_community_and_a_dispatcher_only_their_own(world, village):
    division = village[0]["community"]
    items = world.client("supervisor").get("/parties", division=division, kind="community")["items"]
    assert {row["division"] for row in items} == {division, division[:9]}
    answer = world.request("GET", f"/api/v1/parties?division={division}", "dispatcher")
    assert (answer.status, answer.body["type"]) == (403, "urn:suishoupai:problem:forbidden")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("division=34", "division"),
        ("kind=army", "kind"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        (f"cursor={'x' * 101}", "cursor"),
        ("colour=red", "colour"),
    ],
)
def test_a_bad_filter_names_itself(world, query, field):
    answer = world.request("GET", f"/api/v1/parties?{query}", "admin")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_a_service_may_ask_for_one_party(world):
    def asked(party):
        response = world.pool.request(
            "POST",
            f"{world.address('grid')}/rpc/party",
            json={"caller": {"account": "dispatcher", "roles": ["dispatcher"]}, "party": party},
            headers={"Authorization": f"Bearer {service_token(world.stack.settings())}"},
        )
        return response.status, response.json()

    status, party = asked("property-001")
    assert (status, party["id"], party["kind"], set(party)) == (
        200, "property-001", "property", {"id", "name", "kind"},
    )  # fmt: skip
    status, problem = asked("nobody")
    assert (status, problem["errors"][0]["field"]) == (422, "party")


def test_new_rules_are_in_force_in_the_running_service_and_on_their_day(world, compound, county):
    old = "property-in-compound,40,2020-01-01,,,物业|物业(小区内),小区内,本小区物业,,是"
    rewrite(county, old, old.replace(",,,物业|", ",2999-01-01,,物业|"))
    rewrite(
        county,
        "community,50,",
        "from-2999,40,2999-01-01,,,物业(小区内),,部门:公安,,是,试行\ncommunity,50,",
    )
    seed_from(world, county)
    day = {"on": "2998-12-31"}
    eventually(lambda: "from-2999" in rules(explain(world, compound[1], on="2999-01-01")))
    assert explain(world, compound[1], **day)["rule"] == "property-in-compound"
    turned = explain(world, compound[1], on="2999-01-01")
    assert (turned["rule"], turned["why"]) == ("from-2999", "试行")


def rules(answer):
    return [row["rule"] for row in answer["considered"]]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("2020-01-01,,92001", "2020-01-01,,9200", r"routing\.csv: line 2: category"),
        ("小区内,本小区物业", "小区内,物业公司", r"routing\.csv: line 5: decides"),
        ("镇街,,否", "社区,,否", r"routing\.csv: decides: no rule"),
    ],
)
def test_rules_that_are_wrong_change_nothing(world, compound, county, old, new, fault):
    before, answer = everything(world), explain(world, compound[1])
    parties = county / "demo" / "parties.json"
    parties.write_text(
        parties.read_text(encoding="utf-8").replace("安居", "安家"), encoding="utf-8"
    )
    rewrite(county, old, new)
    with pytest.raises(Problem, match=fault):
        seed_from(world, county)
    assert everything(world) == before
    assert explain(world, compound[1]) == answer


def test_rules_broken_in_the_database_leave_the_running_service_its_old_ones(
    world, compound, county
):
    database, answer = world.database("grid"), explain(world, compound[1])
    database["routing_rules"].update_one({"_id": "community"}, {"$set": {"decides": "谁都行"}})
    database["map"].update_one({}, {"$inc": {"version": 1}})
    assert explain(world, compound[1]) == answer
