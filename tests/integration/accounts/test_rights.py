"""Who looks after which accounts: nobody gives more than they have."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from suishoupai import clock

from .asking import (
    COMMUNITY,
    COUNTY,
    ELSEWHERE,
    TOWN,
    change,
    disable,
    invite,
    logged_in,
    login,
    new_name,
    problem,
    refresh,
    works,
)


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


@pytest.fixture
def two_admins(world, fresh):
    """The only two admins of the whole county, both logged in."""
    pair = fresh("admin"), fresh("admin")
    for each in pair:
        world.token(each)
    accounts = world.database("gateway")["accounts"]
    others = {"roles": "admin", "division": None, "disabled_at": None, "_id": {"$nin": list(pair)}}
    out = [row["_id"] for row in accounts.find(others)]
    accounts.update_many({"_id": {"$in": out}}, {"$set": {"disabled_at": clock.now()}})
    yield pair
    accounts.update_many({"_id": {"$in": out}}, {"$set": {"disabled_at": None}})
    accounts.delete_many({"_id": {"$in": list(pair)}})


@pytest.mark.parametrize("given", [{"disabled": True}, {"division": COUNTY}])
def test_the_last_admin_of_a_county_stays(world, two_admins, given):
    one, other = two_admins
    accounts = world.database("gateway")["accounts"]
    accounts.update_one({"_id": one}, {"$set": {"disabled_at": clock.now()}})
    assert problem(change(world, one, other, version=1, **given)) == (409, "not-now")
    kept = accounts.find_one({"_id": other})
    assert (kept["version"], kept["division"], kept["disabled_at"]) == (1, None, None)


def test_of_two_admins_who_put_each_other_out_one_stays(world, two_admins):
    one, other = two_admins
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(
            lambda pair: change(world, *pair, version=1, disabled=True).status,
            [(one, other), (other, one)],
        )
        # Who comes second finds the last one, or was logged out meanwhile.
        assert sorted(done) in ([200, 401], [200, 409])
    left = world.database("gateway")["accounts"].find({"_id": {"$in": list(two_admins)}})
    assert [bool(row["disabled_at"]) for row in left].count(False) == 1
