"""Programs have keys of their own, see their division, and are counted by limits of their own;
strangers report where that is allowed, and know nothing of each other."""

import uuid
from datetime import timedelta

import pytest
from pymongo import MongoClient

from services.gateway.programs.store import FRESH_SECONDS
from suishoupai import clock

from .conftest import eventually, report_body
from .gateways import gateway

PROGRAMS = "/api/v1/programs"


@pytest.fixture
def admins(world, compound):
    """An admin of the county, one of a town, and one of another town."""
    town = compound[0]["grids"][0][:9]
    world.account("town-admin", "admin", division=town)
    world.account("other-admin", "admin", division="341324999")
    return town


def make(world, account="admin", **given):
    answer = world.request("POST", PROGRAMS, account, json={"name": "12345 热线", **given})
    assert answer.status == 201, answer
    return answer.body


def asked(world, key, path="/api/v1/issues", **options):
    return world.request("GET", path, headers={"X-API-Key": key}, **options)


def test_a_key_is_shown_once_and_only_a_hash_is_kept(world):
    program = make(world, contact="王芳", limits={"reads_per_minute": 1000})
    assert program["key"].startswith(f"ssp_{program['keys'][0]['id']}_")
    path = f"{PROGRAMS}/{program['id']}"
    read = world.request("GET", path, "admin").body
    assert read == {name: value for name, value in program.items() if name != "key"}
    assert read["limits"]["reads_per_minute"] == 1000
    assert (read["division"], read["contact"], read["disabled"]) == ("341324", "王芳", False)
    secret = program["key"].rpartition("_")[2]
    kept = world.database("gateway")
    for name in kept.list_collection_names():
        assert secret not in str(list(kept[name].find()))


def test_a_program_sees_its_division_and_never_a_reporter(world, admins, compound):
    _, point = compound
    receipt = world.report(report_body(point), uuid.uuid4().hex).body
    world.settled(receipt["id"])
    here, county = make(world, division=admins)["key"], make(world)["key"]
    elsewhere = make(world, division="341324999")["key"]
    for key in (here, county):
        case = asked(world, key, f"/api/v1/issues/{receipt['id']}")
        assert case.status == 200, case
        assert "reporter" not in case.body
    assert asked(world, elsewhere, f"/api/v1/issues/{receipt['id']}").status == 404
    assert asked(world, elsewhere).body["items"] == []
    assert asked(world, here, PROGRAMS).status == 403


def test_when_a_key_was_last_used_is_noted(world):
    program = make(world)
    before = clock.now()
    assert asked(world, program["key"]).status == 200
    read = world.request("GET", f"{PROGRAMS}/{program['id']}", "admin").body
    noted = read["keys"][0]["last_used_at"]
    assert before.isoformat() <= noted <= clock.now().isoformat()
    assert asked(world, program["key"]).status == 200
    assert world.request("GET", f"{PROGRAMS}/{program['id']}", "admin").body == read


def test_keys_are_changed_one_for_another(world):
    program = make(world)
    path = f"{PROGRAMS}/{program['id']}/keys"
    second = world.request("POST", path, "admin")
    assert second.status == 201
    assert asked(world, second.body["key"]).status == 200
    first = program["keys"][0]["id"]
    assert world.request("DELETE", f"{path}/{first}", "admin").status == 204
    assert world.request("DELETE", f"{path}/{first}", "admin").status == 404
    assert asked(world, program["key"]).status == 401
    assert asked(world, second.body["key"]).status == 200
    answers = [world.request("POST", path, "admin") for _ in range(5)]
    assert [answer.status for answer in answers] == [201] * 4 + [422]


def test_a_revoked_key_is_refused_by_every_process_within_seconds(world, tmp_path):
    program = make(world)
    with gateway(world, tmp_path) as other:
        assert asked(other, program["key"]).status == 200
        path = f"{PROGRAMS}/{program['id']}/keys/{program['keys'][0]['id']}"
        assert world.request("DELETE", path, "admin").status == 204
        eventually(lambda: asked(other, program["key"]).status == 401, FRESH_SECONDS + 5)


