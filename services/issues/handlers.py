"""What issues does: takes reports, applies assignments, shows cases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from services.issues.cases import Change, assigned_case, new_case, receipt, rung_case, shown
from services.issues.store import IssueStore
from suishoupai import clock, tracing
from suishoupai.access import Caller, reach
from suishoupai.contracts.events import Event
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import IssueFilter, Report, load
from suishoupai.county import County
from suishoupai.datum import to_wgs84
from suishoupai.ids import first_id, new_id

Announce = Callable[[Iterable[str]], None]

LONGEST_KEY = 128
"""Characters of an Idempotency-Key."""
LATEST_CLOCK_SKEW = timedelta(minutes=5)
"""How far a phone's clock may run ahead."""

REPORT = Report()
ISSUE_FILTER = IssueFilter()

RINGING = 200
"""Cases whose alarms are rung in one round."""


class UnknownIssue(LookupError):
    """An event speaks of a case that is not here."""


def report(
    caller: Caller, body: Any, key: str, store: IssueStore, announce: Announce, county: County
) -> dict[str, Any]:
    """Takes a report and answers its receipt; the same key again answers the same receipt.

    Raises ``Problem`` naming the field at fault; then nothing is written.
    """
    if not key or len(key) > LONGEST_KEY:
        raise Problem("missing-header", f"Idempotency-Key: 1 to {LONGEST_KEY} characters")
    fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    known = store.by_key(caller.account, key)
    if known is None:
        change = _open_case(caller, load(REPORT, body), store, county)
        known = store.insert(change, key, fingerprint)
        if known is None:
            announce([change.case["_id"]])
            return receipt(change.case)
    if known["idempotency"]["fingerprint"] != fingerprint:
        raise Problem("key-reused", f"it opened {known['number']}")
    return receipt(known)


def _open_case(caller: Caller, body: Any, store: IssueStore, county: County) -> Change:
    at = clock.now()
    category = store.category(body["category"])
    if category is None:
        raise invalid("category", f"there is no category {body['category']}")
    if body["observed_at"] and body["observed_at"] > at + LATEST_CLOCK_SKEW:
        raise invalid("observed_at", "lies in the future")
    location = _location(body["location"], county)
    day = at.astimezone(clock.LOCAL).strftime("%Y%m%d")
    return new_case(
        case_id=new_id(at),
        number=store.next_number(f"{county.code}-{day}"),
        report=body,
        category=_kept(category),
        location=location,
        county=county.code,
        reporter=caller.account,
        at=at,
        trace=tracing.current(),
    )


def _location(given: dict[str, Any], county: County) -> dict[str, Any]:
    lng, lat = to_wgs84(given["lng"], given["lat"], given["datum"])
    if not county.contains(lng, lat):
        raise invalid("location", f"the point is outside {county.name}")
    return {"lng": round(lng, 7), "lat": round(lat, 7), "raw": given}


def _kept(category: dict[str, Any]) -> dict[str, Any]:
    """What a case keeps of its catalogue row."""
    return {
        "code": category["_id"],
        "name": category["name"],
        "responsible": category["responsible"],
        "confidential": category["confidential"],
        "limit": category["limit"],
        "limit_unit": category["limit_unit"],
    }


def dispatch(events: Sequence[Event], store: IssueStore, announce: Announce) -> None:
    """Applies assignments: each case goes to its party, once."""
    at = clock.now()
    cases = store.read_all(event.subject for event in events)
    changes: dict[str, Change] = {}
    for event in events:
        case = cases.get(event.subject)
        if case is None:
            raise UnknownIssue(event.subject)
        change = assigned_case(case, event, at)
        if change is not None:
            # A second assignment in the same batch builds on a version that is not written yet.
            if event.subject in changes:
                _write(changes, store, announce)
            cases[event.subject] = change.case
            changes[event.subject] = change
    _write(changes, store, announce)


def _write(changes: dict[str, Change], store: IssueStore, announce: Announce) -> None:
    store.write_all(list(changes.values()))
    announce(list(changes))
    changes.clear()


def ring(store: IssueStore, announce: Announce) -> None:
    """Rings the alarms that are due: each once, however many replicas do this at a time.

    The version guard of the write is the claim: a case that another replica was faster with is
    left to it.
    """
    while True:
        at = clock.now()
        cases = store.ringing(at, RINGING)
        changes = [change for case in cases if (change := rung_case(case, at))]
        written = [change.case["_id"] for change in changes if store.write(change)]
        announce(written)
        if len(cases) < RINGING or not written:
            return


def read(caller: Caller, issue: str, store: IssueStore) -> dict[str, Any]:
    """One case; raises ``Problem`` when there is none or it is not the caller's to see."""
    found = store.find({"_id": issue}, reach(caller), 1)
    if not found:
        raise Problem("not-found", f"no issue {issue}")
    return shown(found[0], caller)


def find(caller: Caller, filters: dict[str, Any], store: IssueStore) -> dict[str, Any]:
    """A page of the cases the caller may see, the newest first."""
    wanted = load(ISSUE_FILTER, filters)
    cases = store.find(_query(wanted), reach(caller), wanted["limit"] + 1)
    page = cases[: wanted["limit"]]
    more = len(cases) > len(page)
    return {
        "items": [shown(case, caller) for case in page],
        "next": page[-1]["_id"] if more else None,
    }


def _query(wanted: dict[str, Any]) -> dict[str, Any]:
    fields = {"state": "state", "category": "category.code", "grid": "grid.code"}
    fields |= {"division": "divisions", "party": "responsible.id"}
    query: dict[str, Any] = {
        field: wanted[name] for name, field in fields.items() if name in wanted
    }
    if span := _id_span(wanted):
        query["_id"] = span
    return query


def _id_span(wanted: dict[str, Any]) -> dict[str, str]:
    """The span of time as a span of ids, which are ordered by time of reporting."""
    lower = first_id(wanted["from_"]) if "from_" in wanted else None
    uppers = [wanted["cursor"], first_id(wanted["to"]) if "to" in wanted else None]
    upper = min((bound for bound in uppers if bound), default=None)
    return {key: bound for key, bound in (("$gte", lower), ("$lt", upper)) if bound}


def categories(store: IssueStore) -> dict[str, Any]:
    """The catalogue as reporters choose from it."""
    return {"items": [{"code": row["_id"], **_described(row)} for row in store.categories()]}


def _described(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "kind", "major_name", "confidential")}
