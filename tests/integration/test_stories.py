"""Three whole lives of a case on the running stack: on time, through trouble, in confidence."""

import uuid
from datetime import datetime, timedelta

import pytest

from suishoupai.datum import to_gcj02

from .conftest import eventually, report_body
from .people import DEPARTMENT, MARKET, people_around

PHOTOS = ["https://photos.example/before.jpg", "https://photos.example/after.jpg"]
ON_TIME, TROUBLED, LEAD = "06017", "06011", "94001"


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


def report(world, point, category, account, **more):
    answer = world.report(report_body(point, category, **more), uuid.uuid4().hex, account)
    assert answer.status == 201, answer
    return answer.body


def in_state(world, issue, state):
    def there():
        case = world.case(issue)
        return case if case["state"] == state else None

    return eventually(there)


def kinds_told(world, issue, account):
    """The kinds of notices about a case in somebody's inbox, the oldest first."""
    items = world.client(account).get("/notices", issue=issue)["items"]
    return [item["kind"] for item in reversed(items)]


def told(world, issue, account, kind):
    return eventually(lambda: kind in kinds_told(world, issue, account))


def grow_old(world, issue, **duration):
    """Makes everything that was timed in a case lie further back, as if that time had passed."""
    age = timedelta(**duration)
    cases = world.database("issues")["issues"]

    def older(value):
        if isinstance(value, datetime):
            return value - age
        if isinstance(value, dict):
            return {name: older(each) for name, each in value.items()}
        return [older(each) for each in value] if isinstance(value, list) else value

    timed = ("clock", "bundled", "alarms", "due_at", "due_soon_at", "bundled_due_at")
    case = cases.find_one({"_id": issue})
    cases.update_one({"_id": issue}, {"$set": {name: older(case[name]) for name in timed}})


def test_a_property_case_is_handled_on_time(world, compound, people):
    properties, point = compound
    before = world.client("supervisor").get("/stats/summary")["by_state"]
    receipt = report(world, to_gcj02(*point), ON_TIME, people.member, datum="GCJ-02")
    issue = receipt["id"]
    case = in_state(world, issue, "dispatched")
    assert case["responsible"]["id"] == properties["property"]
    assert (case["light"], case["activity"]) == ("green", "disposal")
    told(world, issue, people.handler, "dispatched")

    case = world.done(issue, "take", people.handler)
    case = world.done(issue, "feed_back", people.handler, note="已清运", photos=PHOTOS[1:])
    assert (case["state"], case["activity"]) == ("checking", "check")
    told(world, issue, people.dispatcher, "fed_back")
    world.done(issue, "check", people.dispatcher, note="现场属实")
    case = world.done(issue, "close", people.dispatcher)
    assert (case["state"], case["outcome"], case["light"]) == ("closed", "normal", None)
    told(world, issue, people.member, "closed")
    case = world.done(issue, "rate", people.member, solved=True, satisfaction=5, note="快")
    assert case["rating"] == {"solved": True, "satisfaction": 5}
    told(world, issue, people.handler, "rated")

    steps = [entry["action"] for entry in case["history"]]
    assert steps == ["report", "dispatch", "take", "feed_back", "check", "close", "rate"]
    assert case["history"][3]["photos"] == PHOTOS[1:]

    def counted():
        after = world.client("supervisor").get("/stats/summary")["by_state"]
        return after.get("rated", 0) == before.get("rated", 0) + 1

    eventually(counted)


