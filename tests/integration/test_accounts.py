"""Accounts through HTTP: sessions, theft, lockout, second factor, invitations, who may give what."""

import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from services.gateway.accounts import lockout
from services.gateway.accounts.rotation import GRACE
from suishoupai import clock
from suishoupai.client import Client
from suishoupai.settings import ROOT, read_settings

from .conftest import PASSWORD, eventually

GOOD = "correct horse battery"
BETTER = "staple of another horse"
COUNTY, TOWN, ELSEWHERE = "341324", "341324001", "341324101"
COMMUNITY = "341324001001"


@pytest.fixture
def fresh(world):
    """Makes accounts with names that no other test has."""

    def make(role="reporter", **binding):
        return world.account(f"{role[:4]}-{uuid.uuid4().hex[:8]}", role, **binding)

    return make


def post(world, path, body, token=None, method="POST"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return world.request(method, f"/api/v1{path}", json=body, headers=headers)


def login(world, username, password=PASSWORD, code=""):
    body = {"username": username, "password": password}
    return post(world, "/login", {**body, "code": code} if code else body)


def logged_in(world, username, password=PASSWORD, code=""):
    answer = login(world, username, password, code)
    assert answer.status == 200, answer
    return answer.body


def refresh(world, tokens):
    return post(world, "/token/refresh", {"refresh_token": tokens["refresh_token"]})


def works(world, tokens):
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    status = world.request("GET", "/api/v1/me", headers=headers).status
    assert status in (200, 401)
    return status == 200


def long_ago(world, tokens):
    """The last rotation of a session was longer ago than a repetition is taken for one."""
    then = clock.now() - GRACE - timedelta(seconds=1)
    sessions = world.database("gateway")["sessions"]
    sessions.update_one({"_id": tokens["session"]}, {"$set": {"refreshed_at": then}})


def audited(world, **fields):
    return list(world.database("gateway")["audit"].find(fields).sort("_id", 1))


def problem(answer):
    return answer.status, answer.body["type"].rpartition(":")[2]


def test_a_login_gives_a_session_that_is_seen_and_ended(world, fresh):
    name = fresh("handler", party="property-001")
    answer = login(world, name)
    assert answer.headers["Cache-Control"] == "no-store"
    tokens, other = answer.body, logged_in(world, name)
    assert tokens["expires_in"] == read_settings().token_seconds
    mine = post(world, "/me", None, tokens["access_token"], "GET").body
    assert mine["roles"] == ["handler"] and mine["party"] == "property-001"
    assert mine["second_factor"] is False and mine["session"] == tokens["session"]
    assert "password" not in str(mine)

    def seen():
        items = post(world, "/me/sessions", None, tokens["access_token"], "GET").body["items"]
        return {item["id"]: item["current"] for item in items}

    assert seen() == {tokens["session"]: True, other["session"]: False}
    page = world.request(
        "GET",
        "/api/v1/me/sessions?limit=1",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    ).body
    assert page["next"] == page["items"][0]["id"] == other["session"]
    path = f"/me/sessions/{other['session']}"
    assert post(world, path, None, tokens["access_token"], "DELETE").status == 204
    assert not works(world, other) and works(world, tokens)
    assert problem(refresh(world, other)) == (401, "unauthenticated")
    assert post(world, path, None, tokens["access_token"], "DELETE").status == 404
    assert post(world, "/logout", None, tokens["access_token"]).status == 204
    assert not works(world, tokens)


def test_nobody_ends_the_sessions_of_others(world, fresh):
    mine, theirs = (logged_in(world, fresh()) for _ in range(2))
    path = f"/me/sessions/{theirs['session']}"
    assert post(world, path, None, mine["access_token"], "DELETE").status == 404
    assert works(world, theirs)


def test_who_did_not_get_the_answer_asks_again_and_is_given_the_same(world, fresh):
    tokens = logged_in(world, fresh())
    first, second = refresh(world, tokens), refresh(world, tokens)
    assert first.status == second.status == 200
    assert first.body["refresh_token"] == second.body["refresh_token"] != tokens["refresh_token"]
    assert works(world, first.body) and works(world, second.body)


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_stolen_refresh_token_ends_the_session_for_both(world, fresh, thief_first):
    name = fresh()
    tokens = logged_in(world, name)
    one, other = dict(tokens), dict(tokens)
    thief, owner = (one, other) if thief_first else (other, one)
    one = refresh(world, one).body
    long_ago(world, tokens)
    assert problem(refresh(world, other)) == (401, "unauthenticated")
    assert problem(refresh(world, one)) == (401, "unauthenticated")
    assert not works(world, one) and not works(world, thief) and not works(world, owner)
    (entry,) = audited(world, action="refresh_reused", account=name)
    assert (entry["subject"], entry["outcome"]) == (tokens["session"], "refused")
    assert tokens["refresh_token"].partition(".")[2] not in str(audited(world, account=name))


def test_an_older_one_ends_it_even_at_once(world, fresh):
    tokens = logged_in(world, fresh())
    newest = refresh(world, refresh(world, tokens).body).body
    assert refresh(world, tokens).status == 401
    assert refresh(world, newest).status == 401


def test_a_made_up_refresh_token_ends_nothing(world, fresh):
    tokens = logged_in(world, fresh())
    for text in (f"{tokens['session']}.guess", tokens["session"], "x", ".", tokens["access_token"]):
        answer = post(world, "/token/refresh", {"refresh_token": text[:128]})
        assert problem(answer) == (401, "unauthenticated")
    assert works(world, tokens) and refresh(world, tokens).status == 200


def test_of_refreshes_that_race_one_rotates(world, fresh):
    tokens = logged_in(world, fresh())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refresh(world, tokens), range(16)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 1
    kept = world.database("gateway")["sessions"].find_one({"_id": tokens["session"]})
    assert kept["generation"] == 1
    assert tokens["refresh_token"].partition(".")[2] not in str(kept)


def test_a_session_that_nobody_refreshed_is_over(world, fresh):
    tokens = logged_in(world, fresh())
    past = {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}}
    world.database("gateway")["sessions"].update_one({"_id": tokens["session"]}, past)
    assert refresh(world, tokens).status == 401


