"""Slow recounts over all the cases there are, as their service keeps them."""

from collections import defaultdict
from types import SimpleNamespace

from suishoupai.mongo import connect

from ..unit.services.stats.recount import obvious


def documents(world):
    """Every case there is."""
    with connect(world.stack.settings()) as client:
        name = f"{world.stack.settings().namespace}_issues"
        return list(client[name]["issues"].find())


def marks_of(case):
    """What the recount says of a case as its service keeps it."""
    versions = [
        {"state": entry["to"], "bundled_due_at": entry["told"].get("bundled_due_at")}
        for entry in case["history"]
    ]
    return obvious(SimpleNamespace(case=case, versions=versions))


def recounted(cases, since, until):
    """Mark → ids of the cases that count there in a span."""
    found = defaultdict(set)
    for case in cases:
        for mark, at in marks_of(case).items():
            if since <= at < until:
                found[mark].add(case["_id"])
    return found


def source(case):
    """How a report came, said once more."""
    if case["reporter"].startswith("program:"):
        return "program"
    return "patrol" if case["patrol"] else "resident"


CUTS = {
    "category": lambda case: case["category"]["code"],
    "party": lambda case: (case["responsible"] or {}).get("id"),
    "source": source,
    "courier": lambda case: str(case["courier"]).lower(),
    "member": lambda case: case["reporter"] if source(case) == "patrol" else None,
}
