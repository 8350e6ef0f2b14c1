"""What happens reaches those who asked for it, once and signed, whatever the receivers do."""

import json
from datetime import timedelta

from standardwebhooks import Webhook

from services.gateway.happening import TYPES
from services.gateway.webhooks.schemas import WebhookMessage, WebhookTestMessage
from suishoupai import clock

from ..broker import listening
from ..conftest import eventually, report_body
from .conftest import COUNTY, happened


def ids(received):
    return [each.message["id"] for each in received]


def test_what_becomes_of_a_report_arrives_once_and_signed(world, compound, gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("all"))
    with listening(world.stack) as heard:
        receipt = world.report(report_body(compound[1]), "webhooks-1").body
        world.settled(receipt["id"])
        events = [
            event for event in heard(4) if event.type in TYPES and event.subject == receipt["id"]
        ]
    gateways.publish(*events, *events)
    gateways.publish(*events)
    gateways.drain()
    gateways.settled(made, admin, len(events))
    assert sorted(ids(receiver.at("all"))) == sorted(event.id for event in events)
    for each in receiver.at("all"):
        assert Webhook(made["secret"]).verify(each.body, each.headers) == each.message
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert WebhookMessage().validate(each.message) == {}
        for personal in ("member", "rider", "wang", "垃圾成堆", "人民路"):
            assert personal not in each.body.decode()
    # The broker may bring what happened first a little later: versions tell the order.
    by_version = sorted(receiver.at("all"), key=lambda each: each.message["data"]["version"])
    first = by_version[0].message
    assert (first["type"], first["data"]["number"]) == ("issue.reported", receipt["number"])