def test_wrong_ones_in_a_row_lock_the_account_for_a_while(world, fresh):
    name, most = fresh(), read_settings().failed_logins
    for _ in range(most - 1):
        assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    logged_in(world, name)  # right in between: the count begins anew
    for _ in range(most):
        assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    right = login(world, name)
    assert problem(right) == (429, "too-many-requests")
    kept = world.database("gateway")["login_failures"]
    until = kept.find_one({"_id": lockout.key(name)})["until"]
    left = until.timestamp() - clock.now().timestamp()
    assert left <= int(right.headers["Retry-After"]) <= read_settings().locked_seconds
    assert int(right.headers["Retry-After"]) < left + 10
    over = {"$set": {"until": clock.now() - timedelta(seconds=1)}}
    kept.update_one({"_id": lockout.key(name)}, over)
    assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    logged_in(world, name)
    actions = [entry["action"] for entry in audited(world, account=name)]
    assert actions.count("locked") == 1
    assert actions.count("log_in_refused") == 2 * most


def test_many_guesses_at_once_are_no_more_than_one_after_another(world, fresh):
    name, most = fresh(), read_settings().failed_logins
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: login(world, name, "wrong").status, range(3 * most)))
    assert answers.count(401) == most
    assert answers.count(429) == 2 * most


def test_a_name_that_is_not_there_answers_as_one_that_is(world, fresh):
    known, unknown = fresh(), f"nobody-{uuid.uuid4().hex[:8]}"
    gone = fresh()
    disable(world, gone)

    def told(name):
        answer = login(world, name, "wrong")
        return answer.status, answer.body, sorted(answer.headers)

    for _ in range(read_settings().failed_logins):
        assert told(known) == told(unknown) == told(gone)
    assert problem(login(world, gone, PASSWORD)) == problem(login(world, unknown, PASSWORD))
    assert told(known) == told(unknown)
    assert told(unknown)[0] == 429
    assert unknown not in str(list(world.database("gateway")["audit"].find()))


def disable(world, name, account="admin", **more):
    version = world.request("GET", f"/api/v1/accounts/{name}", account).body["version"]
    body = {"version": version, "disabled": True, **more}
    return world.request("PATCH", f"/api/v1/accounts/{name}", account, json=body)


def second_factor(world, name):
    """Turns it on; the authenticator, the time steps it has shown, and the recovery codes."""
    token = logged_in(world, name)["access_token"]
    begun = post(world, "/me/totp", {"password": PASSWORD}, token).body
    authenticator = pyotp.parse_uri(begun["uri"])
    assert authenticator.secret == begun["secret"] and authenticator.name == name
    answer = post(world, "/me/totp/confirm", {"code": authenticator.now()}, token)
    assert answer.status == 200, answer
    return authenticator, answer.body["recovery_codes"], token


