"""What is said of a case elsewhere, and brought here by a program: a remark (补充说明)."""

from __future__ import annotations

from typing import Any

from services.issues.acting import TRIES, allowed
from services.issues.cases import Actor, stepped_case
from services.issues.handlers import LATEST_CLOCK_SKEW
from services.issues.office import Office, Request
from services.issues.searching import named
from suishoupai import clock, tracing
from suishoupai.access import Caller, reach
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.search_questions import OutsideRemark

Document = dict[str, Any]

OUTSIDE_REMARK = OutsideRemark()


def remark(caller: Caller, issue: str, body: Any, office: Office) -> Document:
    """Adds a remark to the case of this id or number and says which step of it that is.

    The same key of the same caller again adds nothing and is answered the same; unlike an action
    it needs no version, for it takes nothing back that somebody else did. Raises ``Problem``: a
    field at fault, no such case, not the caller's to speak of, a key that said something else, a
    case that has ended; then nothing is changed.
    """
    given = load(OUTSIDE_REMARK, body)
    if given["observed_at"] and given["observed_at"] > clock.now() + LATEST_CLOCK_SKEW:
        raise invalid("observed_at", "lies in the future")
    request = Request(caller, "remark", {"key": given.pop("key")}, None)
    said = {name: value for name, value in given.items() if value}
    for _ in range(TRIES):
        case = _seen(caller, issue, office)
        version = _known(case, request, said) or _added(case, request, said, office)
        if version:
            return {"issue": case["_id"], "number": case["number"], "version": version}
    raise Problem("unavailable", "the case changes too often", retry_after=1)


def _seen(caller: Caller, issue: str, office: Office) -> Document:
    found = office.store.find(named([issue]), reach(caller), 1)
    if not found:
        raise Problem("not-found", f"no issue {issue}")
    return found[0]


def _known(case: Document, request: Request, said: Document) -> int | None:
    """The version the case had with this remark; None when it has not been made."""
    for version, entry in enumerate(case["history"], start=1):
        if entry.get("request") == request.fingerprint:
            given = entry.get("given", {})
            if (entry["why"], given.get("status")) != (said["note"], said.get("status")):
                raise invalid("key", f"it said something else of {case['number']}")
            return version
    return None


def _added(case: Document, request: Request, said: Document, office: Office) -> int | None:
    """The version the case has with this remark; None when somebody else was faster."""
    at = clock.now()
    row, role = allowed(request, case, said, at)
    full = said | {"request": request.fingerprint}
    actor = Actor(request.caller.account, role)
    change = stepped_case(case, row, actor, full, at, office.hours, tracing.current())
    if not office.store.write(change):
        return None
    office.announce([case["_id"]])
    version: int = change.case["version"]
    return version
