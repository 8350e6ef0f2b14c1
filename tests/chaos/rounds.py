"""The rounds: each disturbs a running stack in its own way and says what was lost or doubled."""

import itertools
import os
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field

from pymongo import MongoClient

from suishoupai import clock
from suishoupai.client import Client
from suishoupai.contracts.problems import Problem
from suishoupai.local.ports import free_port
from suishoupai.local.stack import LocalStack
from suishoupai.messaging.dead_letter_office import open_office
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.mongo import connect
from suishoupai.truth.verify import verify

from ..integration.conftest import eventually
from . import disturbances, load
from .cluster import Cluster
from .disturbances import Disturber
from .meddler import Meddler
from .poison import KINDS
from .replicas import second_set

SETTLE_SECONDS = 300.0
"""Longest wait for the last event: a message may wait 5 s and 30 s between its tries."""
BALLAST_LEFT = 1024 * 1024


@dataclass
class Outcome:
    """What one round showed."""

    name: str
    figures: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)


def new_stack(folder, broker_uri=None):
    """A stack with a broker (unless one is given) and a database of its own."""
    return LocalStack(folder, free_port(), lambda _: broker_uri, lambda _: None)


def killed(stack, size, rate, advance, times, seed=1, replicas=()):
    """Every child of the supervisor killed in turn while reports arrive."""
    outcome = Outcome("killed" if not replicas else "killed, two of each")
    plan = disturbances.every_child(times)
    disturber = Disturber(stack, plan, size / rate / (len(plan) + 1), replicas)
    disturber.start()
    urls = [stack.url, *(each.url for each in replicas if each.name == "gateway")]
    sent = load.send(urls, stack.settings().county, size, rate, seed, advance)
    disturber.join()
    outcome.faults += disturber.failed
    outcome.figures["disturbances"] = len(disturber.done)
    stack.wait_ready(120)
    return _judged(outcome, stack, sent)


def two_of_each(stack, size, rate, advance, times, seed=2):
    """The same with a second process of each service beside the first."""
    replicas = second_set(stack)
    try:
        for replica in replicas:
            eventually(lambda replica=replica: replica.not_up() is None, 60)
        return killed(stack, size, rate, advance, times, seed, replicas)
    finally:
        for replica in replicas:
            replica.stop()


def meddled(stack, size, rate, advance, seed=3):
    """A fifth of the deliveries twice, a fifth late and so out of order."""
    outcome = Outcome("twice and out of order")
    meddler = Meddler(stack, seed)
    meddler.start()
    meddler.meddling.wait(30)
    sent = load.send([stack.url], stack.settings().county, size, rate, seed, advance)
    meddler.leave()
    outcome.figures |= {
        "deliveries": meddler.delivered,
        "of them twice": meddler.doubled,
        "of them held back": meddler.delayed,
    }
    if meddler.doubled < 0.15 * meddler.delivered or not meddler.delivered:
        outcome.faults.append("nothing was meddled with")
    return _judged(outcome, stack, sent)


def poisoned(stack, size, rate, advance, seed=4):
    """Fifty messages of ten kinds that can never be handled, among the others."""
    outcome = Outcome("poisoned")
    settings = stack.settings()
    with open_office(settings) as office:
        before = len(office.find())
    publisher = Publisher(settings.amqp_uri, lambda _: None)
    queues = ("grid.assign", "issues.dispatch", "notify.tell", "stats.count", "stats.count")
    publisher.publish(
        Outgoing("", f"{settings.namespace}.{queue}", body, mandatory=True)
        for queue in queues
        for body in KINDS.values()
    )
    publisher.close()
    sent = load.send([stack.url], settings.county, size, rate, seed, advance)
    with open_office(settings) as office:
        eventually(lambda: len(office.find()) >= before + 50, 60)
        letters = office.find()[before:]
    outcome.figures["parked"] = len(letters)
    outcome.figures["reasons"] = len({letter["reason"][:25] for letter in letters})
    # The same message twice in one queue is one kind; each letter has a reason and a traceback.
    if len(letters) != 50 or not all(each["reason"] and each["traceback"] for each in letters):
        outcome.faults.append(f"{len(letters)} of 50 were parked with reason and traceback")
    return _judged(outcome, stack, sent)


