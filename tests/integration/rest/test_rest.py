"""What the REST API promises: tags and conditions, sparse fields, filters by indexes."""

import pytest

from suishoupai import clock
from suishoupai.contracts.issue_fields import ISSUE_FIELDS, ON_REQUEST, SUMMARY_FIELDS
from suishoupai.ids import new_id

from .. import filed


def read(world, issue, account="admin", query="", **headers):
    return world.request("GET", f"/api/v1/issues/{issue}{query}", account, headers=headers)


def act(world, issue, action, account, if_match=None, **body):
    headers = {} if if_match is None else {"If-Match": if_match}
    path = f"/api/v1/issues/{issue}/actions/{action}"
    return world.request("POST", path, account, json=body, headers=headers)


def code(answer):
    return answer.body["type"].rpartition(":")[2]


# Tags and conditions


def test_a_case_that_is_known_is_not_sent_again(world, opened, people):
    issue = opened()
    first = read(world, issue)
    tag = first.headers["ETag"]
    assert tag.startswith(f'"{first.body["version"]}-')
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = read(world, issue, **{"If-None-Match": known})
        assert (again.status, again.headers["ETag"]) == (304, tag), known
        assert "Content-Type" not in again.headers
    for unknown in ('"other"', tag.strip('"')[:-1], "", 'W/"x'):
        assert read(world, issue, **{"If-None-Match": unknown}).status == 200, unknown
    world.done(issue, "accept", people.dispatcher)
    changed = read(world, issue, **{"If-None-Match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


def test_a_tag_stands_for_what_this_caller_is_shown(world, opened, people):
    issue = opened()
    tags = {
        (account, query): read(world, issue, account, query).headers["ETag"]
        for account in (people.admin, people.dispatcher, people.member)
        for query in ("", "?fields=state")
    }
    assert tags[people.admin, ""] == tags[people.dispatcher, ""]
    assert tags[people.admin, ""] != tags[people.member, ""]
    assert tags[people.admin, ""] != tags[people.admin, "?fields=state"]
    foreign = read(world, issue, people.stranger, **{"If-None-Match": "*"})
    assert foreign.status == 404


def test_an_action_by_tag(world, opened, people):
    issue = opened()
    tag = read(world, issue, people.dispatcher).headers["ETag"]
    done = act(world, issue, "accept", people.dispatcher, tag)
    assert (done.status, done.body["state"]) == (200, "accepted")
    seen = read(world, issue, people.dispatcher)
    assert done.headers["ETag"] == seen.headers["ETag"] != tag
    assert done.body == seen.body
    # Sent again it is answered and not done again.
    again = act(world, issue, "accept", people.dispatcher, tag)
    assert (again.status, again.body) == (200, done.body)
    # By the tag of some fields as well, and beside others.
    some = read(world, issue, people.dispatcher, "?fields=state").headers["ETag"]
    assert act(world, issue, "file", people.dispatcher, f'"x", {some}').status == 200


@pytest.mark.parametrize(
    ("if_match", "version", "status", "problem", "field"),
    [
        ("old", None, 412, "precondition-failed", None),
        ("old", "old", 412, "precondition-failed", None),
        ("old", "now", 422, "invalid", "version"),
        ("now", "old", 422, "invalid", "version"),
        ("weak", None, 412, "precondition-failed", None),
        ("weak", "now", 412, "precondition-failed", None),
        ("foreign", None, 412, "precondition-failed", None),
        ("empty", None, 412, "precondition-failed", None),
        ("star", None, 422, "invalid", "version"),
        ("star", "old", 409, "stale", None),
        (None, "old", 409, "stale", None),
        (None, None, 422, "invalid", "version"),
    ],
)
def test_what_was_not_seen_is_not_acted_on(
    world, opened, if_match, version, status, problem, field
):
    issue = opened()
    old = read(world, issue)
    world.done(issue, "accept", "dispatcher")
    now = read(world, issue)
    tags = {
        "old": old.headers["ETag"],
        "now": now.headers["ETag"],
        "weak": f"W/{now.headers['ETag']}",
        "foreign": '"nonsense"',
        "empty": "",
        "star": "*",
        None: None,
    }
    versions = {"old": old.body["version"], "now": now.body["version"]}
    body = {"version": versions[version]} if version else {}
    answer = act(world, issue, "file", "dispatcher", tags[if_match], **body)
    assert (answer.status, code(answer)) == (status, problem), answer
    assert [error["field"] for error in answer.body.get("errors", [])] == ([field] if field else [])
    if status in (409, 412):
        assert answer.body["current"] == now.body
    assert world.case(issue) == now.body


@pytest.mark.parametrize(("if_match", "version"), [("now", "now"), ("star", "now"), ("now", None)])
def test_tag_and_version_may_both_be_given(world, opened, people, if_match, version):
    issue = opened()
    now = read(world, issue)
    tag = {"now": now.headers["ETag"], "star": "*"}[if_match]
    body = {"version": now.body["version"]} if version else {}
    assert act(world, issue, "accept", people.dispatcher, tag, **body).status == 200


@pytest.mark.parametrize("path", ["/categories", "/grids", "/me/notifications"])
def test_what_seldom_changes_is_sent_once(world, path):
    first = world.request("GET", f"/api/v1{path}", "member")
    headers = {"If-None-Match": first.headers["ETag"]}
    again = world.request("GET", f"/api/v1{path}", "member", headers=headers)
    assert (first.status, again.status, again.body) == (200, 304, None)
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_new_map_is_sent_anew(world):
    first = world.request("GET", "/api/v1/grids", "member")
    world.database("grid")["map"].update_one({"_id": "map"}, {"$inc": {"version": 1}})
    headers = {"If-None-Match": first.headers["ETag"]}
    again = world.request("GET", "/api/v1/grids", "member", headers=headers)
    assert (again.status, again.body["version"]) == (200, first.body["version"] + 1)


# Sparse fields


def test_a_list_holds_summaries_unless_more_is_asked_for(world, opened, people):
    issue = opened()
    number = world.case(issue)["number"]

    def only(account, **query):
        (case,) = world.client(account).get("/issues", number=number, **query)["items"]
        return case

    assert set(only(people.admin)) == set(SUMMARY_FIELDS)
    everything = only(people.admin, fields=",".join(ISSUE_FIELDS))
    assert everything == world.case(issue)
    assert only(people.admin, fields="state,number") == {
        name: everything[name] for name in ("id", "state", "number")
    }
    asked = only(people.admin, fields=",".join(ON_REQUEST))
    assert set(asked) == {"id", *ON_REQUEST}
    # What is not theirs to see is not there, asked for or not.
    shown = only(people.member, fields=",".join(ISSUE_FIELDS))
    assert set(ISSUE_FIELDS) - set(shown) == {"proposal", "similar", "merged", "earlier_clocks"}


def test_one_case_by_some_fields(world, opened):
    issue = opened()
    whole = read(world, issue).body
    for wanted in ("state", "version,due_at", "history,state,state"):
        names = {"id", *wanted.split(",")}
        some = read(world, issue, query=f"?fields={wanted}").body
        assert some == {name: whole[name] for name in names}


def test_a_case_of_earlier_times_is_shown_by_any_fields(world, opened):
    """Then a case had no list of followers, and much else was not there."""
    cases = world.database("issues")["issues"]
    today = cases.find_one({"_id": opened()})
    names = ("state", "version", "category", "description", "location", "address", "photos")
    names += ("divisions", "reporter", "reported_at", "observed_at")
    first = {name: today["history"][0][name] for name in ("at", "from", "to", "by", "why")}
    earlier = {name: today[name] for name in names}
    earlier |= {"_id": new_id(clock.now()), "number": "341324-20260101-99999"}
    earlier |= {"responsible": None, "history": [first], "state": "reported", "version": 1}
    cases.insert_one(earlier)
    try:
        whole = world.case(earlier["_id"])
        assert (whole["extensions"], whole["history"][0]["action"]) == (0, "report")
        for wanted in ISSUE_FIELDS:
            (some,) = world.client("admin").get("/issues", number=earlier["number"], fields=wanted)[
                "items"
            ]
            assert some == {name: whole[name] for name in {"id", wanted}}
    finally:
        cases.delete_one({"_id": earlier["_id"]})


@pytest.mark.parametrize("path", ["/issues?", "/issues/{}?"])
@pytest.mark.parametrize("wanted", ["nonsense", "state,_id", "state,,id", "", "state, id", "*"])
def test_an_unknown_field_is_told(world, opened, path, wanted):
    answer = world.request("GET", f"/api/v1{path.format(opened())}fields={wanted}", "admin")
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "fields")


# Filters


@pytest.fixture(scope="module")
def crowd(world, people):
    """Two thousand cases of one party, and accounts that see them."""
    store = filed.put(world, 2000)
    division, party = filed.DIVISIONS[2], filed.PARTY["id"]
    accounts = {
        "reporter": world.account(filed.REPORTER, "reporter"),
        "handler": world.account("exports-handler", "handler", party=party),
        "dispatcher": world.account(
            "exports-dispatcher", "dispatcher", division=division, party="community-exports"
        ),
        "supervisor": world.account("exports-supervisor", "supervisor", division=division[:6]),
        "program": world.account("exports-program", "program", division=division[:6]),
        "admin": "admin",
    }
    yield store, accounts
    filed.take_away(world)


FILTERS = [
    {},
    {"number": "341399-20261101-00100"},
    {"state": "dispatched"},
    {"state": "closed,rated,merged"},
    {"category": "06001"},
    {"grid": "341324001001001"},
    {"division": "341399001"},
    {"party": filed.PARTY["id"]},
    {"reporter": "me"},
    {"urgent": "true"},
    {"urgent": "false"},
    {"light": "yellow"},
    {"overdue": "true"},
    {"overdue": "false"},
    {"from": "2026-11-20", "to": "2026-11-25"},
    {"state": "dispatched", "overdue": "false", "division": "341399"},
]


MOST_EXAMINED = 300
"""Of two thousand, for a list of twenty: what no filter has an index for lies between."""


def fits(case, query, account):
    """The slow, obvious rule of what a list holds."""
    tests = {
        "number": lambda v: case["number"] == v,
        "state": lambda v: case["state"] in v.split(","),
        "category": lambda v: case["category"]["code"] == v,
        "grid": lambda v: bool(case["grid"]) and case["grid"]["code"] == v,
        "party": lambda v: bool(case["responsible"]) and case["responsible"]["id"] == v,
        "reporter": lambda v: case["reporter"] == account,
        "urgent": lambda v: case["urgent"] == (v == "true"),
        "light": lambda v: case.get("light") == v,
        "overdue": lambda v: (case.get("light") == "red") == (v == "true"),
        "division": lambda v: v in case["divisions"],
        "from": lambda v: f"{case['reported_at']:%Y-%m-%d %H:%M}" >= "2026-11-19 16:00",
        "to": lambda v: f"{case['reported_at']:%Y-%m-%d %H:%M}" < "2026-11-24 16:00",
    }
    return all(tests[name](value) for name, value in query.items())


@pytest.mark.parametrize("query", FILTERS, ids=str)
def test_a_filter_finds_what_fits_and_nothing_else(world, crowd, query):
    store, accounts = crowd
    kept = list(store.issues.find({"divisions": filed.DIVISIONS[0]}))
    wanted = {case["_id"] for case in kept if fits(case, query, "exports-supervisor")}
    found, cursor = set(), {}
    while cursor is not None:
        page = world.client(accounts["supervisor"]).get(
            "/issues", **query, **cursor, limit=200, fields="id"
        )
        found |= {case["id"] for case in page["items"]}
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert found == wanted
    assert wanted or "reporter" in query


def test_no_list_scans(world, crowd):
    """Every list of every role, as the database planned it."""
    _, accounts = crowd
    database = world.database("issues")
    database.command("profile", 2)
    try:
        for account in accounts.values():
            for query in FILTERS:
                world.client(account).get("/issues", **query, limit=20)
        plans = list(
            database["system.profile"].find({"ns": f"{database.name}.issues", "op": "query"})
        )
    finally:
        database.command("profile", 0)
        database.drop_collection("system.profile")
    lists = [plan for plan in plans if plan["command"].get("limit") == 21]
    assert len(lists) == len(accounts) * len(FILTERS)
    for plan in lists:
        assert plan["planSummary"].startswith("IXSCAN"), plan["command"]
        assert plan["docsExamined"] <= MOST_EXAMINED, plan["command"]
        # One case needs no order.
        assert not plan.get("hasSortStage") or plan["docsExamined"] <= 1, plan["command"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=closed,exploded", "state"),
        ("state=", "state"),
        ("reporter=member", "reporter"),
        ("urgent=maybe", "urgent"),
        ("overdue=1", "overdue"),
        ("light=blue", "light"),
        ("number=", "number"),
        ("q=x", "q"),
    ],
)
def test_a_bad_filter_names_itself(world, query, field):
    answer = world.request("GET", f"/api/v1/issues?{query}", "admin")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