def a_step_later(world, name):
    """As if the last accepted code were of a while ago."""
    accounts = world.database("gateway")["accounts"]
    accounts.update_one({"_id": name}, {"$inc": {"totp.step": -10}})


def test_a_code_is_needed_and_good_once(world, fresh):
    name = fresh()
    authenticator, _, _ = second_factor(world, name)
    assert problem(login(world, name)) == (401, "second-factor")
    assert problem(login(world, name, "wrong", authenticator.now())) == (401, "wrong-credentials")
    a_step_later(world, name)
    code = authenticator.now()
    logged_in(world, name, code=code)
    assert problem(login(world, name, code=code)) == (401, "second-factor")
    assert problem(login(world, name, code="000000")) == (401, "second-factor")


def test_one_code_at_two_places_lets_one_in(world, fresh):
    name = fresh()
    authenticator, _, _ = second_factor(world, name)
    a_step_later(world, name)
    code = authenticator.now()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: login(world, name, code=code).status, range(4)))
    assert sorted(answers) == [200, 401, 401, 401]


def test_wrong_codes_lock_and_the_right_password_does_not_forgive_them(world, fresh):
    name = fresh()
    second_factor(world, name)
    for _ in range(read_settings().failed_logins):
        assert problem(login(world, name)) == (401, "second-factor")
        assert problem(login(world, name, code="123")) == (401, "second-factor")
    assert login(world, name).status == 429


def test_a_recovery_code_stands_for_one_code(world, fresh):
    name = fresh()
    _, codes, token = second_factor(world, name)
    assert len(set(codes)) == 10
    logged_in(world, name, code=codes[3].upper())
    assert problem(login(world, name, code=codes[3])) == (401, "second-factor")
    assert post(world, "/me", None, token, "GET").body["recovery_codes"] == 9
    kept = str(world.database("gateway")["accounts"].find_one({"_id": name}))
    assert not any(code in kept for code in codes)


def test_the_second_factor_goes_for_password_and_code(world, fresh):
    name = fresh()
    _, codes, token = second_factor(world, name)
    assert problem(post(world, "/me/totp", {"password": PASSWORD}, token)) == (409, "not-now")
    wrong = post(world, "/me/totp", {"password": PASSWORD, "code": "000000"}, token, "DELETE")
    assert problem(wrong) == (401, "second-factor")
    wrong = post(world, "/me/totp", {"password": "wrong", "code": codes[0]}, token, "DELETE")
    assert problem(wrong) == (401, "wrong-credentials")
    body = {"password": PASSWORD, "code": codes[0]}
    assert post(world, "/me/totp", body, token, "DELETE").status == 204
    logged_in(world, name)
    assert post(world, "/me/totp/confirm", {"code": "000000"}, token).status == 409
    actions = [entry["action"] for entry in audited(world, subject=name)]
    assert "totp_on" in actions and "totp_off" in actions


def test_it_is_not_set_up_with_a_token_alone(world, fresh):
    token = logged_in(world, fresh())["access_token"]
    assert post(world, "/me/totp", {"password": "wrong"}, token).status == 401
    assert post(world, "/me/totp", {}, token).status == 422


def test_another_password_ends_the_other_sessions(world, fresh):
    name = fresh()
    own, other = logged_in(world, name), logged_in(world, name)
    body = {"old": PASSWORD, "new": GOOD}
    assert post(world, "/me/password", body, own["access_token"], "PUT").status == 204
    assert works(world, own) and not works(world, other)
    assert refresh(world, own).status == 200 and refresh(world, other).status == 401
    assert login(world, name).status == 401
    logged_in(world, name, GOOD)
    assert audited(world, action="password_changed", account=name)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"old": PASSWORD, "new": "short"}, "new"),
        ({"old": PASSWORD, "new": "passwordpassword"}, "new"),
        ({"old": PASSWORD, "new": "x" * 257}, "new"),
        ({"old": PASSWORD, "new": "\ud800" * 12}, "new"),
        ({"new": GOOD}, "old"),
    ],
)
def test_a_bad_password_is_refused_and_the_old_one_stays(world, fresh, body, field):
    name = fresh()
    tokens = logged_in(world, name)
    answer = post(world, "/me/password", body, tokens["access_token"], "PUT")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    logged_in(world, name)


