"""Whatever is killed in mid-flow: every report answered with 201 arrives exactly once."""

import json
import signal
import subprocess
import sys
import threading
import uuid

import pytest

from suishoupai.cli import demo
from suishoupai.cli.morning import Morning
from suishoupai.settings import SERVICES

from .conftest import eventually, report_body

REPORTS = 120


def play(world, disturb):
    """Sends reports, disturbs the stack when a third of them is through, and looks each one up."""
    phone, county = world.client("member"), world.client("admin")
    bodies = list(Morning(world.stack.settings().county, seed=3).reports(REPORTS))
    before = county.get("/stats/summary")
    sent = threading.Semaphore(0)
    disturbing = threading.Thread(
        target=lambda: [sent.acquire() for _ in range(REPORTS // 3)] and disturb()
    )
    disturbing.start()
    receipts = demo.send(phone, bodies, sent.release)
    disturbing.join()
    demo.await_counted(county, before, REPORTS)
    return demo.inspect(county, receipts, before, county.get("/stats/summary"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", [*SERVICES, "mongod", "rabbitmq"])
def test_a_restart_in_mid_flow_loses_and_doubles_nothing(world, name, how):
    old = world.stack.pid(name)
    findings = play(world, lambda: world.stack.kill(name, how))
    assert findings.complete, findings.faults
    eventually(lambda: world.stack.pid(name) not in (0, old))
    world.stack.await_program(name)


def test_reports_are_taken_while_the_broker_is_away_and_flow_when_it_is_back(world, compound):
    world.stack.stop_program("rabbitmq")
    try:
        answers = [world.report(report_body(compound[1]), uuid.uuid4().hex) for _ in range(5)]
        assert [answer.status for answer in answers] == [201] * 5
        assert world.client("admin").get(f"/issues/{answers[0].body['id']}")["state"] == "reported"
        assert "consumer" in eventually(lambda: not_ready(world, "grid"))
        # What takes reports stays ready for them, and says what is behind.
        assert "outbox" in eventually(lambda: not_ready(world, "issues"))
        assert readiness(world, "issues")["status"] == "degraded"
    finally:
        world.stack.start_program("rabbitmq")
    for answer in answers:
        world.settled(answer.body["id"])
    eventually(lambda: not not_ready(world, "grid"))


def test_without_the_database_nothing_is_half_done(world, compound):
    reports = world.database("issues")["issues"].count_documents({})
    world.stack.stop_program("mongod")
    try:
        answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "mongodb" in not_ready(world, "gateway")
        assert "mongodb" in not_ready(world, "issues")
    finally:
        world.stack.start_program("mongod")
    for service in SERVICES:
        world.stack.await_program(service)
    assert world.database("issues")["issues"].count_documents({}) == reports


HOLDER = """
import sys
from pymongo import MongoClient

client = MongoClient(sys.argv[1])
with client.start_session() as session, session.start_transaction():
    tallies = client[sys.argv[2]][sys.argv[3]]
    tallies.update_many({}, {"$inc": {"figures.held": 1}}, session=session)
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_locks_of_a_process_that_was_killed_hold_nobody_up_for_long(world, compound):
    first = world.report(report_body(compound[1]), uuid.uuid4().hex)
    world.settled(first.body["id"])
    settings = world.stack.settings()
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c", HOLDER, settings.mongodb_uri, f"{settings.namespace}_stats"),
            world.figures("tallies").name,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.communicate()
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    world.settled(answer.body["id"])
    tallies = world.figures("tallies")
    assert tallies.count_documents({"figures.held": {"$exists": True}}) == 0


def readiness(world, service):
    """A service's own word on whether it is ready."""
    response = world.pool.request("GET", f"{world.address(service)}/readyz", timeout=30)
    answer = json.loads(response.data)
    assert (response.status == 503) == (answer["status"] == "not ready")
    return answer


def not_ready(world, service):
    """What a service names as failing; empty when nothing is."""
    failing = readiness(world, service)["failing"]
    return json.dumps(failing) if failing else ""
