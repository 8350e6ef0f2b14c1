"""Messages that cannot be handled are parked or retried with their reason; the rest is unharmed."""

import json
import uuid

from suishoupai.contracts.events import read_event

from .broker import depth, publish, take
from .conftest import ROOT, eventually, report_body

EVENTS = ROOT / "tests" / "contract" / "events"


def test_poison_is_parked_with_its_reason_and_harms_no_other(world, compound):
    unknown = json.loads((EVENTS / "issue.reported-1.json").read_text(encoding="utf-8"))
    unknown["dataschema"] = "urn:suishoupai:event:issue.reported:99"
    poison = [b"not json", b"[]", json.dumps(unknown).encode()]
    publish(world.stack, "grid.assign", poison)
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    world.settled(answer.body["id"])
    eventually(lambda: depth(world.stack, "grid.assign.dead") == 3)
    parked = {message.body: message for message in take(world.stack, "grid.assign.dead", 3)}
    assert set(parked) == {body.decode() for body in poison}
    reasons = [parked[body.decode()].headers["x-reason"] for body in poison]
    assert "not JSON" in reasons[0]
    assert "not an event" in reasons[1]
    assert "unknown event" in reasons[2]
    for message in parked.values():
        assert "Traceback" in message.headers["x-traceback"]
        assert message.headers["x-parked-at"]


def test_what_fails_waits_for_its_next_try_and_works_when_the_cause_is_gone(world):
    """An assignment of an issue that is not there is no poison: it may come to be there."""
    raw = json.loads((EVENTS / "issue.assigned-1.json").read_text(encoding="utf-8"))
    raw["subject"] = issue = uuid.uuid4().hex
    publish(world.stack, "issues.dispatch", [json.dumps(raw).encode()])
    eventually(lambda: depth(world.stack, "issues.dispatch.retry.5s") == 1)
    case = world.database("issues")["issues"].find_one()
    reported = {
        "_id": issue,
        "number": issue,
        "state": "reported",
        "version": 1,
        "history": case["history"][:1],
        "idempotency": {"key": issue},
    }
    kept = {name: case[name] for name in ("category", "location", "reporter", "reported_at")}
    collection = world.database("issues")["issues"]
    collection.insert_one({**kept, **reported})
    try:
        eventually(lambda: collection.find_one({"_id": issue})["state"] == "dispatched")
        assert depth(world.stack, "issues.dispatch.dead") == 0
    finally:
        collection.delete_one({"_id": issue})
        facts = world.database("stats")["facts"]
        eventually(lambda: facts.find_one({"_id": issue}))
        facts.delete_one({"_id": issue})


def test_an_event_delivered_again_and_again_changes_nothing(world, compound):
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    case = world.settled(answer.body["id"])
    before = world.client("admin").get("/stats/summary")
    raw = json.loads((EVENTS / "issue.reported-1.json").read_text(encoding="utf-8"))
    again = read_event(json.dumps({**raw, "subject": case["id"]})).to_json().encode()
    publish(world.stack, "grid.assign", [again] * 20)
    assigned = json.loads((EVENTS / "issue.assigned-1.json").read_text(encoding="utf-8"))
    assigned |= {"subject": case["id"]}
    assigned["data"]["responsible"] = case["responsible"]
    for queue in ("issues.dispatch", "notify.tell", "stats.count"):
        publish(world.stack, queue, [json.dumps(assigned).encode()] * 20)
    marker = world.report(report_body(compound[1]), uuid.uuid4().hex)
    world.settled(marker.body["id"])
    after = world.client("admin").get("/stats/summary")
    assert after["reported"] == before["reported"] + 1
    assert after["noticed"] == before["noticed"] + 1
    assert world.client("admin").get(f"/issues/{case['id']}") == case