def test_a_program_is_changed_by_the_version_that_was_seen(world):
    program = make(world)
    path = f"{PROGRAMS}/{program['id']}"
    change = {"version": 1, "disabled": True, "limits": {"reads_per_minute": 2}}
    changed = world.request("PATCH", path, "admin", json=change).body
    assert changed["limits"] == {**program["limits"], "reads_per_minute": 2}
    assert asked(world, program["key"]).status == 401
    stale = world.request("PATCH", path, "admin", json={"version": 1, "disabled": False})
    assert (stale.status, stale.body["current"]) == (409, changed)
    enabled = world.request("PATCH", path, "admin", json={"version": 2, "disabled": False})
    assert enabled.body["disabled"] is False
    assert [asked(world, program["key"]).status for _ in range(3)] == [200, 200, 429]


def test_a_programs_time_ends(world):
    soon = (clock.now() + timedelta(seconds=2)).isoformat()
    program = make(world, expires_at=soon)
    assert asked(world, program["key"]).status == 200
    eventually(lambda: asked(world, program["key"]).status == 401)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "x", "division": "32"}, "division"),
        ({"name": "x", "division": "110000"}, "division"),
        ({"name": "x", "limits": {"reads_per_minute": 0}}, "limits.reads_per_minute"),
        ({"name": "x", "limits": {"reads_per_minute": True}}, "limits.reads_per_minute"),
        ({"name": "x", "limits": {"reads_per_hour": 1}}, "limits.reads_per_hour"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ({"name": "x", "roles": ["admin"]}, "roles"),
    ],
)
def test_a_bad_program_names_its_field(world, given, field):
    count = world.database("gateway")["programs"].count_documents({})
    answer = world.request("POST", PROGRAMS, "admin", json=given)
    assert answer.status == 422
    assert field in [error["field"] for error in answer.body["errors"]]
    assert world.database("gateway")["programs"].count_documents({}) == count


def test_admins_manage_the_programs_of_their_division_only(world, admins):
    own = make(world, "town-admin", division=admins)
    whole = make(world)
    for given in ({}, {"division": "341324999"}):
        answer = world.request("POST", PROGRAMS, "town-admin", json={"name": "x", **given})
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "division")
    for account, program in (("other-admin", own), ("town-admin", whole)):
        path = f"{PROGRAMS}/{program['id']}"
        change = {"json": {"version": 1, "disabled": True}}
        key = f"{path}/keys/{program['keys'][0]['id']}"
        for method, where, options in (
            ("GET", path, {}),
            ("PATCH", path, change),
            ("POST", f"{path}/keys", {}),
            ("DELETE", key, {}),
        ):
            assert world.request(method, where, account, **options).status == 404
        assert asked(world, program["key"]).status == 200
    seen = world.request("GET", PROGRAMS, "town-admin").body["items"]
    assert {program["division"][:9] for program in seen} == {admins}
    for account in ("supervisor", "dispatcher", "member"):
        assert world.request("GET", PROGRAMS, account).status == 403


