"""What issues does: takes reports, applies assignments, shows cases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.issues.cases import Actor, Change, assigned_case, new_case, row_kept, rung_case
from services.issues.duplicates import bands, is_alike
from services.issues.lifecycle import NotAllowed
from services.issues.merging import reference
from services.issues.office import Office
from services.issues.store import IssueStore
from services.issues.suggesting import CurrentSuggester
from services.issues.views import glimpse, read_for, receipt, shown
from services.issues.working_time import WorkingTime
from suishoupai import clock, tracing
from suishoupai.access import Caller, reach
from suishoupai.contracts.events import Event
from suishoupai.contracts.issue_fields import ISSUE_FIELDS, SUMMARY_FIELDS
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import (
    IssueFields,
    IssueFilter,
    Nearby,
    Report,
    Words,
    load,
    photo_of,
)
from suishoupai.county import County
from suishoupai.datum import to_wgs84
from suishoupai.distance import metres_between
from suishoupai.ids import first_id, new_id

Document = dict[str, Any]

log = structlog.get_logger(__name__)

LONGEST_KEY = 128
"""Characters of an Idempotency-Key."""
LATEST_CLOCK_SKEW = timedelta(minutes=5)
"""How far a phone's clock may run ahead."""

REPORT = Report()
ISSUE_FILTER = IssueFilter()
ISSUE_READ = IssueFields()
NEARBY = Nearby()
WORDS = Words()

MOST_SIMILAR = 10
"""Cases that are offered as perhaps the same."""
MOST_COMPARED = 100
"""The newest cases near by, and as many with a like photo, that are looked at for it."""

RINGING = 200
"""Cases whose alarms are rung in one round."""


class UnknownIssue(LookupError):
    """An event speaks of a case that is not here."""


def report(
    caller: Caller, body: Any, key: str, office: Office, hashes: Sequence[str] = ()
) -> Document:
    """Takes a report and answers its receipt; the same key again answers the same receipt.

    ``hashes``: perceptual hashes of those of its photos that were sent to us. Raises ``Problem``
    naming the field at fault; then nothing is written.
    """
    if not key or len(key) > LONGEST_KEY:
        raise Problem("missing-header", f"Idempotency-Key: 1 to {LONGEST_KEY} characters")
    fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    known = office.store.by_key(caller.account, key)
    if known is None:
        change = _open_case(caller, with_hashes(load(REPORT, body), hashes), office)
        known = office.store.insert(change, key, fingerprint)
        if known is None:
            office.announce([change.case["_id"]])
            return receipt(change.case)
    if known["idempotency"]["fingerprint"] != fingerprint:
        raise Problem("key-reused", f"it opened {known['number']}")
    return receipt(known)


def known_report(caller: Caller, key: str, store: IssueStore) -> Document:
    """``{receipt}`` of the report that the caller sent with a key; null when none was."""
    known = store.by_key(caller.account, key)
    return {"receipt": known and receipt(known)}


def _open_case(caller: Caller, body: Document, office: Office) -> Change:
    at = clock.now()
    category = _category(body["category"], at, office)
    if body["observed_at"] and body["observed_at"] > at + LATEST_CLOCK_SKEW:
        raise invalid("observed_at", "lies in the future")
    location = _location(body["location"], office.county)
    similar = similar_cases(location, category, body["photo_hashes"], at, office)
    return new_case(
        case_id=new_id(at),
        number=office.store.next_number(f"{office.county.code}-{clock.local_day(at):%Y%m%d}"),
        report=body,
        category=category,
        location=location,
        county=office.county.code,
        reporter=Actor(caller.account, "reporter"),
        patrol=caller.on_patrol,
        courier=caller.courier,
        emergency=office.danger.emergency(body["description"], category),
        similar=[reference(case) for case, _, _ in similar],
        at=at,
        trace=tracing.current(),
    )


