"""Messages that cannot be handled are parked or retried with their reason; the rest is unharmed."""

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

from suishoupai.contracts.events import read_event
from suishoupai.messaging.dead_letter_office import open_office

from ..walk import ROW, opened
from .broker import depth, publish
from .conftest import ROOT, eventually, report_body

EVENTS = ROOT / "tests" / "contract" / "events"


def test_poison_is_parked_with_its_reason_and_harms_no_other(world, compound):
    unknown = json.loads((EVENTS / "issue.reported-1.json").read_text(encoding="utf-8"))
    unknown["dataschema"] = "urn:suishoupai:event:issue.reported:99"
    poison = [b"not json", b"[]", json.dumps(unknown).encode()]
    publish(world.stack, "grid.assign", poison)
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    world.settled(answer.body["id"])
    letters = {letter["body"]: letter for letter in eventually(lambda: parked(world, poison))}
    reasons = [letters[body]["reason"] for body in poison]
    assert "not JSON" in reasons[0]
    assert "not an event" in reasons[1]
    assert "unknown event" in reasons[2]
    assert all("Traceback" in letter["traceback"] for letter in letters.values())
    assert all(letter["parked_at"] for letter in letters.values())
    assert letters[poison[2]]["event"]["type"] == "issue.reported"
    assert depth(world.stack, "grid.assign.dead") == 0


def parked(world, bodies):
    """The letters with these bodies, once all are there."""
    with open_office(world.stack.settings()) as office:
        found = [letter for letter in office.find("grid.assign") if letter["body"] in bodies]
    return found if len(found) >= len(bodies) else None


def suishoupai(world, *words):
    """What a command said, and its exit code."""
    command = [Path(sys.executable).parent / "suishoupai", *words, "--data", world.stack.folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_letter_is_listed_shown_and_dropped_and_who_did_it_is_kept(world):
    body = uuid.uuid4().hex.encode()
    publish(world.stack, "grid.assign", [body])
    (letter,) = eventually(lambda: parked(world, [body]))
    code, listed = suishoupai(world, "dead", "list", "--queue", "grid.assign")
    assert code == 0
    assert letter["_id"] in listed
    code, shown = suishoupai(world, "dead", "show", letter["_id"])
    assert body.decode() in shown
    assert "Traceback" in shown
    dropped = ("dead", "drop", letter["_id"], "--why", "no sender", "--by", "王芳")
    assert suishoupai(world, *dropped)[0] == 0
    assert letter["_id"] not in suishoupai(world, "dead", "list")[1]
    assert "dropped" in suishoupai(world, "dead", "show", letter["_id"])[1]
    assert "by 王芳: no sender" in suishoupai(world, "dead", "show", letter["_id"])[1]
    code, said = suishoupai(world, *dropped)
    assert code == 1
    assert "decided before" in said


def test_a_letter_sent_again_is_handled_and_keeps_who_and_why(world, compound):
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    case = world.settled(answer.body["id"])
    raw = json.loads((EVENTS / "issue.reported-1.json").read_text(encoding="utf-8"))
    good = json.dumps({**raw, "id": uuid.uuid4().hex, "subject": case["id"]}).encode()
    publish(world.stack, "grid.assign.dead", [good])
    (letter,) = eventually(lambda: parked(world, [good]))
    assert letter["reason"].startswith("delivered again and again")
    assert suishoupai(world, "dead", "retry", letter["_id"], "--why", "mended")[0] == 0
    eventually(lambda: depth(world.stack, "grid.assign") == 0)
    with open_office(world.stack.settings()) as office:
        kept = office.read(letter["_id"])
    assert kept["state"] == "retried"
    assert [entry["why"] for entry in kept["history"]] == ["mended", "mended"]
    assert parked(world, [good]) is None


def test_each_queue_has_its_metric(world):
    body = uuid.uuid4().hex.encode()
    publish(world.stack, "stats.count", [body])

    def metric():
        text = world.pool.request("GET", f"{world.address('stats')}/metrics").data.decode()
        found = re.search(r'suishoupai_dead_letters{queue="stats.count"} (\d+)', text)
        return found and int(found[1]) >= 1

    eventually(metric)


def test_what_fails_waits_for_its_next_try_and_works_when_the_cause_is_gone(world):
    """An assignment of an issue that is not there is no poison: it may come to be there."""
    raw = json.loads((EVENTS / "issue.assigned-1.json").read_text(encoding="utf-8"))
    raw["subject"] = issue = uuid.uuid4().hex
    publish(world.stack, "issues.dispatch", [json.dumps(raw).encode()])
    eventually(lambda: depth(world.stack, "issues.dispatch.retry.5s") == 1)
    case = opened({**ROW, "auto_dispatch": "always"}).case
    collection = world.database("issues")["issues"]
    collection.insert_one(
        {**case, "_id": issue, "number": issue, "idempotency": {"key": issue}, "outbox": []}
    )
    try:
        told = {"_id": issue, "state": "dispatched", "outbox": []}
        eventually(lambda: collection.find_one(told))
        assert depth(world.stack, "issues.dispatch.dead") == 0
    finally:
        collection.delete_one({"_id": issue})
        facts = world.figures("facts")
        # Its party was told, and that was counted: after that nothing more comes of it.
        eventually(lambda: facts.find_one({"_id": issue, "notices": {"$ne": []}}))
        facts.delete_one({"_id": issue})
        world.database("notify")["notices"].delete_many({"issue": issue})


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