def time_passes(stack, size, rate, advance, seed=9):
    """Every case becomes due soon and overdue at once, two of each service, killed meanwhile."""
    outcome = Outcome("time passes, two of each")
    replicas = second_set(stack)
    try:
        for replica in replicas:
            eventually(lambda replica=replica: replica.not_up() is None, 60)
        sent = load.send([stack.url], stack.settings().county, size, rate, seed, advance)
        _judged(outcome, stack, sent)
        with connect(stack.settings()) as client:
            for kind in ("due_soon", "overdue"):
                _ring(stack, client, list(sent.receipts.values()), kind, replicas)
            outcome = _judged(outcome, stack, sent)
            notices = client[f"{stack.settings().namespace}_notify"]["notices"]
            told = {"issue": {"$in": list(sent.receipts.values())}, "party": {"$ne": None}}
            kinds = Counter(notice["kind"] for notice in notices.find(told, {"kind": 1}))
    finally:
        for replica in replicas:
            replica.stop()
    outcome.figures |= {f"told {kind}": count for kind, count in sorted(kinds.items())}
    if kinds != {"dispatched": size, "due_soon": size, "overdue": size}:
        outcome.faults.append(f"{size} cases, told {dict(kinds)}")
    return outcome


def _ring(stack, client, ids, kind, replicas):
    """Makes one alarm of every case due now, and kills who rings and who tells."""
    issues = client[f"{stack.settings().namespace}_issues"]["issues"]
    issues.update_many(
        {"_id": {"$in": ids}},
        {"$set": {"alarms.$[alarm].at": clock.now()}},
        array_filters=[{"alarm.kind": kind}],
    )
    still = {"_id": {"$in": ids}, "alarms.kind": kind}
    eventually(lambda: issues.count_documents(still) < len(ids), 60)
    for name in ("issues", "notify"):
        disturbances.kill(stack, name)
        for replica in replicas:
            if replica.name == name:
                replica.kill_and_start()
    eventually(lambda: issues.count_documents(still) == 0, 120)


def leader_lost(folder, size, rate, advance, seed=5):
    """Three RabbitMQ nodes; the one that leads a queue is killed while reports arrive."""
    outcome = Outcome("leader of a cluster killed")
    cluster = Cluster(folder)
    try:
        stack = new_stack(folder / "stack", cluster.uri)
        stack.up(lambda _: None)
        try:
            queue = f"{stack.settings().namespace}.grid.assign"
            outcome.figures["queue members"] = cluster.members(queue)
            killed_at = []

            def lose_leader(_stack, _name):
                leader = cluster.leader(queue)
                killed_at.append(time.time())
                cluster.kill(leader)
                outcome.figures["led before by node"] = leader
                eventually(lambda: cluster.leader(queue) != leader, 60)
                cluster.start(leader)

            disturber = Disturber(stack, [(lose_leader, "grid")], size / rate / 2)
            disturber.start()
            sent = load.send([stack.url], stack.settings().county, size, rate, seed, advance)
            disturber.join()
            outcome.faults += disturber.failed
            outcome = _judged(outcome, stack, sent)
            if killed_at:
                outcome.figures["pause, s"] = round(_pause(stack, killed_at[0]), 1)
        finally:
            stack.down()
    finally:
        cluster.down()
    return outcome


def disk_full(folder, advance, megabytes=600):
    """The database's disk, a small tmpfs, runs full: 503, and all goes on when there is room."""
    outcome = Outcome("disk full")
    mount = folder / "stack" / "mongodb"
    mount.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(mount)], check=True
    )
    try:
        stack = new_stack(folder / "stack")
        stack.up(lambda _: None)
        try:
            return _fill_and_recover(outcome, stack, mount, advance)
        finally:
            stack.down()
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