def with_hashes(report: Document, hashes: Sequence[str]) -> Document:
    """A report with the hashes of all its photos.

    Those that were sent to us are known by ``hashes``; what the phone says is believed only of
    photos that are kept elsewhere, and of one that was taken and not sent.
    """
    elsewhere = [photo for photo in report["photos"] if photo_of(photo) is None]
    said = report["photo_hashes"]
    if report["photos"]:
        said = said[: len(elsewhere)]
    return {**report, "photo_hashes": list(dict.fromkeys([*hashes, *said]))}


def _category(code: str, at: datetime, office: Office) -> Document:
    row = office.store.catalogue.row(code, clock.local_day(at))
    if row is None:
        raise invalid("category", f"there is no category {code}")
    return row_kept(row)


def _location(given: dict[str, Any], county: County) -> Document:
    lng, lat = to_wgs84(given["lng"], given["lat"], given["datum"])
    if not county.contains(lng, lat):
        raise invalid("location", f"the point is outside {county.name}")
    return {"lng": round(lng, 7), "lat": round(lat, 7), "raw": given}


def dispatch(events: Sequence[Event], office: Office) -> None:
    """Applies assignments: each case is placed, and goes to its party where it may, once."""
    at = clock.now()
    cases = office.store.read_all(event.subject for event in events)
    changes: dict[str, Change] = {}
    for event in events:
        case = cases.get(event.subject)
        if case is None:
            raise UnknownIssue(event.subject)
        change = assigned_case(case, event, at, office.hours)
        if change is not None:
            # A second assignment in the same batch builds on a version that is not written yet.
            if event.subject in changes:
                _write(changes, office)
            cases[event.subject] = change.case
            changes[event.subject] = change
    _write(changes, office)


def _write(changes: dict[str, Change], office: Office) -> None:
    office.store.write_all(list(changes.values()))
    office.announce(list(changes))
    changes.clear()


def ring(office: Office) -> None:
    """Rings the alarms that are due: each once, however many replicas do this at a time.

    The version guard of the write is the claim: a case that another replica was faster with is
    left to it.
    """
    while True:
        at = clock.now()
        cases = office.store.ringing(at, RINGING)
        changes = [change for case in cases if (change := _rung(case, at, office.hours))]
        written = [change.case["_id"] for change in changes if office.store.write(change)]
        office.announce(written)
        if len(cases) < RINGING or not written:
            return


def _rung(case: Document, at: datetime, hours: WorkingTime) -> Change | None:
    """One case after its alarm; one that contradicts itself is told of and holds no other up."""
    try:
        return rung_case(case, at, hours)
    except NotAllowed as error:
        log.error("an alarm cannot ring", case=case["number"], error=str(error))
        return None


def read(caller: Caller, issue: str, filters: Document | None, store: IssueStore) -> Document:
    """One case, or some fields of it; raises ``Problem`` when there is none, when it is not the
    caller's to see, or when there is no such field."""
    fields = load(ISSUE_READ, filters or {}).get("fields_", ISSUE_FIELDS)
    found = store.find_parts({"_id": issue}, reach(caller), 1, read_for(fields))
    if not found:
        raise Problem("not-found", f"no issue {issue}")
    return shown(found[0], caller, fields)


def find(caller: Caller, filters: Document, store: IssueStore) -> Document:
    """A page of the cases the caller may see, the newest first; a summary of each, or the fields
    that are asked for."""
    wanted = load(ISSUE_FILTER, filters)
    fields = wanted.get("fields_", SUMMARY_FIELDS)
    limit = wanted["limit"]
    query = _query(wanted, caller)
    cases = store.find_parts(query, reach(caller), limit + 1, read_for(fields))
    page = cases[:limit]
    return {
        "items": [shown(case, caller, fields) for case in page],
        "next": page[-1]["_id"] if len(cases) > len(page) else None,
    }


def count(caller: Caller, filters: Document, store: IssueStore) -> Document:
    """How many cases a list with these filters has, on all its pages."""
    query = _query(load(ISSUE_FILTER, filters), caller)
    return {"total": store.count(query, reach(caller))}


