"""Actions over HTTP: what is refused says why and changes nothing; merging, categories, nearby."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from suishoupai.datum import to_gcj02

from .conftest import eventually, report_body
from .people import DEPARTMENT, MARKET, people_around

WAITING, BY_ITSELF = "92001", "06012"
PHOTO = "https://photos.example/1.jpg"


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture
def opened(world, compound):
    """Opens a case that is placed: of a category that waits for somebody unless told otherwise."""

    def opened(category=WAITING, account="member", point=None, **more):
        body = report_body(point or compound[1], category, **more)
        answer = world.report(body, uuid.uuid4().hex, account)
        assert answer.status == 201, answer
        return world.placed(answer.body["id"])["id"]

    return opened


def kept(world, issue):
    """A case as the database has it, but for what is on its way out."""
    case = world.database("issues")["issues"].find_one({"_id": issue})
    return {name: value for name, value in case.items() if name != "outbox"}


def refused(world, issue, action, account, **given):
    """The refusal of an action that must not change anything."""
    before = kept(world, issue)
    answer = world.act(issue, action, account, **given)
    assert answer.status >= 400, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert kept(world, issue) == before
    return answer.status, answer.body


def test_an_unknown_action_is_not_there(world, opened, people):
    status, body = refused(world, opened(), "explode", people.dispatcher)
    assert (status, body["type"]) == (404, "urn:suishoupai:problem:unknown-action")
    assert "explode" in body["detail"]


@pytest.mark.parametrize(
    ("action", "given", "field"),
    [
        ("reject", {}, "reason"),
        ("reject", {"reason": "  "}, "reason"),
        ("reject", {"reason": "x" * 501}, "reason"),
        ("reject", {"reason": 1}, "reason"),
        ("reject", {"reason": "因故", "note": "不收"}, "note"),
        ("reject", {"reason": "因故", "colour": "red"}, "colour"),
        ("reject", {"reason": "因故", "version": 0}, "version"),
        ("reject", {"reason": "因故", "version": "2"}, "version"),
        ("self_handle", {}, "photos"),
        ("self_handle", {"photos": [PHOTO]}, "photos"),
        ("self_handle", {"photos": ["file:///etc/passwd", PHOTO]}, "photos.0"),
        ("self_handle", {"photos": [PHOTO] * 10}, "photos"),
        ("merge", {"main": "nonsense"}, "main"),
        ("merge", {}, "main"),
        ("recategorise", {"reason": "因故", "category": "00000"}, "category"),
        ("recategorise", {"reason": "因故", "category": WAITING}, "category"),
        ("recategorise", {"reason": "因故", "category": "x"}, "category"),
        ("recategorise", {"category": BY_ITSELF}, "reason"),
    ],
)
def test_a_bad_action_names_its_field(world, opened, people, action, given, field):
    status, body = refused(world, opened(), action, people.dispatcher, **given)
    assert (status, body["type"]) == (422, "urn:suishoupai:problem:invalid"), body
    assert field in [error["field"] for error in body["errors"]], body


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"'])
def test_what_is_no_action_at_all_is_refused(world, opened, people, body):
    issue = opened()
    before = kept(world, issue)
    path = f"/api/v1/issues/{issue}/actions/reject"
    headers = {"Content-Type": "application/json"}
    answer = world.request("POST", path, people.dispatcher, body=body, headers=headers)
    assert answer.status in (400, 422)
    assert kept(world, issue) == before


def filed(world, issue, people):
    world.done(issue, "accept", people.dispatcher)
    world.done(issue, "file", people.dispatcher)
    return issue


def test_bad_parties_are_refused(world, opened, people, compound):
    issue = filed(world, opened(), people)
    status, body = refused(world, issue, "dispatch", people.dispatcher, party="nobody")
    assert (status, body["errors"][0]["field"]) == (422, "party")
    status, body = refused(world, issue, "dispatch", people.dispatcher, party=["x"])
    assert (status, body["errors"][0]["field"]) == (422, "party")
    # 92001 never goes to the company it is about, whoever says so.
    company = compound[0]["property"]
    for account in (people.dispatcher, people.supervisor, people.admin):
        status, body = refused(world, issue, "dispatch", account, party=company)
        assert (status, body["type"]) == (409, "urn:suishoupai:problem:not-now")
        assert body["current"]["state"] == "filed"


@pytest.mark.parametrize("until", ["2020-01-01", "2999-01-01", "tomorrow", "2027-03-01T00:00:00"])
def test_a_suspension_ends_at_a_date_that_lies_ahead(world, opened, people, until):
    issue = opened(BY_ITSELF)
    world.account(people.department, "handler", party=world.case(issue)["responsible"]["id"])
    world.done(issue, "take", people.department)
    given = {"reason": "施工", "until": until}
    status, body = refused(world, issue, "suspend", people.supervisor, **given)
    assert (status, body["errors"][0]["field"]) == (422, "until")


def test_an_outdated_version_gets_the_case_as_it_is(world, opened, people):
    issue = opened()
    world.done(issue, "accept", people.dispatcher)
    status, body = refused(world, issue, "reject", people.dispatcher, version=2, reason="因故")
    assert (status, body["type"]) == (409, "urn:suishoupai:problem:stale")
    assert (body["current"]["version"], body["current"]["state"]) == (3, "accepted")


def test_the_same_action_sent_again_is_done_once(world, opened, people):
    issue = opened()
    first = world.act(issue, "accept", people.dispatcher, version=2, note="属实")
    again = world.act(issue, "accept", people.dispatcher, version=2, note="属实")
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    other = world.act(issue, "accept", people.dispatcher, version=2, note="另一句")
    assert other.status == 409


def test_of_many_who_act_at_once_one_is_first(world, opened, people):
    issue = opened()
    accounts = [people.dispatcher, people.supervisor, people.admin] * 4
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda n: world.act(issue, "accept", accounts[n], version=2, note=f"第{n}次"),
                range(12),
            )
        )
    assert sorted(answer.status for answer in answers) == [200] + [409] * 11
    assert world.case(issue)["version"] == 3


def test_roles_and_reach(world, opened, people):
    issue = opened()
    status, body = refused(world, issue, "accept", people.member)
    assert (status, body["type"]) == (403, "urn:suishoupai:problem:forbidden")
    status, body = refused(world, issue, "place", people.admin)
    assert (status, body["type"]) == (403, "urn:suishoupai:problem:forbidden")
    for account in (people.elsewhere, people.stranger, people.resident):
        status, body = refused(world, issue, "accept", account, version=2)
        assert (status, body["type"]) == (404, "urn:suishoupai:problem:not-found")
        answer = world.request("GET", f"/api/v1/issues/{issue}/actions", account)
        assert answer.status == 404


def test_a_wrong_state_says_what_state_it_is_in(world, opened, people):
    issue = opened()
    world.done(issue, "reject", people.dispatcher, reason="不属实")
    status, body = refused(world, issue, "accept", people.dispatcher)
    assert (status, body["type"]) == (409, "urn:suishoupai:problem:not-now")
    assert "不予受理" in body["detail"] and body["current"]["state"] == "rejected"


def test_what_is_offered_names_what_it_needs(world, opened, people):
    answer = world.client(people.dispatcher).get(f"/issues/{opened()}/actions")
    offers = {each["action"]: each for each in answer["items"]}
    other = {"self_handle", "merge", "recategorise", "remark"}
    assert set(offers) == {"verify", "accept", "reject"} | other
    assert offers["reject"]["needs"] == ["reason"]
    assert (offers["self_handle"]["needs"], offers["self_handle"]["photos"]) == (["photos"], 2)
    assert (offers["accept"]["name"], offers["accept"]["to"]) == ("受理", "accepted")


def test_where_it_is_decided_the_filing_condition_is_shown(world, opened, people):
    issue = opened()
    world.done(issue, "accept", people.dispatcher)
    answer = world.client(people.dispatcher).get(f"/issues/{issue}/actions")
    (offer,) = [each for each in answer["items"] if each["action"] == "file"]
    assert offer["condition"]


def test_merged_cases_inform_both_reporters_and_come_apart_again(world, opened, people):
    main, other = opened(), opened(account=people.neighbour)
    world.done(other, "verify", people.dispatcher)
    number = world.case(main)["number"]
    merged = world.done(other, "merge", people.dispatcher, main=number)
    assert (merged["state"], merged["main"]) == ("merged", {"id": main, "number": number})
    case = world.case(main)
    assert case["followers"] == 1
    assert [each["id"] for each in case["merged"]] == [other]
    assert case["history"][-1]["action"] == "absorb"
    again = world.act(opened(), "merge", people.dispatcher, main=other)
    assert again.status == 422, "into what is merged itself nothing is merged"

    filed(world, main, people)
    world.done(main, "self_handle", people.dispatcher, photos=[PHOTO, PHOTO])
    for account in (people.member, people.neighbour):
        inbox = world.client(account)
        eventually(
            lambda inbox=inbox: (
                "closed" in [n["kind"] for n in inbox.get("/notices", issue=main)["items"]]
            )
        )
    apart = world.done(other, "unmerge", people.dispatcher, reason="不是同一处")
    assert (apart["state"], apart["main"]) == ("verifying", None)
    case = world.case(main)
    assert (case["followers"], case["merged"]) == (0, None)
    assert case["history"][-1]["action"] == "release"


def test_many_are_merged_into_one_at_once_and_come_apart_again(world, opened, people):
    main, others = opened(), [opened() for _ in range(4)]

    def at_once(action, **given):
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(lambda n: world.act(n, action, people.dispatcher, **given), others)
            return [answer.status for answer in answers]

    assert at_once("merge", main=main) == [200] * 4
    case = world.case(main)
    assert {each["id"] for each in case["merged"]} == set(others)
    assert [entry["action"] for entry in case["history"]][-4:] == ["absorb"] * 4
    assert at_once("unmerge", reason="各是各的") == [200] * 4
    assert world.case(main)["merged"] is None


def test_another_category_finds_another_party(world, opened, people):
    issue = opened(BY_ITSELF)
    assert world.case(issue)["responsible"]["id"] == DEPARTMENT
    due = world.case(issue)["due_at"]
    before = world.case(issue)["proposal"]["party"]["id"]
    given = {"category": "94001", "reason": "是食品安全线索"}
    world.done(issue, "recategorise", people.supervisor, **given)

    def proposed_anew():
        case = world.case(issue)
        return case if case["proposal"] and case["proposal"]["party"]["id"] != before else None

    case = eventually(proposed_anew)
    assert case["proposal"]["party"]["id"] == MARKET
    assert (case["category"]["code"], case["state"]) == ("94001", "dispatched")
    assert case["due_at"] > due, "five working days instead of five hours"
    world.done(issue, "recall", people.supervisor, reason="改派")
    case = world.done(issue, "dispatch", people.supervisor)
    assert case["responsible"]["id"] == MARKET


def test_a_company_loses_a_case_that_turns_out_to_be_about_itself(world, opened, people, compound):
    issue = opened("91003")
    assert world.case(issue)["responsible"]["id"] == compound[0]["property"]
    given = {"category": WAITING, "reason": "投诉物业"}
    world.done(issue, "recategorise", people.dispatcher, **given)
    eventually(lambda: world.case(issue)["state"] == "filed")
    assert world.case(issue)["responsible"] is None
    assert world.case(issue)["history"][-1]["role"] == "system"
    assert world.request("GET", f"/api/v1/issues/{issue}", people.handler).status == 404


SPOT = (117.9093, 33.4811)
NORTH = (SPOT[0], SPOT[1] + 40 / 111_195)
FAR = (SPOT[0], SPOT[1] + 60 / 111_195)
HASH = "f0e1d2c3b4a59687"
LIKE = f"{int(HASH, 16) ^ 0b111:016x}"
UNLIKE = f"{int(HASH, 16) ^ 0b1111:016x}"


def near(world, point, category, **more):
    lng, lat = point
    given = {"lng": lng, "lat": lat, "datum": "WGS-84", "category": category, **more}
    return world.client("neighbour").get("/issues/nearby", **given)["items"]


def test_open_cases_near_by_are_offered_before_sending(world, opened, people):
    category = "06049"
    issue = opened(category, point=SPOT)
    (found,) = near(world, NORTH, category)
    assert found["id"] == issue
    assert found["metres"] == pytest.approx(40, abs=0.2)
    assert set(found) == {
        *("id", "number", "state", "category", "reported_at"),
        *("metres", "same_photo", "reports"),
    }
    assert near(world, FAR, category) == []
    assert near(world, NORTH, "06050") == []
    gcj = to_gcj02(*NORTH)
    assert near(world, gcj, category) == []
    assert len(near(world, gcj, category, datum="GCJ-02")) == 1
    second = opened(category, point=NORTH)
    assert [each["id"] for each in world.case(second)["similar"]] == [issue]
    assert "similar" not in world.case(second, "member")
    world.done(issue, "void", people.admin, reason="测试")
    assert [each["id"] for each in near(world, NORTH, category)] == [second]


def test_a_photo_that_looks_the_same_is_found_wherever_it_was_taken(world, opened):
    issue = opened("06051", point=SPOT, photo_hashes=[HASH])
    (found,) = near(world, FAR, "06052", photo_hash=LIKE)
    assert (found["id"], found["same_photo"]) == (issue, True)
    assert near(world, FAR, "06052", photo_hash=UNLIKE) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"category": "x"}, "category"),
        ({"category": "00000"}, "category"),
        ({"photo_hash": "zz"}, "photo_hash"),
        ({"datum": "BD-09"}, "datum"),
        ({"lng": 0}, "location"),
        ({"radius": 5000}, "radius"),
    ],
)
def test_a_bad_question_about_nearby_names_its_field(world, given, field):
    fields = {"lng": SPOT[0], "lat": SPOT[1], "datum": "WGS-84", "category": "06049", **given}
    answer = world.request("GET", "/api/v1/issues/nearby", "member", fields=fields)
    assert answer.status == 422, answer
    assert field in [error["field"] for error in answer.body["errors"]]


def test_danger_shows_whom_to_call_and_is_urgent(world, opened, compound):
    body = report_body(compound[1], "06030", description="三楼着火了")
    key = uuid.uuid4().hex
    first = world.report(body, key)
    assert first.body["emergency"] == [{"number": "119", "name": "火警"}]
    assert next(iter(json.loads(json.dumps(first.body)))) == "emergency", "it comes first"
    assert world.placed(first.body["id"])["urgent"]
    assert world.report(body, key).body == first.body
    dangling = world.report(report_body(compound[1], "10002"), uuid.uuid4().hex)
    assert [each["number"] for each in dangling.body["emergency"]] == ["119"]


def test_a_description_finds_its_category(world):
    said = "楼道里堆满了纸箱"
    items = world.client("member").get("/categories/suggest", description=said)["items"]
    assert (items[0]["code"], items[0]["name"]) == ("91001", "楼道堆物")
    assert len(items) == 3
    assert all(word in said for each in items for word in each["words"])
    assert items == sorted(items, key=lambda each: -each["confidence"])


@pytest.mark.parametrize("fields", [{}, {"description": " "}, {"description": "x" * 1001}])
def test_without_a_description_there_is_no_suggestion(world, fields):
    answer = world.request("GET", "/api/v1/categories/suggest", "member", fields=fields)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "description")