def _fill_and_recover(outcome, stack, mount, advance):
    county = stack.settings().county
    sent = load.send([stack.url], county, 50, 50, 6, advance)
    ballast = mount / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(mount).free - BALLAST_LEFT)
    phone = Client(stack.url, patience=0.0).login("member", load.PASSWORD)
    bodies = list(load.Morning(county, 7).reports(2000))
    begun, answered, statuses = time.monotonic(), {}, Counter()
    for n, body in enumerate(bodies):
        if statuses[503] >= 3 or time.monotonic() - begun > 120:
            break
        asked = time.monotonic()
        try:
            answered[f"full-{n}"] = phone.report(
                {**body, "description": "满" * 400}, f"full-{n}"
            ).id
            statuses[201] += 1
        except Problem as problem:
            statuses[problem.status] += 1
            outcome.figures["503 within, s"] = round(time.monotonic() - asked, 2)
        _checkpoint(stack)
    outcome.figures |= {f"answered {status}": count for status, count in statuses.items()}
    if not statuses[503] or set(statuses) - {201, 503}:
        outcome.faults.append(f"a full disk was answered with {dict(statuses)}")
    freed = time.monotonic()
    ballast.unlink()
    stack.wait_ready(180)
    outcome.figures["ready after room, s"] = round(time.monotonic() - freed, 1)
    more = load.send([stack.url], county, 50, 50, 8, advance)
    more.receipts |= sent.receipts | answered
    more.failed += sent.failed
    return _judged(outcome, stack, more)


def _checkpoint(stack):
    """Has the database write what it holds in memory to its disk."""
    try:
        with MongoClient(stack.settings().mongodb_uri, serverSelectionTimeoutMS=500) as client:
            client.admin.command("fsync")
    except Exception:
        return


def _judged(outcome, stack, sent):
    """Whether each acknowledged report is there once, and all agrees with the cases."""
    settings = stack.settings()
    with connect(settings) as client:
        issues = client[f"{settings.namespace}_issues"]["issues"]
        wanted = {"idempotency.key": {"$in": list(sent.receipts)}}
        found = Counter()
        ids = set()
        for case in issues.find(wanted, {"idempotency.key": 1}):
            found[case["idempotency"]["key"]] += 1
            ids.add(case["_id"])
        lost = [key for key, issue in sent.receipts.items() if issue not in ids]
        doubled = [key for key, count in found.items() if count > 1]
        begun = time.monotonic()
        verdict = verify(client, settings, SETTLE_SECONDS, lambda _: None)
    outcome.figures |= {
        "acknowledged": len(sent.receipts),
        "rate": round(sent.rate, 1),
        "longest wait for 201, s": round(max(sent.waits, default=0.0), 1),
        "lost": len(lost),
        "doubled": len(doubled),
        "differences": len(verdict.differences),
        "settled after, s": round(time.monotonic() - begun, 1),
    }
    outcome.faults += [f"lost {key}" for key in lost[:5]] + [
        f"doubled {key}" for key in doubled[:5]
    ]
    outcome.faults += sent.failed[:5] + [str(each) for each in verdict.differences[:5]]
    return outcome


def _pause(stack, since):
    """The longest time, in seconds, in which no case was dispatched after an instant."""
    settings = stack.settings()
    with connect(settings) as client:
        issues = client[f"{settings.namespace}_issues"]["issues"]
        times = sorted(
            entry["at"].timestamp()
            for case in issues.find({}, {"history": 1})
            for entry in case["history"]
            if entry["action"] == "dispatch"
        )
    later = [since, *(each for each in times if each > since)]
    return max((b - a for a, b in itertools.pairwise(later)), default=0.0)
