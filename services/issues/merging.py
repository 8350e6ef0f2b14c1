"""Merging (并案): a case goes into another one that is about the same problem, and comes out again.

Both change in one transaction: the main case knows whose reports it stands for, so that all of
them are told how it ends.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.issues.cases import Actor, Change, stepped_case
from services.issues.lifecycle import SYSTEM, find_transition
from services.issues.office import Office, Request
from suishoupai.access import reach
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.words import ENDED

Document = dict[str, Any]

MERGING = Actor("merging", SYSTEM)
WHY = {"absorb": "并入", "release": "移出"}


def main_case(request: Request, case: Document, given: Document, office: Office) -> Document:
    """The open case that ``given`` names by id or number; raises ``Problem`` naming ``main``."""
    wanted = given["main"]
    query = {"$or": [{"_id": wanted}, {"number": wanted}]}
    found = office.store.find(query, reach(request.caller), 1)
    if not found:
        raise invalid("main", f"no case {wanted}")
    if found[0]["_id"] == case["_id"]:
        raise invalid("main", "a case cannot be merged into itself")
    if found[0]["state"] in ENDED:
        raise invalid("main", f"{found[0]['number']} is {found[0]['state']}")
    return {"main": reference(found[0])}


def reference(case: Document) -> Document:
    """{id, number} of a case."""
    return {"id": case["_id"], "number": case["number"]}


def beside(before: Document, change: Change, at: datetime, office: Office) -> list[Change]:
    """What a change of one case changes in another one; nothing unless it is merged or unmerged."""
    case = change.case
    action = case["history"][-1]["action"]
    if action == "merge":
        followers = sorted({case["reporter"], *case["followers"]})
        return [_in_main(case["main"], "absorb", followers, case, at, office)]
    if action == "unmerge":
        merged = office.store.merged_into(before["main"]["id"])
        others = [each for each in merged if each["_id"] != case["_id"]]
        followers = sorted({name for each in others for name in _reporters(each)})
        return [_in_main(before["main"], "release", followers, case, at, office)]
    return []


def _reporters(case: Document) -> list[str]:
    return [case["reporter"], *case["followers"]]


def _in_main(
    main: Document, action: str, followers: list[str], case: Document, at: datetime, office: Office
) -> Change:
    found = office.store.read_all([main["id"]])[main["id"]]
    if action == "absorb" and found["state"] in ENDED:
        raise Problem("not-now", f"{main['number']} is {found['state']} now")
    other = reference(case)
    given = {"followers": followers, "other": other, "why": f"{WHY[action]} {other['number']}"}
    row = find_transition(action, found, [SYSTEM], given, at)
    return stepped_case(found, row, MERGING, given, at, office.hours)
