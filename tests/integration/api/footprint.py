"""What lies in all databases, as one fingerprint per collection: to see that nothing changed.

What a refused call may write is named here, each with its reason; everything else is a change.
"""

import hashlib
import time
from contextlib import contextmanager

from bson import json_util

from services.notify.digests import SETTLED, day_of, end_of_digest
from suishoupai import clock
from suishoupai.messaging.outbox import OUTBOXES
from suishoupai.settings import SERVICES, read_settings

from ..conftest import eventually

ASIDE = {
    ("gateway", "audit"): "who tried what is written down, refused or not",
    ("gateway", "sessions"): "a session is seen, refreshed or ended by being used",
    ("gateway", "guards"): "what transactions wait for each other by",
    ("gateway", "login_failures"): "wrong passwords are counted",
    ("issues", "counters"): "case numbers are taken in blocks; a gap is no loss",
}
"""Collections that a refused call may write to, and why."""
FIELDS_ASIDE = {
    ("gateway", "programs"): ("keys.last_used_at",),
}
"""Fields that a refused call may change: when a key was last used."""
QUIET = 0.6
"""Seconds without a change after which the stack is at rest."""
OPEN_JOBS = {"state": {"$in": ["waiting", "running"]}}
_known = {}
"""Folder of a stack → the footprint of its last rest."""


@contextmanager
def nothing_expires(world):
    """Meanwhile the database removes nothing whose time is over: that is no call's doing."""
    admin = world.database("gateway").client.admin
    admin.command({"setParameter": 1, "ttlMonitorEnabled": False})
    try:
        yield
    finally:
        admin.command({"setParameter": 1, "ttlMonitorEnabled": True})


def footprint(world):
    """(service, collection) → fingerprint of all its documents."""
    return {
        (service, name): fingerprint
        for service in SERVICES
        for name, fingerprint in _fingerprints(world.database(service), service).items()
        if (service, name) not in ASIDE
    }


def _fingerprints(database, service):
    found = database.command("dbHash")["collections"]
    for (owner, name), fields in FIELDS_ASIDE.items():
        if owner == service and name in found:
            rows = database[name].find({}, dict.fromkeys(fields, 0)).sort("_id", 1)
            text = "\n".join(json_util.dumps(row, sort_keys=True) for row in rows)
            found[name] = hashlib.sha256(text.encode()).hexdigest()
    return found


def at_rest(world):
    """The footprint once nothing has changed for a while: what was accepted before has settled."""
    _await_digest(world)
    seen = {"footprint": None, "since": time.monotonic()}

    def unmoved():
        now = footprint(world)
        if now != seen["footprint"]:
            seen.update(footprint=now, since=time.monotonic())
        return time.monotonic() - seen["since"] >= QUIET and not _waiting(world)

    eventually(unmoved, 60)
    return _rested(world, seen["footprint"])


def still_at_rest(world):
    """``at_rest``, at once where nothing has changed since the last time."""
    now = footprint(world)
    rested = now == _known.get(world.stack.folder) and not _waiting(world)
    return now if rested else at_rest(world)


def prepared(world):
    """The footprint of a stack that was at rest, and to which things were added that are complete
    once their request is answered, but for exports and reports, which are made afterwards."""
    eventually(lambda: not _waiting(world))
    return _rested(world, footprint(world))


def _rested(world, found):
    _known[world.stack.folder] = found
    return found


def changed_since(world, before):
    """The collections that are not as they were; of those that are not yet, nothing is said
    before the stack is at rest."""
    if footprint(world) == before:
        return []
    return difference(before, at_rest(world))


def _waiting(world):
    """Whether an event still waits to be told, or an export or a report to be made."""
    gateway = world.database("gateway")
    if any(gateway[name].find_one(OPEN_JOBS, {"_id": 1}) for name in ("exports", "reports")):
        return True
    return any(
        world.database(service)[name].find_one({"outbox.0": {"$exists": True}}, {"_id": 1})
        for service, name in OUTBOXES
    )


def _await_digest(world):
    """The one thing that a stack at rest writes by itself is written before anybody looks."""
    now = clock.now()
    if now >= end_of_digest(now, read_settings().digest_at) + SETTLED:
        digests = world.database("notify")["digests"]
        eventually(lambda: digests.find_one({"_id": day_of(now)}))


def difference(before, after):
    """The collections that are not as they were, as ``service.collection``."""
    names = sorted(before.keys() | after.keys())
    return [".".join(name) for name in names if before.get(name) != after.get(name)]
