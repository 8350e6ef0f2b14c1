"""The parameters of Open311 as what the issues service is asked. Pure functions.

A parameter that is empty is one that was not given (GeoReport v2: optional arguments); unknown
ones are passed over, as its clients expect. Lists are separated by commas, or by naming the
parameter again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from services.gateway.open311.dates import LONGEST_SPAN, before_of, from_of, parse, span
from services.gateway.open311.statuses import CLOSED, OPEN, TOLD, states_of
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.search_questions import MOST_FOUND
from suishoupai.strict_json import printable, unkeepable

Document = dict[str, Any]
Given = Mapping[str, list[str]]
"""Name of a parameter → what was given for it, never empty."""

MOST_REQUESTS = 50
"""Requests that can be asked for by their ids at once."""
LONGEST_UPDATES, USUAL_UPDATES = timedelta(days=31), timedelta(days=1)
"""Span of updates that can be asked for, and the one that is meant when none is given."""
MOST_SKIPPED = 100_000


def given_in(*sources: MultiDict[str, str]) -> dict[str, list[str]]:
    """What was given in an address and a form, the later before the earlier; raises ``Problem``
    for what cannot be kept."""
    found: dict[str, list[str]] = {}
    for source in sources:
        for name in source:
            if fault := unkeepable(name + "".join(source.getlist(name))):
                raise invalid(printable(name), fault)
            if values := [value for value in source.getlist(name) if value.strip()]:
                found[name] = values
    return found


def one(given: Given, name: str) -> str | None:
    """The value of a parameter, without the space around it; None where none was given."""
    return given[name][0].strip() if name in given else None


def many(given: Given, name: str) -> list[str]:
    """The values of a list."""
    parts = ",".join(given.get(name, ())).split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def request_search(given: Given, now: datetime) -> Document:
    """The search that ``GET requests`` is; raises ``Problem`` naming a parameter at fault."""
    if issues := _requests(given):
        return {"issues": issues}
    search: Document = {**_page(given), **_updated(given)}
    if _dated(given) or not {"changed_from", "changed_before"} & set(search):
        start, end = one(given, "start_date"), one(given, "end_date")
        search |= _said(*span(start, end, now, LONGEST_SPAN, LONGEST_SPAN))
    if codes := many(given, "service_code"):
        search["categories"] = codes
    if statuses := many(given, "status"):
        search["states"] = [state for each in statuses for state in _states(each)]
    return search


def step_search(given: Given, now: datetime) -> Document:
    """The search that ``GET servicerequestupdates`` is; raises ``Problem``."""
    search: Document = {"actions": list(TOLD)}
    issues = _requests(given)
    if issues:
        search["issues"] = issues
    if not issues or _dated(given):
        start, end = one(given, "start_date"), one(given, "end_date")
        search |= _said(*span(start, end, now, LONGEST_UPDATES, USUAL_UPDATES))
    return search


def _dated(given: Given) -> bool:
    return "start_date" in given or "end_date" in given


def _requests(given: Given) -> list[str]:
    issues = many(given, "service_request_id")
    if len(issues) > MOST_REQUESTS:
        raise invalid("service_request_id", f"at most {MOST_REQUESTS} at once")
    return issues


def _said(start: datetime, end: datetime) -> Document:
    return {"from": start.isoformat(), "before": end.isoformat()}


def _updated(given: Given) -> Document:
    found = {}
    if after := one(given, "updated_after"):
        found["changed_from"] = from_of(parse("updated_after", after)).isoformat()
    if before := one(given, "updated_before"):
        found["changed_before"] = before_of(parse("updated_before", before)).isoformat()
    return found


def _states(status: str) -> Iterable[str]:
    if status.lower() not in (OPEN, CLOSED):
        raise invalid("status", f"must be {OPEN} or {CLOSED}")
    return states_of(status.lower())


def _page(given: Given) -> Document:
    size = _number(given, "page_size", MOST_FOUND, MOST_FOUND)
    page = _number(given, "page", 1, MOST_SKIPPED)
    if (page - 1) * size > MOST_SKIPPED:
        raise invalid(
            "page", f"at most {MOST_SKIPPED} requests can be passed over: narrow the dates"
        )
    return {"limit": size, "skip": (page - 1) * size}


def _number(given: Given, name: str, usual: int, most: int) -> int:
    text = one(given, name)
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise invalid(name, f"must be a whole number from 1 to {most}")
    return int(text)
