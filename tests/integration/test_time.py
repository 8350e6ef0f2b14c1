"""What time brings about happens once, also with two replicas of a service at work."""

import os
import subprocess
import sys
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, time, timedelta

import pytest
import urllib3

from services.issues.cases import rung_case
from services.issues.store import IssueStore
from services.issues.working_time import WorkingTime
from services.notify import handlers
from services.notify.notices_upgrade import OLD_INDEXES
from services.notify.rulebook import read_rulebook
from services.notify.store import NotifyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.ids import new_id
from suishoupai.local.ports import free_port
from suishoupai.mongo import connect
from suishoupai.settings import read_settings

from ..unit.services.notify.events import GRID, changed
from .conftest import ROOT, eventually, report_body

CASES = 60


@contextmanager
def replica(world, service, log):
    """A second process of a service beside the stack's own, ready for work."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "suishoupai.run", service],
        cwd=ROOT,
        env=os.environ | world.stack.environment() | {"SUISHOUPAI_HTTP": address},
        stdout=log,
        stderr=log,
    )
    try:
        eventually(lambda: is_ready(address))
        yield
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_ready(address):
    try:
        return urllib3.request("GET", f"http://{address}/readyz", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


@pytest.fixture
def replicas(world, tmp_path):
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "replicas.log").open("wb"))
        for service in ("issues", "notify"):
            stack.enter_context(replica(world, service, log))
        yield


@pytest.fixture
def dispatched(world, compound):
    answers = [world.report(report_body(compound[1]), uuid.uuid4().hex) for _ in range(CASES)]
    return [world.settled(answer.body["id"])["id"] for answer in answers]


def set_alarms(world, ids, kinds):
    """Makes the alarms of these kinds due now, in all cases at once."""
    world.database("issues")["issues"].update_many(
        {"_id": {"$in": ids}},
        {"$set": {"alarms.$[alarm].at": clock.now()}},
        array_filters=[{"alarm.kind": {"$in": kinds}}],
    )


def inbox_of(world, ids):
    """How many notices of each kind the party of each case has."""
    told = {"issue": {"$in": ids}, "party": {"$ne": None}}
    found = world.database("notify")["notices"].find(told)
    return Counter((notice["issue"], notice["kind"]) for notice in found)


def all_rung(world, ids, kind, sequence):
    """The cases once each is in that version and all it caused is published and told."""

    def done():
        cases = list(world.database("issues")["issues"].find({"_id": {"$in": ids}}))
        told = inbox_of(world, ids)
        rung = all(case["version"] == sequence and not case["outbox"] for case in cases)
        return cases if rung and all(told[issue, kind] for issue in ids) else None

    return eventually(done)


def test_each_alarm_rings_once_with_two_replicas(world, dispatched, replicas):
    set_alarms(world, dispatched, ["due_soon"])
    cases = all_rung(world, dispatched, "due_soon", 3)
    assert {case["light"] for case in cases} == {"yellow"}
    set_alarms(world, dispatched, ["overdue"])
    cases = all_rung(world, dispatched, "overdue", 4)
    assert all(case["version"] == len(case["history"]) for case in cases)
    left = {alarm["kind"] for case in cases for alarm in case["alarms"]}
    assert left == {"write_notice", "circulate"}
    once = {
        (issue, kind): 1 for issue in dispatched for kind in ("dispatched", "due_soon", "overdue")
    }
    assert inbox_of(world, dispatched) == once
    shown = world.client("admin").get(f"/issues/{dispatched[0]}")
    assert shown["light"] == "red"
    assert datetime.fromisoformat(shown["due_soon_at"]) < datetime.fromisoformat(shown["due_at"])


def test_a_case_overdue_before_it_was_due_soon_says_only_that(world, dispatched, replicas):
    few = dispatched[:5]
    set_alarms(world, few, ["due_soon", "overdue"])
    all_rung(world, few, "overdue", 3)
    kinds = ("dispatched", "overdue")
    assert inbox_of(world, few) == {(issue, kind): 1 for issue in few for kind in kinds}


def test_of_two_who_ring_the_same_version_only_one_writes(world, dispatched):
    with connect(world.stack.settings()) as client:
        store = IssueStore(client[f"{world.stack.settings().namespace}_issues"])
        (case,) = store.in_order({"$in": dispatched[:1]}, 1)
        both = [rung_case(case, case["due_at"], WorkingTime()) for _ in range(2)]
        assert [store.write(change) for change in both] == [True, False]
        (case,) = store.in_order({"$in": dispatched[:1]}, 1)
        assert [entry["by"] for entry in case["history"]].count("clock") == 1
    eventually(lambda: inbox_of(world, dispatched[:1])[dispatched[0], "overdue"])
    assert inbox_of(world, dispatched[:1])[dispatched[0], "overdue"] == 1


@pytest.fixture
def notices(world):
    """A database of its own for what reaches into the days to come."""
    with connect(world.stack.settings()) as client:
        name = f"digests_{uuid.uuid4().hex}"
        yield client[name]
        client.drop_database(name)


BOOK = read_rulebook(read_settings())


def noticed(number, recipient, at, kind="dispatched"):
    return {
        "_id": new_id(at),
        "issue": f"issue-{number}",
        "kind": kind,
        "sequence": 2,
        "recipient": recipient,
        "readers": [recipient],
        "number": f"number-{number}",
        "urgent": False,
        "sent_at": at,
    }


def digests_of(database):
    rows = list(database["notices"].find({"kind": "digest"}).sort("_id", 1))
    counts = [row["facts"]["digest"]["counts"]["dispatched"] for row in rows]
    return [
        (row["recipient"], row["sequence"], count) for row, count in zip(rows, counts, strict=True)
    ]


def test_each_digest_is_made_once_and_counts_each_notice_once(notices):
    hour, day = time(8, 30), timedelta(days=1)
    due = datetime(2026, 11, 24, 8, 31, tzinfo=clock.LOCAL)
    inboxes = [f"party:{number:02}" for number in range(15)]
    inboxes += [f"dispatcher:3413240010{number:02}" for number in range(10, 15)]
    stores = [NotifyStore(notices) for _ in range(4)]
    told = [noticed(n, to, due - day) for n, to in enumerate(inboxes)]
    nobodys = [noticed("mine", "account:li", due - day), noticed("t", "supervisor:3", due - day)]
    stores[0].inboxes.insert([*told, *nobodys])

    def digest(at):
        with ThreadPoolExecutor(len(stores)) as threads:
            list(threads.map(lambda store: handlers.digest(at, hour, BOOK, store), stores))

    digest(due)
    first = [(to, 20261124, 1) for to in inboxes]
    assert sorted(digests_of(notices)) == sorted(first)
    # One that died half way: some digests are there, and nothing says that all are.
    notices["digests"].delete_many({})
    notices["notices"].delete_many({"kind": "digest", "recipient": {"$gte": "party:10"}})
    digest(due + timedelta(hours=3))
    assert sorted(digests_of(notices)) == sorted(first)
    # On the next day only who was told something since.
    stores[0].inboxes.insert([noticed("late", "party:03", due + timedelta(hours=1))])
    digest(due + day)
    assert sorted(digests_of(notices)) == sorted([*first, ("party:03", 20261125, 1)])


def test_notices_of_yesterday_keep_their_place(notices):
    """What was told before notices had recipients stays readable, and is not told again."""
    rows = notices["notices"]
    for old in (("issue", "assignment", "party"), ("issue", "kind", "sequence", "party")):
        rows.create_index([(name, 1) for name in old], unique=True)
    rows.create_index([("division", 1), ("_id", -1)])
    shape = {"party": "property-1", "division": GRID, "number": "n", "category": None}
    shape |= {"address": "", "channel": "inbox", "sent_at": clock.now()}
    old = [
        {"issue": "01A", "assignment": 1, "text": "before kinds"},
        {"issue": "01B", "kind": "assigned", "sequence": 1, "assignment": 1, "text": "assigned"},
        {"issue": "01B", "kind": "due_soon", "sequence": 3, "text": "due soon"},
        {"issue": None, "kind": "digest", "sequence": 20261123, "text": "digest"},
    ]
    ids = [new_id(clock.now()) for _ in old]
    rows.insert_many([{**shape, "_id": key, **row} for key, row in zip(ids, old, strict=True)])
    rows.update_many({"issue": None}, {"$unset": {"division": ""}})
    first, second = NotifyStore(notices), NotifyStore(notices)
    first.create_indexes()
    second.create_indexes()
    assert not set(OLD_INDEXES) & set(rows.index_information())
    handler = Caller("chen", ("handler",), None, "property-1")
    for caller in (handler, Caller("admin", ("admin",))):
        shown = handlers.inbox(caller, {}, BOOK, second)["items"]
        said = {(item["kind"], item["text"], item["recipient"]) for item in shown}
        assert said == {
            ("dispatched", "before kinds", "party:property-1"),
            ("dispatched", "assigned", "party:property-1"),
            ("due_soon", "due soon", "party:property-1"),
            ("digest", "digest", "party:property-1"),
        }
    clerk = Caller("clerk", ("admin",), GRID[:9])
    assert len(handlers.inbox(clerk, {}, BOOK, second)["items"]) == 3
    # The dispatch of an earlier version, delivered again: its notice is there.
    again = [changed("issue.dispatched", subject="01A"), changed("issue.dispatched", subject="01B")]
    handlers.tell(again, BOOK, second, lambda ids: None)
    assert rows.count_documents({}) == len(old)
    handlers.tell([changed("issue.urged", sequence=4)], BOOK, second, lambda ids: None)
    assert rows.count_documents({}) == len(old) + 1


def test_what_two_versions_told_at_the_same_time_is_one_notice(notices):
    """While the services are replaced one by one, an earlier one still writes beside today's."""
    rows = notices["notices"]
    handlers.tell([changed("issue.dispatched")], BOOK, NotifyStore(notices), lambda ids: None)
    (told,) = rows.find()
    shape = {"party": "property-1", "division": GRID, "kind": "assigned", "assignment": 1}
    shape |= {"number": "n", "category": None, "address": "", "text": "assigned"}
    late = {**shape, "issue": "01A", "sequence": 1, "channel": "inbox", "sent_at": clock.now()}
    other = {**late, "issue": "01B"}
    rows.insert_many([{"_id": new_id(clock.now()), **row} for row in (late, other)])
    NotifyStore(notices).create_indexes()
    assert [row["recipient"] for row in rows.find()] == ["party:property-1"] * 2
    assert rows.find_one({"issue": "01A"}) == told
    assert rows.find_one({"issue": "01B"})["kind"] == "dispatched"