FILTERED = {
    "number": "number",
    "category": "category.code",
    "grid": "grid.code",
    "division": "divisions",
    "party": "responsible.id",
    "urgent": "urgent",
    "light": "light",
}
"""Filter → the field of a case that equals it."""


def _query(wanted: dict[str, Any], caller: Caller) -> Document:
    parts: list[Document] = [
        {field: wanted[name]} for name, field in FILTERED.items() if name in wanted
    ]
    if "state" in wanted:
        parts.append({"state": {"$in": wanted["state"]}})
    if "overdue" in wanted:
        parts.append({"light": "red" if wanted["overdue"] else {"$ne": "red"}})
    if "reporter" in wanted:
        parts.append({"reporter": caller.account})
    if span := _id_span(wanted):
        parts.append({"_id": span})
    return {"$and": parts} if parts else {}


def _id_span(wanted: dict[str, Any]) -> dict[str, str]:
    """The span of time as a span of ids, which are ordered by time of reporting."""
    lower = first_id(wanted["from_"]) if "from_" in wanted else None
    uppers = [wanted["cursor"], first_id(wanted["to"]) if "to" in wanted else None]
    upper = min((bound for bound in uppers if bound), default=None)
    return {key: bound for key, bound in (("$gte", lower), ("$lt", upper)) if bound}


def nearby(filters: Document, office: Office) -> Document:
    """Open cases that may be about the same problem as a report that is about to be sent."""
    wanted = load(NEARBY, filters)
    at = clock.now()
    category = _category(wanted["category"], at, office)
    location = _location({name: wanted[name] for name in ("lng", "lat", "datum")}, office.county)
    hashes = [wanted["photo_hash"]] if wanted["photo_hash"] else []
    found = similar_cases(location, category, hashes, at, office)
    return {"items": [glimpse(case, metres, alike) for case, metres, alike in found]}


def similar_cases(
    location: Document, category: Document, hashes: Sequence[str], at: datetime, office: Office
) -> list[tuple[Document, float, bool]]:
    """Open cases of the last days that are near and of the same category, or whose photo looks the
    same: each with its distance in metres and whether a photo is alike; the nearest first."""
    if category["confidential"]:
        return []
    likeness = office.likeness
    point = (location["lng"], location["lat"])
    since = first_id(at - likeness.within)
    near = office.store.open_near(point, likeness.metres, category["code"], since, MOST_COMPARED)
    pictured = [band for each in hashes for band in bands(each)]
    banded = office.store.open_with_band(pictured, since, MOST_COMPARED) if pictured else []
    alike = {case["_id"] for case in banded if is_alike(hashes, case["photo_hashes"])}
    found = {case["_id"]: case for case in near}
    found |= {case["_id"]: case for case in banded if case["_id"] in alike}
    measured = [
        (case, metres_between(point, tuple(case["point"]["coordinates"])), issue in alike)
        for issue, case in found.items()
    ]
    return sorted(measured, key=lambda each: each[1])[:MOST_SIMILAR]


def categories(store: IssueStore) -> Document:
    """The catalogue as reporters choose from it, and since when it is as it is."""
    at = clock.now()
    rows = store.catalogue.rows(clock.local_day(at))
    return {
        "items": [{"code": row["code"], **_described(row)} for row in rows],
        "changed_at": store.catalogue.changed_at(at).isoformat(),
    }


def suggest(filters: Document, suggester: CurrentSuggester, store: IssueStore) -> Document:
    """The three likeliest categories of a description, with the words that spoke for them."""
    wanted = load(WORDS, filters)
    return {"items": suggester.suggest(wanted["description"], store.catalogue)}


def _described(row: Document) -> Document:
    plain = ("name", "kind", "major_name", "confidential", "responsible")
    return {
        **{name: row[name] for name in plain},
        "filing_condition": row.get("filing_condition"),
    }