def test_a_case_goes_through_every_trouble(world, compound, people):
    properties, point = compound
    issue = report(world, point, TROUBLED, people.resident)["id"]
    case = world.placed(issue)
    assert (case["state"], case["responsible"]) == ("reported", None)
    told(world, issue, people.dispatcher, "placed")
    refused = world.act(issue, "accept", people.dispatcher)
    assert (refused.status, refused.body["current"]["state"]) == (409, "reported")
    world.done(issue, "verify", people.dispatcher)
    world.done(issue, "accept", people.dispatcher, note="现场属实", photos=PHOTOS[:1])
    told(world, issue, people.resident, "accepted")
    world.done(issue, "file", people.dispatcher)

    company = properties["property"]
    case = world.done(issue, "dispatch", people.dispatcher, party=company)
    assert case["due_at"] == case["bundled_due_at"]
    world.done(issue, "return", people.handler, reason="不在小区红线内")
    told(world, issue, people.dispatcher, "returned")
    case = world.done(issue, "redispatch", people.dispatcher, party=DEPARTMENT, reason="归环卫")
    assert case["responsible"]["id"] == DEPARTMENT
    assert world.request("GET", f"/api/v1/issues/{issue}", people.handler).status == 404
    told(world, issue, people.department, "dispatched")

    world.done(issue, "take", people.department)
    world.done(issue, "feed_back", people.department, note="清了", photos=PHOTOS[1:])
    case = world.done(issue, "rework", people.dispatcher, reason="还剩一半")
    assert (case["state"], case["reworks"]) == ("handling", 1)
    told(world, issue, people.department, "reworked")

    due = datetime.fromisoformat(case["bundled_due_at"])
    more = {"number": 2, "unit": "工作日"}
    world.done(issue, "ask_extension", people.department, reason="缺车", extension=more)
    told(world, issue, people.dispatcher, "extension_asked")
    case = world.done(issue, "grant_extension", people.dispatcher)
    assert datetime.fromisoformat(case["bundled_due_at"]) > due + timedelta(days=1)
    again = {"reason": "还缺车", "extension": more}
    world.done(issue, "ask_extension", people.department, **again)
    assert world.act(issue, "grant_extension", people.dispatcher).status == 409
    world.done(issue, "refuse_extension", people.supervisor, reason="不再延期")

    world.done(issue, "urge", people.resident, note="什么时候清")
    told(world, issue, people.department, "urged")
    grow_old(world, issue, days=60)
    eventually(lambda: "overdue" in [e["action"] for e in world.case(issue)["history"]])
    told(world, issue, people.department, "overdue")
    told(world, issue, people.town, "overdue")
    assert world.case(issue)["light"] == "red"
    world.done(issue, "supervise", people.supervisor, reason="县督办")
    told(world, issue, people.department, "supervised")

    world.done(issue, "feed_back", people.department, note="清完了", photos=PHOTOS[1:])
    world.done(issue, "check", people.dispatcher, note="属实")
    case = world.done(issue, "close", people.dispatcher)
    assert case["outcome"] == "overdue"
    case = world.done(issue, "reopen", people.resident, reason="又堆上了")
    assert (case["state"], case["reopens"]) == ("reopened", 1)
    told(world, issue, people.dispatcher, "reopened")
    case = world.done(issue, "dispatch", people.dispatcher, party=DEPARTMENT)
    assert case["state"] == "dispatched"
    assert "resident" not in str(world.case(issue, people.department))


def test_a_lead_is_kept_in_confidence(world, compound, people):
    _, point = compound
    words = "店里卖过期奶粉"
    issue = report(world, point, LEAD, people.resident, description=words)["id"]
    case = in_state(world, issue, "dispatched")
    assert case["responsible"]["id"] == MARKET
    told(world, issue, people.market, "dispatched")

    def sees(account):
        answer = world.request("GET", f"/api/v1/issues/{issue}", account)
        listed = world.client(account).get("/issues", category=LEAD, limit=200)["items"]
        assert (answer.status == 200) == (issue in [item["id"] for item in listed])
        return answer.status == 200

    for account in (people.dispatcher, people.handler, people.stranger, people.member):
        assert not sees(account), account
    for account in (people.market, people.resident, people.supervisor, people.admin):
        assert sees(account), account
    near = world.client(people.member).get(
        "/issues/nearby", lng=point[0], lat=point[1], datum="WGS-84", category=LEAD
    )
    assert near["items"] == []

    world.done(issue, "take", people.market)
    world.done(issue, "feed_back", people.market, note="已立案查处")
    world.done(issue, "check", people.supervisor, note="属实")
    assert world.act(issue, "close", people.dispatcher, version=1).status == 404
    world.done(issue, "close", people.supervisor)
    told(world, issue, people.resident, "closed")
    seen = world.request("GET", f"/api/v1/issues/{issue}", people.market).body
    assert "resident" not in str(seen)
    assert kinds_told(world, issue, people.dispatcher) == []
    inbox = world.client(people.market).get("/notices", issue=issue)["items"]
    assert words not in str(inbox) and "resident" not in str(inbox)