def test_the_old_password_is_asked_for(world, fresh):
    tokens = logged_in(world, fresh())
    body = {"old": "wrong", "new": GOOD}
    answer = post(world, "/me/password", body, tokens["access_token"], "PUT")
    assert problem(answer) == (401, "wrong-credentials")


def invite(world, account, username, **given):
    return world.request(
        "POST", "/api/v1/accounts/invitations", account, json={"username": username, **given}
    )


def accept(world, token, password=GOOD):
    return post(world, "/invitations/accept", {"token": token, "password": password})


def new_name():
    return f"new-{uuid.uuid4().hex[:8]}"


def test_an_invitation_makes_an_account_once(world):
    name = new_name()
    asked = {"roles": ["dispatcher"], "division": COMMUNITY, "name": "派遣员小王"}
    invited = invite(world, "supervisor", name, **asked)
    assert invited.status == 201
    assert invited.headers["Cache-Control"] == "no-store"
    token = invited.body["token"]
    assert problem(accept(world, token, "short pass")) == (422, "invalid")
    assert accept(world, token).body == {"account": name, "roles": ["dispatcher"]}
    assert problem(accept(world, token)) == (410, "gone")
    assert problem(accept(world, "made up")) == (410, "gone")
    tokens = logged_in(world, name, GOOD)
    mine = post(world, "/me", None, tokens["access_token"], "GET").body
    assert (mine["name"], mine["division"]) == ("派遣员小王", COMMUNITY)
    assert token not in str(audited(world, subject=name))
    assert [entry["action"] for entry in audited(world, subject=name)] == ["invited", "accepted"]


def test_of_two_who_accept_one_is_first(world):
    token = invite(world, "admin", new_name(), roles=["reporter"]).body["token"]
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: accept(world, token).status, range(4)))
    assert answers == [200, 410, 410, 410]


def test_an_old_invitation_is_gone_and_a_newer_takes_its_place(world):
    name = new_name()
    old = invite(world, "admin", name, roles=["reporter"]).body["token"]
    token = invite(world, "admin", name, roles=["reporter"]).body["token"]
    assert accept(world, old).status == 410
    past = {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}}
    world.database("gateway")["invitations"].update_one({"username": name}, past)
    assert accept(world, token).status == 410
    assert login(world, name, GOOD).status == 401


def test_a_reset_sets_password_anew_and_ends_every_session(world, fresh):
    name = fresh("dispatcher", division=COMMUNITY)
    _, _, token = second_factor(world, name)
    old = {"access_token": token}
    assert works(world, old)
    assert problem(invite(world, "admin", name, roles=["reporter"])) == (409, "taken")
    reset = invite(world, "supervisor", name).body["token"]
    assert works(world, old)
    assert accept(world, reset, BETTER).body["roles"] == ["dispatcher"]
    assert not works(world, old)
    logged_in(world, name, BETTER)
    assert login(world, name).status == 401


def test_a_reset_is_taken_back_by_a_change_of_password(world, fresh):
    name = fresh()
    reset = invite(world, "admin", name).body["token"]
    tokens = logged_in(world, name)
    body = {"old": PASSWORD, "new": GOOD}
    assert post(world, "/me/password", body, tokens["access_token"], "PUT").status == 204
    assert accept(world, reset, BETTER).status == 410


def test_who_may_not_invite_any_more_has_invited_nobody(world, fresh):
    inviter, name = fresh("supervisor", division=TOWN), new_name()
    token = invite(world, inviter, name, roles=["reporter"]).body["token"]
    assert disable(world, inviter).status == 200
    assert accept(world, token).status == 410


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"roles": ["handler"]}, "invalid", "party"),
        ({"roles": ["handler"], "party": "property-999"}, "invalid", "party"),
        ({"roles": ["dispatcher"]}, "invalid", "division"),
        ({"roles": ["supervisor"], "division": "34"}, "invalid", "division"),
        ({"roles": ["reporter"], "division": COUNTY}, "invalid", "division"),
        ({"roles": ["reporter"], "member": "a b"}, "invalid", "member"),
        ({"roles": ["program"], "division": COUNTY}, "invalid", "roles.0"),
        ({"roles": ["reporter"], "colour": "red"}, "invalid", "colour"),
        ({"roles": ["reporter"], "username": "Nobody"}, "invalid", "username"),
        ({"roles": ["reporter"], "username": "nobody"}, "invalid", "username"),
        ({"roles": ["reporter"], "username": "line\n"}, "invalid", "username"),
    ],
)
def test_a_binding_that_does_not_fit_names_its_field(world, given, code, field):
    answer = invite(world, "admin", given.pop("username", new_name()), **given)
    assert problem(answer) == (422, code)
    assert field in [error["field"] for error in answer.body["errors"]]


