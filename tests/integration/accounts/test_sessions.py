"""Sessions: what is stolen, lost, raced for, ended here and elsewhere; the password."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

import pytest

from services.gateway.accounts.rotation import GRACE
from suishoupai import clock
from suishoupai.client import Client
from suishoupai.settings import read_settings

from ..conftest import PASSWORD, eventually
from .asking import GOOD, audited, cli, logged_in, login, post, problem, refresh, works


def long_ago(world, tokens):
    """The last rotation of a session was longer ago than a repetition is taken for one."""
    then = clock.now() - GRACE - timedelta(seconds=1)
    sessions = world.database("gateway")["sessions"]
    sessions.update_one({"_id": tokens["session"]}, {"$set": {"refreshed_at": then}})


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


def test_no_login_slips_through_while_the_password_changes(world, fresh):
    name = fresh()
    own = logged_in(world, name)
    body = {"old": PASSWORD, "new": GOOD}
    with ThreadPoolExecutor(7) as pool:
        changed = pool.submit(post, world, "/me/password", body, own["access_token"], "PUT")

        def keep_logging_in(_):
            answers = [login(world, name)]
            while not changed.done():
                answers.append(login(world, name))
            return answers

        answers = list(chain.from_iterable(pool.map(keep_logging_in, range(6))))
    assert changed.result().status == 204
    let_in = [answer.body for answer in answers if answer.status == 200]
    assert let_in and not any(works(world, tokens) for tokens in let_in)
    live = world.database("gateway")["sessions"].find({"account": name, "ended_at": None})
    assert [session["_id"] for session in live] == [own["session"]]


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
