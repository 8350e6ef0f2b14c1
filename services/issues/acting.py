"""What people do with cases: the actions, and what of them is offered to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.issues.cases import Actor, Change, row_kept, stepped_case
from services.issues.lifecycle import (
    NotAllowed,
    Transition,
    find_transition,
    offered,
    roles_towards,
)
from services.issues.merging import beside, main_case
from services.issues.office import Office, Request
from services.issues.store import IssueStore
from services.issues.views import offers, shown
from suishoupai import clock, tracing
from suishoupai.access import Caller, reach
from suishoupai.contracts.issue_fields import SUMMARY_FIELDS
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import Action, load
from suishoupai.contracts.words import ACTIONS, ROLES
from suishoupai.web import as_problem

Document = dict[str, Any]

ACTION = Action()

TRIES = 5
"""How often an action is begun anew when somebody was faster with a case beside it."""

LONGEST_PAUSE = timedelta(days=366)
"""How far ahead the end of a suspension may lie."""


def act(request: Request, issue: str, office: Office) -> Document:
    """Takes an action on a case and answers the case as it is then.

    The same request again answers the same and does nothing more. Raises ``Problem``: unknown
    action, a field at fault, no such case, an outdated version (with the case as it is now), a
    wrong role, a wrong state; then nothing is changed.
    """
    if request.action not in ACTIONS:
        raise Problem("unknown-action", f"there is no action {request.action}")
    given = load(ACTION, request.body)
    versions = versions_seen(given.pop("version", None), request.matching)
    for _ in range(TRIES):
        case = _seen(request.caller, issue, office.store)
        if case["version"] not in versions:
            return _outdated(request, case, versions)
        changes = _changes(request, case, given, office)
        if office.store.write_together(changes):
            office.announce([each.case["_id"] for each in changes])
            return shown(changes[0].case, request.caller)
    raise Problem("unavailable", "what it concerns changes too often", retry_after=1)


def act_all(
    caller: Caller, items: Sequence[Document], parties: Mapping[str, Document], office: Office
) -> list[Document]:
    """Takes actions in the order given, each as if it came alone; says of each what became of it.

    ``items``: {issue, action, and the fields of the action}; ``parties``: those they name, by id.
    """
    return [_one_of_all(caller, item, parties, office) for item in items]


def _one_of_all(
    caller: Caller, item: Document, parties: Mapping[str, Document], office: Office
) -> Document:
    issue, action, body = item["issue"], item["action"], {**item}
    del body["issue"], body["action"]
    party = parties.get(party) if isinstance(party := body.get("party"), str) else None
    try:
        case = act(Request(caller, action, body, party), issue, office)
    except Exception as error:  # whatever it is: the others are not to blame
        problem = as_problem(error)
        return {"issue": issue, "status": problem.status, "problem": problem.to_dict()}
    summary = {name: case[name] for name in SUMMARY_FIELDS}
    return {"issue": issue, "status": 200, "case": summary}


def versions_seen(version: int | None, matching: Sequence[int] | None) -> tuple[int, ...]:
    """The versions of a case that an action may be about: the one in its body, those of its
    precondition, or what both say; raises ``Problem`` when that is nothing."""
    if version is None and matching is None:
        raise invalid("version", "needed, here or as If-Match: the version that you saw")
    if matching is None or version is None:
        return (version,) if version is not None else tuple(matching or ())
    if matching and version not in matching:
        raise invalid("version", "If-Match names another version")
    return (version,) if matching else ()


def _changes(request: Request, case: Document, given: Document, office: Office) -> list[Change]:
    """The change of the case, and what it changes beside it."""
    at = clock.now()
    row, role = allowed(request, case, given, at)
    full = _completed(request, row, case, given, at, office) | {"request": request.fingerprint}
    actor = Actor(request.caller.account, role)
    change = stepped_case(case, row, actor, full, at, office.hours, tracing.current())
    return [change, *beside(case, change, at, office)]


def actions(caller: Caller, issue: str, store: IssueStore) -> Document:
    """What the caller may do with a case now, and what each action needs."""
    case = _seen(caller, issue, store)
    rows = offered(case, roles_towards(caller, case), clock.now())
    return {"version": case["version"], "state": case["state"], "items": offers(rows, case)}


def _seen(caller: Caller, issue: str, store: IssueStore) -> Document:
    found = store.find({"_id": issue}, reach(caller), 1)
    if not found:
        raise Problem("not-found", f"no issue {issue}")
    return found[0]


def _outdated(request: Request, case: Document, versions: Sequence[int]) -> Document:
    """The answer to a version that is not the present one: what was asked may be done already."""
    entries = [entry for version in versions for entry in case["history"][version : version + 1]]
    if any(entry.get("request") == request.fingerprint for entry in entries):
        return shown(case, request.caller)
    seen = " or ".join(map(str, versions)) or "another"
    raise Problem(
        "stale" if request.matching is None else "precondition-failed",
        f"version {seen} was seen, version {case['version']} is there",
        current=shown(case, request.caller),
    )


def allowed(
    request: Request, case: Document, given: Document, at: datetime
) -> tuple[Transition, str]:
    """The row of the table and the role it is done in."""
    roles = roles_towards(request.caller, case)
    looked_at = {**given, "party": request.party} if request.party else given
    try:
        row = find_transition(request.action, case, roles, looked_at, at)
    except NotAllowed as error:
        if error.wrong_role:
            raise Problem("forbidden", str(error)) from error
        current = shown(case, request.caller)
        raise Problem("not-now", str(error), current=current) from error
    return row, next(name for name in ROLES if name in roles & row.roles)


def _completed(
    request: Request, row: Transition, case: Document, given: Document, at: datetime, office: Office
) -> Document:
    """The fields of an action, checked against what its row needs and takes, names resolved."""
    for name in given:
        if name not in (*row.needs, *row.takes):
            raise invalid(name, f"{row.action} does not take it")
    for name in row.needs:
        if given.get(name) in (None, "", []):
            raise invalid(name, f"{row.action} needs it")
    if len(given.get("photos", ())) < row.photos:
        raise invalid("photos", f"{row.action} needs at least {row.photos}")
    resolve = RESOLVED.get(row.action)
    resolved = resolve(request, case, given, office) if resolve else {}
    if "until" in given and not at < given["until"] <= at + LONGEST_PAUSE:
        raise invalid("until", f"must lie ahead, by {LONGEST_PAUSE.days} days at most")
    if "party" in given:
        resolved["party"] = request.party
    return {**given, **resolved}


def _other_category(request: Request, case: Document, given: Document, office: Office) -> Document:
    code = given["category"]
    if code == case["category"]["code"]:
        raise invalid("category", "it is of that category already")
    today = clock.local_day(clock.now())
    row = office.store.catalogue.row(code, today)
    if row is None:
        raise invalid("category", f"there is no category {code}")
    before = {name: case["category"][name] for name in ("code", "name")}
    emergency = office.danger.emergency(case["description"], row)
    return {"row": row_kept(row), "emergency": emergency, "before": before}


def _same_extension(request: Request, case: Document, given: Document, office: Office) -> Document:
    return {"extension": case["asked"]["extension"]}


Resolve = Callable[[Request, Document, Document, Office], Document]
RESOLVED: Mapping[str, Resolve] = {
    "recategorise": _other_category,
    "merge": main_case,
    "grant_extension": _same_extension,
}
"""Action → what its fields stand for, or what it has from the case."""
