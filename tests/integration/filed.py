"""Thousands of cases of one made-up party, put where the issues service keeps them.

They are walked through their lives by the service's own rules. Nothing is told of them, so nobody
else knows them; they are taken away again for those who count.
"""

from datetime import timedelta

from services.issues.store import IssueStore
from suishoupai.ids import new_id

from ..walk import LEAD_ROW, to

PARTY = {"id": "property-exports", "name": "导出物业", "kind": "property"}
DIVISIONS = ["341399", "341399001", "341399001001", "341399001001001"]
REPORTER = "exports-reporter"
DESCRIPTIONS = ("垃圾成堆", '=HYPERLINK("http://evil.example","点我")', 'a,b\n"c"', "－1 号楼")


def lives():
    """Cases in several states; one is overdue, one urgent, one confidential."""
    states = ("reported", "dispatched", "extension_asked", "suspended", "closed", "rated", "merged")
    walks = [to(state, reporter=REPORTER) for state in states]
    soon = to("handling", reporter=REPORTER).ring()
    late = to("handling", reporter=REPORTER).ring().ring()
    urgent = to("dispatched", reporter=REPORTER, emergency=[{"number": "119", "name": "火警"}])
    lead = to("dispatched", LEAD_ROW, reporter=REPORTER)
    return [each.case for each in (*walks, soon, late, urgent, lead)]


def documents(amount):
    """That many cases, each a minute older than the one after it."""
    shapes = lives()
    for number in range(amount):
        shape = shapes[number % len(shapes)]
        at = shape["reported_at"] - timedelta(minutes=amount - number)
        case = {
            **shape,
            "_id": new_id(at),
            "number": f"341399-20261101-{number:05d}",
            "reported_at": at,
            "description": DESCRIPTIONS[number // len(shapes) % len(DESCRIPTIONS)],
            "divisions": DIVISIONS,
            "alarms": [],
        }
        if case["responsible"]:
            case["responsible"] = PARTY
        yield case


def put(world, amount):
    """Puts them there; answers their store."""
    store = IssueStore(world.database("issues"))
    store.issues.insert_many(list(documents(amount)))
    return store


def take_away(world):
    """Takes all of them away again."""
    world.database("issues")["issues"].delete_many({"divisions": DIVISIONS[0]})
