"""Slow recounts over all the cases there are, as their service keeps them."""

from collections import defaultdict
from datetime import datetime
from types import SimpleNamespace

from services.stats.definitions import current
from suishoupai import clock
from suishoupai.mongo import connect

from ..unit.services.stats.recount import obvious

INDICATORS = current()


def documents(stack):
    """Every case there is."""
    with connect(stack.settings()) as client:
        name = f"{stack.settings().namespace}_issues"
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


def agree(answer, cases):
    """Whether every number of an answer is the recount over these cases."""
    since, until = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
    found, day = recounted(cases, since, until), clock.local_day(clock.now())
    return {each["id"]: (each["numerator"], each["denominator"]) for each in answer["items"]} == {
        each.id: (len(found[each.numerator]), len(found[each.denominator]))
        for each in INDICATORS.in_force(day)
    }


def agree_in_cut(answer, cut, cases):
    """Whether every number of every value of a cut is the recount over its cases."""
    values = {CUTS[cut](case) for case in cases} - {None}
    shown = {group["value"]: {**answer, **group} for group in answer["groups"]}
    alike = all(
        agree(shown[value], [case for case in cases if CUTS[cut](case) == value])
        for value in shown.keys() & values
    )
    return alike and shown.keys() == values