@pytest.mark.parametrize(
    "given",
    [
        {"roles": ["admin"]},
        {"roles": ["admin"], "division": TOWN},
        {"roles": ["supervisor"], "division": TOWN},
        {"roles": ["dispatcher", "supervisor"], "division": COMMUNITY},
        {"roles": ["dispatcher"], "division": ELSEWHERE},
        {"roles": ["dispatcher"], "division": COUNTY},
        {"roles": ["handler"], "party": "property-001"},  # at work in the whole county
    ],
)
def test_a_supervisor_gives_no_more_than_they_have(world, given):
    assert problem(invite(world, "town", new_name(), **given)) == (403, "forbidden")


def test_a_division_s_admin_gives_no_more_than_they_have(world, fresh):
    admin = fresh("admin", division=TOWN)
    assert invite(world, admin, new_name(), roles=["admin"]).status == 403
    assert invite(world, admin, new_name(), roles=["admin"], division=ELSEWHERE).status == 403
    assert invite(world, admin, new_name(), roles=["admin"], division=TOWN).status == 201
    community = f"community-{COMMUNITY}"
    mine = invite(world, admin, new_name(), roles=["handler"], party=community)
    assert mine.status == 201, mine


@pytest.mark.parametrize("account", ["member", "handler", "dispatcher"])
def test_others_look_after_no_account(world, account):
    assert invite(world, account, new_name(), roles=["reporter"]).status == 403
    assert world.request("GET", "/api/v1/accounts", account).status == 403


def change(world, account, name, **given):
    return world.request("PATCH", f"/api/v1/accounts/{name}", account, json=given)


def test_nobody_changes_their_own_account_or_one_above(world, fresh):
    supervisor = fresh("supervisor", division=COUNTY)
    own = change(world, supervisor, supervisor, version=1, roles=["admin"])
    assert problem(own) == (403, "forbidden")
    assert change(world, "admin", "admin", version=1, disabled=True).status == 403
    other = fresh("supervisor", division=TOWN)
    assert change(world, supervisor, other, version=1, disabled=True).status == 403
    assert invite(world, supervisor, other).status == 403
    below = fresh("dispatcher", division=COMMUNITY)
    more = change(world, supervisor, below, version=1, roles=["supervisor"], division=COUNTY)
    assert more.status == 403
    assert works(world, logged_in(world, below))


def test_what_is_outside_one_s_division_is_not_there(world, fresh):
    name = fresh("dispatcher", division=f"{ELSEWHERE}201")
    for answer in (
        world.request("GET", f"/api/v1/accounts/{name}", "town"),
        change(world, "town", name, version=1, disabled=True),
        invite(world, "town", name),
        world.request("GET", "/api/v1/accounts/nothing", "town"),
    ):
        assert problem(answer) == (404, "not-found")
    assert world.request("GET", f"/api/v1/accounts/{name}", "supervisor").status == 200


def test_the_list_is_what_one_looks_after_page_by_page(world, fresh):
    near = {fresh("dispatcher", division=COMMUNITY) for _ in range(3)}
    far = fresh("dispatcher", division=f"{ELSEWHERE}201")
    found, cursor = [], ""
    while cursor is not None:
        path = f"/api/v1/accounts?limit=2&role=dispatcher&cursor={cursor}"
        page = world.request("GET", path, "town").body
        assert len(page["items"]) <= 2
        found += [item["account"] for item in page["items"]]
        cursor = page["next"]
    assert near <= set(found) and far not in found
    assert found == sorted(set(found))


def test_another_binding_ends_the_sessions_and_counts_at_once(world, fresh):
    name = fresh("dispatcher", division=COMMUNITY)
    tokens = logged_in(world, name)
    assert change(world, "town", name, version=1, name="小李").status == 200
    assert works(world, tokens)
    stale = change(world, "town", name, version=1, disabled=True)
    assert problem(stale) == (409, "stale") and stale.body["current"]["version"] == 2
    moved = change(world, "admin", name, version=2, division=f"{ELSEWHERE}201")
    assert moved.body["division"] == f"{ELSEWHERE}201"
    assert not works(world, tokens) and refresh(world, tokens).status == 401
    assert world.request("GET", f"/api/v1/accounts/{name}", "town").status == 404