def test_two_gateways_send_each_delivery_once(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = [gateways.make(admin, receiver.url(f"many-{number}")) for number in range(3)]
    events = [event for _ in range(12) for event in happened(5)]
    gateways.publish(*events, *events)
    gateways.drain()
    for number, webhook in enumerate(made):
        gateways.settled(webhook, admin, 60)
        assert sorted(ids(receiver.at(f"many-{number}"))) == sorted(event.id for event in events)


def test_what_waits_goes_out_in_the_order_in_which_it_happened(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("order"))
    webhooks, later = gateways.database["webhooks"], clock.now() + timedelta(hours=1)
    webhooks.update_one({"_id": made["id"]}, {"$set": {"held_until": later}})
    events = happened(30)
    gateways.publish(*reversed(events))
    eventually(lambda: len(gateways.deliveries(made, admin)) == 30)
    assert receiver.received == []
    webhooks.update_one({"_id": made["id"]}, {"$set": {"held_until": clock.EPOCH}})
    gateways.settled(made, admin, 30)
    assert ids(receiver.at("order")) == [event.id for event in events]


def test_a_receiver_that_is_away_gets_it_when_it_is_back(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("away"))
    receiver.stop()
    (event,) = happened()
    gateways.publish(event)

    def tried():
        found = gateways.deliveries(made, admin)
        return found and len(found[0]["tries"]) >= 2 and found[0]

    waiting = eventually(tried)
    assert (waiting["state"], waiting["tries"][0]["status"]) == ("waiting", None)
    assert "no answer" in waiting["tries"][0]["error"]
    assert gateways.read(made, admin)["failing"]["tries"] >= 2
    receiver.start()
    (delivery,) = gateways.settled(made, admin, 1)
    assert (delivery["state"], delivery["reason"]) == ("sent", None)
    assert delivery["tries"][-1] == {**delivery["tries"][-1], "status": 200, "error": None}
    assert ids(receiver.at("away")) == [event.id]
    assert receiver.at("away")[0].headers["webhook-id"] == delivery["id"]
    assert gateways.read(made, admin)["failing"] == {"tries": 0, "since": None}


def test_a_receiver_that_hangs_holds_no_other_up(gateways, receiver):
    admin = gateways.account("admin", "admin")
    for number in range(6):
        gateways.make(admin, f"http://127.0.0.{2 + number}:{receiver.port}/hung")
    receiver.hanging.add("/slow")
    for _ in range(3):
        gateways.make(admin, receiver.url("slow"))
    good = gateways.make(admin, receiver.url("good"))
    gateways.publish(*happened())
    eventually(lambda: len(receiver.held) >= 3)
    gateways.publish(*happened(20))
    gateways.settled(good, admin, 21)
    assert receiver.at("slow") == []


def test_a_receiver_that_says_gone_is_switched_off_at_once(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("gone"))
    receiver.statuses["/gone"] = 410
    gateways.publish(*happened(3))
    gateways.settled(made, admin, 3)
    assert len(receiver.refused_at("gone")) == 1
    assert {each["state"] for each in gateways.deliveries(made, admin)} == {"failed"}
    assert "switched off: answered 410" in {
        each["reason"][:26] for each in gateways.deliveries(made, admin, "?state=failed")
    }
    shown = gateways.read(made, admin)
    assert not shown["enabled"]
    assert "410" in shown["disabled"]["why"]
    (entry,) = gateways.database["audit"].find(
        {"action": "switch_off_webhook", "subject": made["id"]}
    )
    assert entry["detail"]["owner"] == admin
    gateways.publish(*happened())
    gateways.drain()
    assert len(gateways.deliveries(made, admin)) == 3


def test_who_fails_for_a_day_is_switched_off_and_hears_it_all_when_on_again(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("flaky"))
    receiver.statuses["/flaky"] = 500
    events = happened(4)
    gateways.publish(*events)
    eventually(lambda: gateways.read(made, admin)["failing"]["tries"] >= 2)
    day_ago = clock.now() - timedelta(hours=25)
    failing = {"failing.tries": 19, "failing.since": day_ago}
    gateways.database["webhooks"].update_one({"_id": made["id"]}, {"$set": failing})
    shown = eventually(lambda: (now := gateways.read(made, admin))["disabled"] and now)
    assert not shown["enabled"]
    assert "for a day" in shown["disabled"]["why"]
    failed = gateways.settled(made, admin, 4)
    assert {each["state"] for each in failed} == {"failed"}
    assert gateways.ask("POST", f"/{made['id']}/replay", admin, {}).status == 422
    receiver.statuses.clear()
    change = {"version": shown["version"], "enabled": True}
    assert gateways.ask("PATCH", f"/{made['id']}", admin, change).body["disabled"] is None
    replayed = gateways.ask("POST", f"/{made['id']}/replay", admin, {})
    assert (replayed.status, replayed.body) == (202, {"replayed": 4})
    gateways.settled(made, admin, 4)
    assert ids(receiver.at("flaky")) == [event.id for event in events]


def test_one_delivery_is_sent_again_with_the_same_id(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("again"))
    gateways.publish(*happened(2))
    newest, _ = gateways.settled(made, admin, 2)
    path = f"/{made['id']}/deliveries/{newest['id']}/replay"
    assert gateways.ask("POST", path, admin).status == 202
    eventually(lambda: len(receiver.at("again")) == 3)
    again = [each for each in receiver.at("again") if each.headers["webhook-id"] == newest["id"]]
    assert len(again) == 2
    assert again[0].body == again[1].body
    assert gateways.ask("POST", path.replace(newest["id"], "01X"), admin).status == 404


def test_a_test_goes_first_and_is_tried_once(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("try"))
    receiver.statuses["/try"] = 500
    gateways.publish(*happened(2))
    eventually(lambda: gateways.read(made, admin)["failing"]["tries"] >= 2)
    asked = gateways.ask("POST", f"/{made['id']}/test", admin)
    assert (asked.status, asked.body["type"], asked.body["issue"]) == (202, "webhook.test", None)
    (failed,) = eventually(
        lambda: gateways.deliveries(made, admin, "?type=webhook.test&state=failed")
    )
    assert [each["status"] for each in failed["tries"]] == [500]
    receiver.statuses.clear()
    second = gateways.ask("POST", f"/{made['id']}/test", admin).body
    eventually(lambda: len(receiver.at("try")) >= 3)
    first, secret = receiver.at("try")[0], Webhook(made["secret"])
    tests = [each for each in receiver.at("try") if each.headers["webhook-id"] == second["id"]]
    assert len(tests) == 1
    assert secret.verify(tests[0].body, tests[0].headers)["data"] == {}
    assert WebhookTestMessage().validate(json.loads(tests[0].body)) == {}
    assert secret.verify(first.body, first.headers)


def test_what_is_in_hand_when_a_gateway_dies_is_sent_by_another(gateways, receiver):
    admin = gateways.account("admin", "admin")
    made = gateways.make(admin, receiver.url("crash"))
    receiver.hanging.add("/crash")
    gateways.publish(*happened(2))
    eventually(lambda: receiver.held)
    gateways.kill()
    receiver.hanging.clear()
    # The hold of the dead expires after a minute: it is let expire now.
    expired = {"held_until": clock.EPOCH, "due_at": clock.EPOCH}
    gateways.database["webhooks"].update_one({"_id": made["id"]}, {"$set": expired})
    gateways.start()
    gateways.start()
    gateways.settled(made, admin, 2)
    assert len(receiver.at("crash")) == 2


def test_deliveries_are_dropped_after_14_days(gateways):
    indexes = gateways.database["webhook_deliveries"].index_information().values()
    (expiring,) = [index for index in indexes if "expireAfterSeconds" in index]
    assert (expiring["key"], expiring["expireAfterSeconds"]) == ([("created_at", 1)], 14 * 86400)


def test_how_much_was_sent_and_waits_is_counted(gateways, receiver):
    admin = gateways.account("admin", "admin", COUNTY)
    made = gateways.make(admin, receiver.url("counted"))
    gateways.publish(*happened(3))
    gateways.settled(made, admin, 3)
    metrics = gateways.metrics()
    assert 'suishoupai_webhook_deliveries_total{outcome="sent"}' in metrics
    assert "suishoupai_webhook_deliveries_waiting" in metrics
