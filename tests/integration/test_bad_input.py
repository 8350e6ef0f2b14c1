"""Bad input is answered with the field at fault, and changes nothing."""

import json
import uuid

import pytest

from services.notify.digests import SETTLED, day_of, end_of_digest
from suishoupai import clock
from suishoupai.contracts.questions import LONGEST_DESCRIPTION
from suishoupai.settings import read_settings

from .conftest import eventually, report_body

SEAT = (117.91, 33.48)
GOOD = report_body(SEAT)
KEPT = {"counters", "sessions", "audit", "login_failures"}
"""What is written of a request that changes nothing: numbers, who logged in and who could not."""


def changed(**more):
    return {**GOOD, **more}


def located(**more):
    return {**GOOD, "location": {**GOOD["location"], **more}}


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.fixture(scope="module", autouse=True)
def digests_are_made(world):
    """The one thing that a stack at rest writes by itself is written before anything is counted."""
    now, due = clock.now(), end_of_digest(clock.now(), read_settings().digest_at) + SETTLED
    if now >= due:
        digests = world.database("notify")["digests"]
        eventually(lambda: digests.find_one({"_id": day_of(now)}))


@pytest.fixture(autouse=True)
def nothing_changes(world):
    """No test in this file leaves anything behind, in any database."""

    def everything():
        return {
            (service, name): world.database(service)[name].count_documents({})
            for service in ("issues", "grid", "notify", "stats", "gateway")
            for name in world.database(service).list_collection_names()
            if name not in KEPT
        }

    before = everything()
    yield
    assert everything() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (located(lng=121.47, lat=31.23), "location"),
        (located(lng=0, lat=0), "location"),
        (located(lng=181), "location.lng"),
        (located(lat="north"), "location.lat"),
        (located(lng=None), "location.lng"),
        (located(datum="BD-09"), "location.datum"),
        (located(datum=None), "location.datum"),
        ({**GOOD, "location": {"lng": 117.91, "lat": 33.48}}, "location.datum"),
        (without("location"), "location"),
        (changed(location=[117.91, 33.48]), "location"),
        (changed(category="00000"), "category"),
        (changed(category="garbage"), "category"),
        (changed(category=6010), "category"),
        (without("category"), "category"),
        (changed(description=""), "description"),
        (changed(description="  \n "), "description"),
        (changed(description="x" * (LONGEST_DESCRIPTION + 1)), "description"),
        (changed(description=["x"]), "description"),
        (without("description"), "description"),
        (changed(address="x" * 201), "address"),
        (changed(photos=["file:///etc/passwd"]), "photos.0"),
        (changed(photos=["https://photos.example/1.jpg"] * 10), "photos"),
        (changed(observed_at="yesterday"), "observed_at"),
        (changed(observed_at="2999-01-01T00:00:00Z"), "observed_at"),
        (changed(colour="red"), "colour"),
        ([], "body"),
        (None, "body"),
        ("text", "body"),
    ],
)
def test_a_bad_report_names_its_field(world, body, field):
    # urllib3 takes json=None for no body at all.
    answer = world.request(
        "POST",
        "/api/v1/issues",
        "member",
        body=json.dumps(body),
        headers={"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"},
    )
    assert answer.status == 422, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == "urn:suishoupai:problem:invalid"
    assert field in [error["field"] for error in answer.body["errors"]], answer.body
    assert all(error["message"] for error in answer.body["errors"])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"not json", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000]
)
def test_what_is_not_json_is_refused(world, body):
    headers = {"Idempotency-Key": "k"}
    answer = world.request("POST", "/api/v1/issues", "member", body=body, headers=headers)
    assert (answer.status, answer.body["type"]) == (400, "urn:suishoupai:problem:not-json")


def test_over_a_megabyte_is_refused(world):
    headers = {"Idempotency-Key": "k"}
    body = json.dumps(changed(description="x" * 1024 * 1024)).encode()
    answer = world.request("POST", "/api/v1/issues", "member", body=body, headers=headers)
    assert (answer.status, answer.body["type"]) == (413, "urn:suishoupai:problem:too-large")