def test_the_list_goes_on_where_it_stopped(world):
    made = [make(world)["id"] for _ in range(3)]
    found, cursor = [], ""
    while cursor is not None:
        page = world.request("GET", f"{PROGRAMS}?limit=2{cursor}", "admin").body
        found += [program["id"] for program in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert found[:3] == made[::-1]
    assert found == sorted(set(found), reverse=True)


def test_what_is_done_with_programs_is_in_the_audit_log(world):
    program = make(world)
    path = f"{PROGRAMS}/{program['id']}"
    world.request("PATCH", path, "admin", json={"version": 1, "disabled": True})
    key = world.request("POST", f"{path}/keys", "admin").body
    world.request("DELETE", f"{path}/keys/{key['id']}", "admin")
    items = world.request("GET", f"/api/v1/audit?subject={program['id']}", "admin").body["items"]
    actions = ["revoke_key", "make_key", "change_program", "make_program"]
    assert [entry["action"] for entry in items] == actions
    for shown in (program["key"], key["key"]):
        assert shown.rpartition("_")[2] not in str(items)


def test_a_program_reports_and_its_limit_says_when_to_come_again(world, compound):
    key = make(world, limits={"reports_per_minute": 2})["key"]

    def send():
        headers = {"X-API-Key": key, "Idempotency-Key": uuid.uuid4().hex}
        return world.request(
            "POST", "/api/v1/issues", json=report_body(compound[1]), headers=headers
        )

    first, second, third = (send() for _ in range(3))
    assert [first.status, second.status, third.status] == [201, 201, 429]
    assert third.body["type"] == "urn:suishoupai:problem:too-many-requests"
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    case = world.case(first.body["id"])
    assert case["reporter"].startswith("program:")
    assert case["state"] in ("reported", "verifying")


def test_replicas_count_together_and_alone_while_the_database_is_away(world, compound, tmp_path):
    uri = world.stack.settings().mongodb_uri
    shared = {"limits": uri, "reads_per_minute": 4, "logins_per_minute": 1000}
    headers = {"Authorization": f"Bearer {world.token('admin')}"}

    def read(where):
        return where.request("GET", "/api/v1/audit", headers=headers)

    with gateway(world, tmp_path, **shared) as one, gateway(world, tmp_path, **shared) as two:
        statuses = [read(where).status for where in (one, two) * 3]
        assert statuses == [200] * 4 + [429] * 2
        assert 1 <= int(read(two).headers["Retry-After"]) <= 60
    name = f"{world.stack.settings().namespace}_limits"
    assert MongoClient(uri)[name]["windows"].count_documents({})
    away = {**shared, "limits": "mongodb://127.0.0.1:1/"}
    with gateway(world, tmp_path, **away) as alone:
        statuses = [read(alone).status for _ in range(6)]
        assert statuses == [200] * 4 + [429] * 2
        metrics = alone.pool.request("GET", f"{alone.url}/metrics").data.decode()
        assert "suishoupai_limits_storage_failures_total 1.0" in metrics


def test_strangers_report_where_that_is_allowed_and_know_nothing_of_each_other(
    world, compound, tmp_path
):
    def send(where, key, description, **headers):
        body = {**report_body(compound[1]), "description": description}
        headers = {"Idempotency-Key": key, **headers}
        return where.request("POST", "/api/v1/issues", json=body, headers=headers)

    assert send(world, uuid.uuid4().hex, "路灯不亮").status == 401
    changed = {"anonymous_reports": 1, "anonymous_reports_per_minute": 4}
    with gateway(world, tmp_path, **changed) as open_:
        key, wrong = uuid.uuid4().hex, {"Authorization": "Bearer a.b.c"}
        assert send(open_, key, "路灯不亮", **wrong).status == 401
        assert send(open_, key, "路灯不亮", **{"X-API-Key": "x"}).status == 401
        first, again, another = (send(open_, key, text) for text in ("路灯不亮",) * 2 + ("另一处",))
        assert [first.status, again.status, another.status] == [201] * 3
        assert first.body == again.body
        assert another.body["id"] != first.body["id"]
        assert send(open_, "short", "路灯不亮").status == 400
        full = send(open_, uuid.uuid4().hex, "路灯不亮")
        assert full.status == 429
        assert 1 <= int(full.headers["Retry-After"]) <= 60
        assert open_.request("GET", f"/api/v1/issues/{first.body['id']}").status == 401
        known = world.report(report_body(compound[1]), key)
        assert known.status == 201
    case = eventually(lambda: world.case(first.body["id"]))
    assert case["reporter"] == "anonymous"
