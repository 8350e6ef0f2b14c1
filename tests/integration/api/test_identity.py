"""Who looked at a reporter's identity is in the audit log: once a day, however often they look."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def seen(scene, target):
    """The accounts that the log says have seen who reported a case."""
    query = f"?subject={target.id}&action=reporter_seen"
    answer = scene.world.request("GET", f"/api/v1/audit{query}", scene.callers.account("admin"))
    assert answer.status == 200, answer
    assert answer.body["next"] is None
    return sorted(entry["account"] for entry in answer.body["items"])


def fresh(scene):
    """A case that nobody has looked at; who placed it looked as ``admin``."""
    return scene._case(scene.members.point, "06010", scene.callers.account("member"))


def look(scene, target, caller):
    return scene.world.request("GET", f"/api/v1/issues/{target.id}", scene.callers.account(caller))


def test_a_look_at_another_persons_name_is_written_down(scene):
    target = fresh(scene)
    for caller in ("dispatcher", "town", "county"):
        answer = look(scene, target, caller)
        assert answer.body["reporter"] == target.reporter
        assert scene.callers.account(caller) in seen(scene, target)


def test_it_is_written_down_once_a_day(scene):
    target = fresh(scene)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: look(scene, target, "dispatcher"), range(16)))
    assert {answer.status for answer in answers} == {200}
    assert seen(scene, target).count(scene.callers.account("dispatcher")) == 1


@pytest.mark.parametrize("caller", ["member", "handler"])
def test_who_is_shown_no_other_name_is_not_written_down(scene, caller):
    target = fresh(scene)
    assert look(scene, target, caller).status == 200
    assert scene.callers.account(caller) not in seen(scene, target)


def test_what_an_action_shows_is_seen_too(scene):
    target = fresh(scene)
    version = scene.world.case(target.id)["version"]
    town, county = scene.callers.account("town"), scene.callers.account("county")
    assert scene.world.act(target.id, "urge", town, version).status == 200
    stale = scene.world.act(target.id, "urge", county, version)
    assert (stale.status, stale.body["current"]["reporter"]) == (409, target.reporter)
    assert {town, county} <= set(seen(scene, target))


def at_once(scene, caller, target, version):
    """The answer to an action on a case that is one of many."""
    items = [{"issue": target.id, "action": "urge", "version": version}]
    account = scene.callers.account(caller)
    answer = scene.world.request("POST", "/api/v1/issues/actions", account, json={"items": items})
    assert answer.status == 200, answer
    return answer.body["items"][0]


def test_what_many_actions_at_once_show_is_seen_too(scene):
    """A case as it is in a list names nobody; one that was changed meanwhile is shown whole."""
    target = fresh(scene)
    version = scene.world.case(target.id)["version"]
    taken = at_once(scene, "town", target, version)
    assert (taken["status"], {"reporter", "history"} & taken["case"].keys()) == (200, set())
    assert scene.callers.account("town") not in seen(scene, target)
    stale = at_once(scene, "county", target, version)
    assert stale["problem"]["current"]["reporter"] == target.reporter
    assert scene.callers.account("county") in seen(scene, target)


def test_nobody_is_said_to_have_seen_what_was_refused(scene):
    far = scene.target("dispatcher", "outside")
    assert look(scene, far, "dispatcher").status == 404
    assert scene.callers.account("dispatcher") not in seen(scene, far)


@pytest.mark.parametrize("query", ["", "&fields=reporter"])
def test_whoever_a_list_names_was_seen(scene, query):
    """A list may be a look at hundreds of names at once: each that it shows is written down."""
    target = fresh(scene)
    account = scene.callers.account("dispatcher")
    answer = scene.world.request("GET", f"/api/v1/issues?limit=20{query}", account)
    items = {item["id"]: item for item in (answer.body or {}).get("items", ())}
    shown = bool({"reporter", "history"} & items.get(target.id, {}).keys())
    assert (account in seen(scene, target)) == shown


@pytest.fixture
def unwritable(scene):
    """A case that nobody has looked at, while nothing can be written into the audit log."""
    target = fresh(scene)
    for caller in ("county", "admin"):
        scene.callers.headers(caller)  # who logs in is written down as well
    database = scene.world.database("gateway")
    database.command("collMod", "audit", validator={"never": {"$exists": True}})
    yield target
    database.command("collMod", "audit", validator={})


SHOWING = (
    "/api/v1/issues/{id}",
    "/api/v1/issues?limit=20&fields=reporter",
    "/api/v1/issues/export?format=csv&fields=number,reporter",
)


@pytest.mark.parametrize("path", SHOWING)
def test_what_cannot_be_written_down_is_not_shown(scene, path, unwritable):
    url = scene.world.stack.url + path.format(id=unwritable.id)
    headers = scene.callers.headers("county")
    response = scene.world.pool.request("GET", url, headers=headers, retries=False)
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 0
    assert unwritable.reporter not in response.data.decode()


def test_nobody_gets_a_key_that_cannot_be_written_down(scene, unwritable):
    body = {"name": "热线", "division": scene.members.community}
    account = scene.callers.account("admin")
    answer = scene.world.request("POST", "/api/v1/programs", account, json=body)
    assert answer.status == 503
    assert "key" not in answer.body
