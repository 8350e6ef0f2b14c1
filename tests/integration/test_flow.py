"""A report reaches its grid and party, the party is told, and the county's count goes up."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from suishoupai.cli.morning import WEIGHTS
from suishoupai.contracts.issue_fields import SUMMARY_FIELDS
from suishoupai.datum import to_gcj02

from .broker import listening
from .conftest import report_body

ALONE, ALONE_IN_TIME = "91004", "06001"
"""Categories that no other test reports, the lifelike mornings included."""
assert not {ALONE, ALONE_IN_TIME} & set(WEIGHTS)


def key():
    return uuid.uuid4().hex


@pytest.fixture
def send(world):
    def send(body, account="member"):
        answer = world.report(body, key(), account)
        assert answer.status == 201, answer
        return world.settled(answer.body["id"])

    return send


def test_a_report_in_a_compound_goes_all_the_way(world, compound):
    properties, point = compound
    body = report_body(point, address="3 号楼", photos=["https://photos.example/1.jpg"])
    answer = world.report(body, key())
    assert answer.status == 201
    assert answer.body["state"] == "reported"
    assert answer.body["number"].startswith("341324-")
    assert answer.headers["Location"] == f"/api/v1/issues/{answer.body['id']}"

    case = world.settled(answer.body["id"])
    grid = properties["grids"][0]
    assert case["grid"]["code"] == grid
    assert case["community"]["code"] == grid[:12]
    assert case["town"]["code"] == grid[:9]
    assert case["compound"]["id"] == properties["id"]
    assert case["responsible"]["id"] == properties["property"]
    assert case["responsible"]["kind"] == "property"
    assert case["version"] == 2
    assert [(e["from"], e["to"]) for e in case["history"]] == [
        (None, "reported"),
        ("reported", "dispatched"),
    ]
    assert case["history"][0]["by"] == "member"
    assert all(entry["why"] for entry in case["history"])

    inbox = world.client("handler").get("/notices")["items"]
    (notice,) = [item for item in inbox if item["issue"] == case["id"]]
    assert notice["party"] == properties["property"]
    assert case["number"] in notice["text"]
    assert inbox == sorted(inbox, key=lambda item: item["sent_at"], reverse=True)

    at = datetime.fromisoformat(case["reported_at"])
    span = {"from": at.isoformat(), "to": (at + timedelta(milliseconds=1)).isoformat()}
    alone = world.client("supervisor").get("/stats/summary", **span)
    assert [alone[figure] for figure in ("reported", "assigned", "noticed")] == [1, 1, 1]
    for group, name in (
        ("by_category", "06010"),
        ("by_party", properties["property"]),
        ("by_state", "dispatched"),
        ("by_division", grid[:9]),
    ):
        assert alone[group] == {name: 1}


def test_a_phones_datum_is_understood_and_both_points_are_kept(send, compound):
    properties, point = compound
    given = to_gcj02(*point)
    case = send(report_body(given, datum="GCJ-02"))
    assert case["compound"]["id"] == properties["id"]
    assert (case["location"]["lng"], case["location"]["lat"]) == pytest.approx(point, abs=1e-7)
    assert case["location"]["raw"] == {"lng": given[0], "lat": given[1], "datum": "GCJ-02"}


@pytest.mark.parametrize(
    ("category", "kind", "party"),
    [
        ("93001", "community", "community-{community}"),
        ("91001", "community", "community-{community}"),
        ("06010", "department", "department-huanwei"),
    ],
)
def test_outside_compounds_the_community_or_a_department_is_responsible(
    send, village, category, kind, party
):
    properties, point = village
    case = send(report_body(point, category))
    assert case["compound"] is None
    assert case["responsible"]["kind"] == kind
    assert case["responsible"]["id"] == party.format(**properties)


def test_a_complaint_about_a_company_is_the_communitys(world, compound):
    properties, point = compound
    answer = world.report(report_body(point, "92001"), key())
    case = world.placed(answer.body["id"])
    assert (case["state"], case["responsible"]) == ("reported", None), "somebody looks first"
    community = f"community-{properties['grids'][0][:12]}"
    assert case["proposal"]["party"]["id"] == community
    assert case["proposal"]["barred"] == [properties["property"]]


def test_the_same_key_again_gives_the_same_answer_and_nothing_new(world, compound):
    body, same = report_body(compound[1]), key()
    first = world.report(body, same)
    world.settled(first.body["id"])
    cases = world.database("issues")["issues"].count_documents({})
    second = world.report(body, same)
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["Location"] == first.headers["Location"]
    assert world.database("issues")["issues"].count_documents({}) == cases
    # Another reporter's key is another key.
    assert world.report(body, same, "admin").body["id"] != first.body["id"]


def test_the_same_key_for_another_report_is_refused(world, compound):
    same = key()
    world.report(report_body(compound[1]), same)
    answer = world.report(report_body(compound[1], description="别的事"), same)
    assert (answer.status, answer.body["type"]) == (422, "urn:suishoupai:problem:key-reused")


def test_many_phones_sending_one_report_at_once_open_one_case(world, compound):
    body, same = report_body(compound[1]), key()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: world.report(body, same), range(12)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1


def test_lists_are_filtered_paged_and_newest_first(world, send, compound, village):
    urban = [send(report_body(compound[1], ALONE))["id"] for _ in range(3)]
    rural = send(report_body(village[1], ALONE))
    admin = world.client("admin")
    found = admin.get("/issues", category=ALONE, division=compound[0]["grids"][0][:12])
    assert [case["id"] for case in found["items"]] == urban[::-1]
    (listed,) = admin.get("/issues", grid=village[0]["code"], category=ALONE)["items"]
    assert listed == {name: rural[name] for name in SUMMARY_FIELDS}
    party = compound[0]["property"]
    assert {c["id"] for c in admin.get("/issues", party=party, category=ALONE)["items"]} == set(
        urban
    )
    assert admin.get("/issues", state="reported", category=ALONE)["items"] == []

    page = admin.get("/issues", category=ALONE, limit=3)
    rest = admin.get("/issues", category=ALONE, limit=3, cursor=page["next"])
    assert [case["id"] for case in page["items"] + rest["items"]] == [rural["id"], *urban[::-1]]
    assert rest["next"] is None


def test_lists_and_figures_are_cut_by_time(world, send, compound):
    admin = world.client("admin")
    case = send(report_body(compound[1], ALONE_IN_TIME))
    at = datetime.fromisoformat(case["reported_at"])
    just_after = (at + timedelta(milliseconds=1)).isoformat()
    span = {"from": case["reported_at"], "to": just_after}
    assert [c["id"] for c in admin.get("/issues", **span)["items"]] == [case["id"]]
    assert admin.get("/stats/summary", **span)["by_category"] == {ALONE_IN_TIME: 1}
    later = {"from": just_after, "category": ALONE_IN_TIME}
    assert admin.get("/issues", **later)["items"] == []
    assert (
        admin.get("/stats/summary", to=case["reported_at"])["by_category"].get(ALONE_IN_TIME, 0)
        == 0
    )


def test_groups_and_divisions_add_up_to_the_whole(world, send, compound, village):
    send(report_body(compound[1]))
    send(report_body(village[1]))
    summary = world.client("admin").get("/stats/summary")
    assert summary["division"] == "341324"
    for group in ("by_category", "by_state", "by_division"):
        assert sum(summary[group].values()) == summary["reported"], group
    assert sum(summary["by_party"].values()) == summary["assigned"]
    # Over a span with broken hours at both ends the same, from the facts.
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=3, minutes=7)).isoformat(), "to": now.isoformat()}
    assert (
        world.client("admin").get("/stats/summary", **span)["by_category"]
        == (summary["by_category"])
    )


def test_everyone_sees_only_what_is_theirs(world, send, compound, village):
    inside = send(report_body(compound[1]))
    outside = send(report_body(village[1], "93001"), account="admin")

    def sees(account, case):
        return world.request("GET", f"/api/v1/issues/{case['id']}", account).status == 200

    def lists(account):
        found = world.client(account).get("/issues", limit=200)["items"]
        return {case["id"] for case in found}

    for account, theirs, foreign in (
        ("member", inside, outside),
        ("handler", inside, outside),
        ("dispatcher", inside, outside),
    ):
        assert sees(account, theirs) and theirs["id"] in lists(account)
        assert not sees(account, foreign) and foreign["id"] not in lists(account)
    for account in ("supervisor", "admin"):
        assert {inside["id"], outside["id"]} <= lists(account)

    shown = world.client("handler").get(f"/issues/{inside['id']}")
    assert "reporter" not in shown
    assert "member" not in str(shown["history"])
    assert world.client("dispatcher").get(f"/issues/{inside['id']}")["reporter"] == "member"


def test_figures_and_inboxes_stay_within_reach(world, compound, village):
    community = compound[0]["grids"][0][:12]
    own = world.client("dispatcher").get("/stats/summary")
    assert own["division"] == community
    path = "/api/v1/stats/summary?division="
    assert world.request("GET", path + community[:9], "dispatcher").status == 403
    assert world.request("GET", path + village[0]["community"], "dispatcher").status == 403
    assert world.request("GET", path + "341324001000", "supervisor").status == 200
    other = f"/api/v1/notices?party=community-{village[0]['community']}"
    assert world.request("GET", other, "handler").status == 403
    assert world.request("GET", other, "admin").status == 200


def test_the_grid_of_a_point_and_all_grids(world, compound):
    properties, point = compound
    found = world.client("member").get("/grids/at", lng=point[0], lat=point[1], datum="WGS-84")
    assert found["grid"]["code"] == properties["grids"][0]
    assert found["compound"]["id"] == properties["id"]
    assert "示意" in found["note"]
    grids = world.client("member").get("/grids")
    assert grids["type"] == "FeatureCollection"
    assert len(grids["features"]) >= 300
    assert "示意" in grids["note"]


def test_the_catalogue_can_be_chosen_from(world):
    items = world.client("member").get("/categories")["items"]
    assert len(items) == 123
    names = {"code", "name", "kind", "major_name", "confidential", "responsible"}
    assert names | {"filing_condition"} == set(items[0])


def test_a_callers_trace_goes_through_to_the_last_event(world, compound):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with listening(world.stack) as heard:
        answer = world.request(
            "POST",
            "/api/v1/issues",
            "member",
            json=report_body(compound[1]),
            headers={"Idempotency-Key": key(), "X-Request-ID": "phone-7", "traceparent": trace},
        )
        world.settled(answer.body["id"])
        events = [event for event in heard(4) if event.subject == answer.body["id"]]
    assert {event.type: event.sequence for event in events} == {
        "issue.reported": 1,
        "issue.assigned": 1,
        "issue.dispatched": 2,
        "notice.sent": 1,
    }
    assert {event.correlationid for event in events} == {"phone-7"}
    assert {event.traceparent.split("-")[1] for event in events} == {trace.split("-")[1]}
