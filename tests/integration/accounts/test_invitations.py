"""Invitations: good once, and for as long as who gave them may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from suishoupai import clock

from ..conftest import PASSWORD
from .asking import (
    BETTER,
    COMMUNITY,
    COUNTY,
    GOOD,
    TOWN,
    accept,
    audited,
    disable,
    invite,
    logged_in,
    login,
    new_name,
    post,
    problem,
    second_factor,
    works,
)


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