def test_a_disabled_account_is_out_until_it_is_enabled(world, fresh):
    name = fresh()
    tokens = logged_in(world, name)
    assert disable(world, name).body["disabled_at"]
    assert not works(world, tokens) and refresh(world, tokens).status == 401
    assert login(world, name).status == 401
    assert change(world, "admin", name, version=2, disabled=False).body["disabled_at"] is None
    logged_in(world, name)


def test_a_county_is_never_without_an_admin(world, fresh):
    one, other = fresh("admin"), fresh("admin")
    accounts = world.database("gateway")["accounts"]
    for each in (one, other):
        world.token(each)
    accounts.update_one({"_id": "admin"}, {"$set": {"disabled_at": clock.now()}})
    others = {"roles": "admin", "division": None, "_id": {"$nin": [one, other]}}
    accounts.update_many(others, {"$set": {"disabled_at": clock.now()}})
    try:
        with ThreadPoolExecutor(2) as pool:
            answers = list(
                pool.map(
                    lambda pair: change(world, *pair, version=1, division=COUNTY),
                    [(one, other), (other, one)],
                )
            )
        # The one who comes second finds the last one; or was logged out by the first meanwhile.
        statuses = [answer.status for answer in answers]
        assert statuses.count(200) == 1 and set(statuses) <= {200, 409, 401}
        last, bound = (one, other) if statuses[0] == 200 else (other, one)
        assert accounts.find_one({"_id": last})["division"] is None
        assert accounts.find_one({"_id": bound})["division"] == COUNTY
        assert problem(disable(world, last, "supervisor"))[0] in (403, 404)
    finally:
        accounts.update_many(others, {"$set": {"disabled_at": None}})
        accounts.update_many({"_id": {"$in": [one, other]}}, {"$set": {"disabled_at": clock.now()}})


def cli(world, *arguments, text=None):
    settings = world.stack.settings()
    environment = {
        **os.environ,
        "MONGODB_URI": settings.mongodb_uri,
        "SUISHOUPAI_NAMESPACE": settings.namespace,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-m", "suishoupai.cli", "admin", *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_admin_is_made_at_the_command_line(world, tmp_path):
    name, file = new_name(), tmp_path / "password"
    file.write_text(f"{GOOD}\n")
    made = cli(world, "create", name, "--division", TOWN, "--password-file", str(file))
    assert made.returncode == 0, made.stderr
    assert GOOD not in made.stdout + made.stderr
    tokens = logged_in(world, name, GOOD)
    mine = post(world, "/me", None, tokens["access_token"], "GET").body
    assert (mine["roles"], mine["division"]) == (["admin"], TOWN)
    again = cli(world, "create", name, "--password-file", str(file))
    assert again.returncode == 1 and "already" in again.stderr
    (entry,) = audited(world, action="accepted", subject=name)
    assert entry["account"].startswith("operator:")
    assert name in cli(world, "list").stdout


def test_the_command_line_takes_no_weak_password_and_no_strange_name(world, tmp_path):
    name, file = new_name(), tmp_path / "password"
    file.write_text("suishoupai")
    assert cli(world, "create", name, "--password-file", str(file)).returncode == 1
    file.write_text(GOOD)
    assert cli(world, "create", "No Name", "--password-file", str(file)).returncode == 1
    assert cli(world, "create", name, "--division", "x").returncode == 2
    assert name not in cli(world, "list").stdout


def test_sessions_ended_elsewhere_are_refused_here_soon(world, fresh):
    name = fresh()
    tokens = logged_in(world, name)
    assert works(world, tokens)
    assert "1 sessions" in cli(world, "end-sessions", name).stdout
    eventually(lambda: not works(world, tokens), 10)
    assert refresh(world, tokens).status == 401
    assert cli(world, "end-sessions", "nothing").returncode == 1


def test_a_client_stays_logged_in_and_refreshes_once_for_all_threads(world, fresh, monkeypatch):
    monkeypatch.setattr("suishoupai.client.EARLY", 1.0)  # every token has expired when it comes
    name = fresh()
    client = Client(world.stack.url).login(name, PASSWORD)
    assert client.get("/me")["account"] == name
    monkeypatch.setattr("suishoupai.client.EARLY", 0.1)
    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(lambda _: client.get("/me")["session"], range(16)))
    assert len(seen) == 1
    kept = world.database("gateway")["sessions"].find_one({"_id": seen.pop()})
    assert kept["generation"] == 2
    cli(world, "end-sessions", name)
    eventually(lambda: client.get("/me")["session"] != kept["_id"], 10)
