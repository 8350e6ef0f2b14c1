"""Whose webhooks are whose, what they may ask for, and what their owners may be told."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.gateway.webhooks.schemas import MadeWebhook, WebhookDelivery
from services.gateway.webhooks.schemas import Webhook as Shape
from suishoupai import clock

from ...unit.services.notify.events import category, changed
from ..conftest import eventually
from .conftest import COMMUNITY, COUNTY, ELSEWHERE, TOWN, happened, some_gateways


def reported(county):
    """A report that lies in no place yet."""
    event = changed("issue.dispatched")
    (entry,) = happened()
    raw = {**entry.to_dict(), "type": "issue.reported"}
    raw["dataschema"] = "urn:suishoupai:event:issue.reported:1"
    raw["data"] = {
        "number": f"{county}-20261123-00001",
        "category": category(),
        "description": "垃圾",
        "location": {"lng": 0, "lat": 0, "raw": {"lng": 0, "lat": 0, "datum": "WGS-84"}},
        "address": "",
        "photos": [],
        "reported_at": event.data["reported_at"],
        "observed_at": None,
        "reporter": "rider-li",
    }
    return type(event)(**raw)


def elsewhere(**more):
    """What happens in another town of the county."""
    code = ELSEWHERE
    places = {"grid": code + "001", "community": code, "town": code[:9], "county": code[:6]}
    return happened(**{level: {"code": c, "name": "x"} for level, c in places.items()}, **more)


def test_everybody_hears_of_what_they_may_see_and_of_nothing_else(gateways, receiver):
    rider = gateways.account("rider", "reporter")
    (near,), (far,), report = happened(reporter=rider), elsewhere(), reported(COUNTY)
    (lead,) = happened(category=category(confidential=True))
    (own_lead,) = happened(
        category=category(confidential=True),
        responsible={"id": "community-x", "name": "x", "kind": "community"},
    )
    expected = {
        gateways.account("county-admin", "admin"): [near, far, report, lead, own_lead],
        gateways.account("county", "supervisor", COUNTY): [near, far, report, lead, own_lead],
        gateways.account("town", "supervisor", TOWN): [near, lead, own_lead],
        gateways.account("dispatcher", "dispatcher", COMMUNITY, "community-x"): [near, own_lead],
        gateways.account("other", "dispatcher", ELSEWHERE, "community-y"): [far],
        gateways.program(COUNTY): [near, far, report],
        gateways.program(TOWN): [near],
        # Who lost the role, or never had it, hears nothing, not even of their own.
        rider: [],
        gateways.account("handler", "handler", party="property-1"): [],
        "nobody-of-this-name": [],
    }
    paths = {owner: f"reach-{number}" for number, owner in enumerate(expected)}
    made = {owner: gateways.give(owner, receiver.url(path)) for owner, path in paths.items()}
    gateways.publish(near, far, report, lead, own_lead)
    gateways.drain()
    admin = gateways.account("admin", "admin")
    for owner, path in paths.items():
        gateways.settled(made[owner], admin, len(expected[owner]))
        told = {each.message["id"] for each in receiver.at(path)}
        assert told == {event.id for event in expected[owner]}, owner


def test_types_and_division_narrow_what_is_heard(gateways, receiver):
    admin = gateways.account("admin", "admin")
    town = gateways.make(admin, receiver.url("town"), division=TOWN + "000", types=None)
    closed = gateways.make(admin, receiver.url("closed"), types=["issue.closed"])
    assert (town["division"], town["types"], closed["division"]) == (TOWN, None, None)
    (taken,), (far,) = happened(event_type="issue.taken"), elsewhere(event_type="issue.closed")
    gateways.publish(taken, far, reported(COUNTY))
    gateways.drain()
    gateways.settled(town, admin, 1)
    gateways.settled(closed, admin, 1)
    assert [each.message["id"] for each in receiver.at("town")] == [taken.id]
    assert [each.message["id"] for each in receiver.at("closed")] == [far.id]


@pytest.mark.parametrize("loss", ["role", "division", "account"])
def test_who_may_see_less_is_told_no_more_not_even_what_waits(gateways, receiver, loss):
    account = gateways.account("leader", "supervisor", TOWN)
    admin = gateways.account("admin", "admin")
    made = gateways.make(account, receiver.url("leader"))
    receiver.statuses["/leader"] = 500
    gateways.publish(*happened())
    eventually(lambda: gateways.read(made, admin)["failing"]["tries"])
    if loss == "role":
        gateways.account("leader", "reporter")
    elif loss == "division":
        gateways.account("leader", "supervisor", ELSEWHERE)
    else:
        gateways.database["accounts"].delete_one({"_id": account})
    (dropped,) = gateways.settled(made, admin, 1)
    assert (dropped["state"], dropped["reason"]) == ("failed", "not for its owner to see any more")
    receiver.statuses.clear()
    gateways.publish(*happened(3))
    gateways.drain()
    waits = {"webhook": made["id"], "state": "waiting"}
    eventually(lambda: not gateways.database["webhook_deliveries"].count_documents(waits))
    assert receiver.received == []


def test_a_webhook_is_its_owners_and_their_admins_alone(gateways, receiver):
    owner = gateways.account("owner", "dispatcher", COMMUNITY)
    strangers = [
        gateways.account("colleague", "dispatcher", COMMUNITY),
        gateways.account("superior", "supervisor", COUNTY),
        gateways.account("far-admin", "admin", ELSEWHERE),
    ]
    made = gateways.make(owner, receiver.url("mine"))
    gateways.publish(*happened())
    (delivery,) = gateways.settled(made, owner, 1)
    one = f"/{made['id']}"
    ways = [
        *(("GET", one), ("PATCH", one), ("DELETE", one), ("POST", f"{one}/secret")),
        *(("POST", f"{one}/test"), ("GET", f"{one}/deliveries"), ("POST", f"{one}/replay")),
        ("POST", f"{one}/deliveries/{delivery['id']}/replay"),
    ]
    for account in strangers:
        assert gateways.ask("GET", "", account).body["items"] == []
        for method, path in ways:
            body = {"version": 1} if method == "PATCH" else {}
            assert gateways.ask(method, path, account, body).status == 404, (account, path)
    for account in (owner, gateways.account("town-admin", "admin", TOWN)):
        assert [each["id"] for each in gateways.ask("GET", "", account).body["items"]] == [
            made["id"]
        ]
        assert gateways.read(made, account)["version"] == 1
    for role, division, party in (("reporter", None, None), ("handler", None, "property-1")):
        account = gateways.account(f"a-{role}", role, division, party)
        assert gateways.ask("GET", "", account).status == 403
    # A delivery is found under its own webhook only.
    other = gateways.make(owner, receiver.url("other"))
    path = f"/{other['id']}/deliveries/{delivery['id']}/replay"
    assert gateways.ask("POST", path, owner).status == 404


def test_a_webhook_is_changed_by_who_saw_it_and_deleted(gateways, receiver):
    owner = gateways.account("owner", "supervisor", TOWN)
    made = gateways.make(owner, receiver.url("before"), description="热线")
    assert MadeWebhook().validate(made) == {}
    one = f"/{made['id']}"
    change = {"version": 1, "types": ["issue.closed"], "division": COMMUNITY}
    changed_one = gateways.ask("PATCH", one, owner, {**change, "url": receiver.url("after")})
    assert changed_one.status == 200
    assert Shape().validate(changed_one.body) == {}
    expected = {"version": 2, "types": ["issue.closed"], "division": COMMUNITY}
    expected |= {"url": receiver.url("after"), "description": "热线"}
    assert expected.items() <= changed_one.body.items()
    stale = gateways.ask("PATCH", one, owner, {"version": 1, "enabled": False})
    assert (stale.status, stale.body["current"]["version"]) == (409, 2)
    off = gateways.ask("PATCH", one, owner, {"version": 2, "enabled": False}).body
    assert (off["enabled"], off["disabled"]["why"]) == (False, "switched off by hand")
    assert gateways.ask("POST", f"{one}/test", owner).status == 422
    gateways.ask("PATCH", one, owner, {"version": 3, "enabled": True})
    gateways.publish(*happened(event_type="issue.closed"))
    (delivery,) = gateways.settled(made, owner, 1)
    assert WebhookDelivery().validate(delivery) == {}
    assert len(receiver.at("after")) == 1
    assert gateways.ask("DELETE", one, owner).status == 204
    assert gateways.ask("GET", one, owner).status == 404
    kept = gateways.database["webhook_deliveries"].count_documents({"webhook": made["id"]})
    assert kept == 0
    entries = gateways.database["audit"].find({"subject": made["id"]}).sort("_id", 1)
    told = [(entry["account"], entry["action"]) for entry in entries]
    assert told == [
        (owner, action) for action in ("make_webhook", *["change_webhook"] * 3, "delete_webhook")
    ]


def test_for_a_day_both_secrets_sign(gateways, receiver):
    owner = gateways.account("owner", "admin")
    made = gateways.make(owner, receiver.url("signed"))
    rotated = gateways.ask("POST", f"/{made['id']}/secret", owner).body
    old, new = Webhook(made["secret"]), Webhook(rotated["secret"])
    assert rotated["secret_until"] > clock.now().isoformat()
    gateways.publish(*happened())
    gateways.settled(made, owner, 1)
    (both,) = receiver.at("signed")
    assert old.verify(both.body, both.headers) == new.verify(both.body, both.headers)
    assert "secret" not in gateways.read(made, owner)
    past = {"secrets.1.until": clock.now() - timedelta(seconds=1)}
    gateways.database["webhooks"].update_one({"_id": made["id"]}, {"$set": past})
    gateways.publish(*happened())
    gateways.settled(made, owner, 2)
    last = receiver.at("signed")[-1]
    assert new.verify(last.body, last.headers)
    with pytest.raises(WebhookVerificationError):
        old.verify(last.body, last.headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"url": "http://u:p@127.0.0.1/"}, "url"),
        ({"url": "http://a.example/", "types": []}, "types"),
        ({"url": "http://a.example/", "types": ["issue.assigned"]}, "types.0"),
        ({"url": "http://a.example/", "types": ["issue.closed"] * 2}, "types"),
        ({"url": "http://a.example/", "division": COUNTY}, "division"),
        ({"url": "http://a.example/", "division": "x"}, "division"),
        ({"url": "http://a.example/", "description": "x" * 201}, "description"),
        ({"url": "http://a.example/", "owner": "admin"}, "owner"),
    ],
)
def test_what_cannot_be_asked_for_is_named(gateways, body, field):
    owner = gateways.account("owner", "dispatcher", COMMUNITY)
    answer = gateways.ask("POST", "", owner, body)
    assert answer.status == 422
    assert field in {error["field"] for error in answer.body["errors"]}
    assert gateways.ask("GET", "", owner).body["items"] == []


def test_one_owner_has_ten_and_sees_them_page_by_page(gateways, receiver):
    owner = gateways.account("owner", "dispatcher", COMMUNITY)
    made = [gateways.make(owner, receiver.url(str(number))) for number in range(10)]
    refused = gateways.ask("POST", "", owner, {"url": receiver.url("more")})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "webhooks")
    seen, following = [], ""
    while following is not None:
        page = gateways.ask("GET", f"?limit=4{following and f'&cursor={following}'}", owner).body
        seen += [each["id"] for each in page["items"]]
        following = page["next"]
    assert seen == [each["id"] for each in reversed(made)]


def test_no_private_address_unless_it_is_allowed(world, receiver, tmp_path):
    with some_gateways(world, tmp_path, 1, SUISHOUPAI_PRIVATE_WEBHOOKS="0") as strict:
        admin = strict.account("admin", "admin")
        for url in (
            *(receiver.url("x"), f"https://127.0.0.1:{receiver.port}/", "https://localhost/"),
            *("https://[::1]/", "https://169.254.169.254/latest/", "https://10.0.0.1/"),
            *("https://2130706433/", "https://0x7f.1/", "https://mongo:27017/"),
            *("http://hook.example.org/", "https://u:p@hook.example.org/"),
        ):
            answer = strict.ask("POST", "", admin, {"url": url})
            assert (answer.status, answer.body["errors"][0]["field"]) == (422, "url"), url
        # One that was allowed once, or whose name leads elsewhere since, is not posted to.
        made = strict.give(admin, receiver.url("rebound"))
        strict.publish(*happened())
        (delivery,) = eventually(
            lambda: (now := strict.deliveries(made, admin)) and now[0]["tries"] and now
        )
        assert "private" in delivery["tries"][0]["error"]
        assert receiver.received == receiver.refused == []