def test_over_a_megabyte_without_saying_so_is_refused(world):
    def chunks():
        for _ in range(40):
            yield b"x" * 32 * 1024

    answer = world.request(
        "POST",
        "/api/v1/issues",
        "member",
        body=chunks(),
        chunked=True,
        headers={"Idempotency-Key": "k"},
    )
    assert answer.status == 413


@pytest.mark.parametrize("key", [None, "", "k" * 129])
def test_a_report_without_a_usable_key_is_refused(world, key):
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = world.request("POST", "/api/v1/issues", "member", json=GOOD, headers=headers)
    assert answer.status == 400
    assert "Idempotency-Key" in answer.body["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/issues/01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "/api/v1/issues/nonsense",
        "/api/v1/stats/issues/nonsense",
        "/api/v1/nothing",
        "/docs/../../etc/passwd",
        "/docs/nothing.js",
    ],
)
def test_what_is_not_there_is_404(world, path):
    answer = world.request("GET", path, "admin")
    assert (answer.status, answer.body["type"]) == (404, "urn:suishoupai:problem:not-found")


def test_a_wrong_method_names_the_right_ones(world):
    answer = world.request("DELETE", "/api/v1/issues", "admin")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer nonsense", "Basic bWVtYmVyOnN1aXNob3VwYWk=", "Bearer a.b.c"],
)
@pytest.mark.parametrize("path", ["/api/v1/issues", "/api/v1/grids", "/api/v1/stats/summary"])
def test_without_a_token_nothing_is_shown(world, authorization, path):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = world.request("GET", path, headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "account"),
    [
        ("POST", "/api/v1/issues", "handler"),
        ("GET", "/api/v1/stats/summary", "member"),
        ("GET", "/api/v1/stats/summary", "handler"),
        ("GET", "/api/v1/stats/issues/x", "handler"),
    ],
)
def test_a_wrong_role_is_refused(world, method, path, account):
    options = {"json": GOOD, "headers": {"Idempotency-Key": "k"}} if method == "POST" else {}
    answer = world.request(method, path, account, **options)
    assert (answer.status, answer.body["type"]) == (403, "urn:suishoupai:problem:forbidden")


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ({"username": "member", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "suishoupai"}, 401),
        ({"username": {"$gt": ""}, "password": "suishoupai"}, 422),
        ({"username": "member"}, 422),
        ([], 422),
    ],
)
def test_a_wrong_login_is_refused(world, credentials, status):
    answer = world.request("POST", "/api/v1/login", json=credentials)
    assert answer.status == status
    assert "access_token" not in answer.body


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=exploded", "state"),
        ("from=yesterday", "from"),
        ("from=2026-11-23T08:00:00", "from"),
        ("to=2026-99-99", "to"),
        ("division=34", "division"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("cursor=$ne", "cursor"),
        ("colour=red", "colour"),
        ("state[$ne]=reported", "state[$ne]"),
    ],
)
def test_a_bad_filter_names_itself(world, query, field):
    answer = world.request("GET", f"/api/v1/issues?{query}", "admin")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("lng=117.91&lat=33.48", "datum"),
        ("lng=117.91&lat=33.48&datum=BD-09", "datum"),
        ("lat=33.48&datum=WGS-84", "lng"),
        ("lng=x&lat=33.48&datum=WGS-84", "lng"),
        ("lng=nan&lat=33.48&datum=WGS-84", "lng"),
        ("lng=121.47&lat=31.23&datum=WGS-84", "location"),
    ],
)
def test_a_bad_point_names_itself(world, query, field):
    answer = world.request("GET", f"/api/v1/grids/at?{query}", "member")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("division=nowhere", "division"),
        ("colour=red", "colour"),
    ],
)
def test_a_bad_span_of_figures_names_itself(world, query, field):
    answer = world.request("GET", f"/api/v1/stats/summary?{query}", "admin")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize("service", ["issues", "grid", "notify", "stats"])
@pytest.mark.parametrize("token", ["", "Bearer wrong"])
def test_only_services_may_ask_services(world, service, token):
    question = {"issues": "categories", "grid": "all_grids", "notify": "inbox", "stats": "summary"}
    response = world.pool.request(
        "POST",
        f"{world.address(service)}/rpc/{question[service]}",
        json={"caller": {"account": "x", "roles": ["admin"]}},
        headers={"Authorization": token},
    )
    assert response.status == 401
