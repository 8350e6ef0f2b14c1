"""New requests and updates of Open311 as reports and remarks. Pure functions.

Of who says it nothing is kept (DOMAIN: people): names, numbers and devices only tell whether a
report is the same again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.gateway.open311.dates import parse
from services.gateway.open311.filters import Given, one
from services.gateway.open311.statuses import KNOWN_ELSEWHERE
from suishoupai.clock import EPOCH
from suishoupai.contracts.problems import Problem, invalid, invalid_fields
from suishoupai.contracts.questions import MOST_PHOTOS

Document = dict[str, Any]

SAME_WITHIN = timedelta(minutes=10)
"""For so long at least, and for twice that at most, the same request is not taken again."""

NEEDED = dict.fromkeys(("lat", "long"), "it is needed: no address is looked up here")
"""What is said of a parameter that is missing, where that is more than that it is."""


def report_of(given: Given, row: Document | None, photos: list[str]) -> Document:
    """The report of a new request; ``row``: the catalogue's for its service_code, None when there
    is none. Raises ``Problem`` naming a parameter at fault."""
    _need(given, "service_code", "lat", "long")
    if row is None:
        raise Problem(
            "not-found", f"service_code: there is no service {one(given, 'service_code')}"
        )
    location = {"lng": _degrees(given, "long"), "lat": _degrees(given, "lat"), "datum": "WGS-84"}
    return {
        "category": row["code"],
        "description": one(given, "description") or row["name"],
        "location": location,
        "address": one(given, "address_string") or "",
        "photos": photos,
    }


def _need(given: Given, *names: str) -> None:
    """Raises ``Problem`` naming every parameter that is not there."""
    missing = {name: [NEEDED.get(name, "it is needed")] for name in names if name not in given}
    if missing:
        raise invalid_fields(missing)


def _degrees(given: Given, name: str) -> float:
    try:
        value = float(given[name][0])
    except ValueError as error:
        raise invalid(name, "must be degrees, such as 33.4805") from error
    most = 180 if name == "long" else 90
    if not -most <= value <= most:
        raise invalid(name, f"must lie between -{most} and {most}")
    return value


def remark_of(given: Given, photos: list[str]) -> Document:
    """The remark that an update is; raises ``Problem`` naming a parameter at fault."""
    _need(given, "service_request_id", "update_id", "description")
    status, said_at = one(given, "status"), one(given, "updated_datetime")
    if status and status.upper() not in KNOWN_ELSEWHERE:
        raise invalid("status", f"must be one of: {', '.join(KNOWN_ELSEWHERE)}")
    return {
        "key": one(given, "update_id"),
        "note": one(given, "description"),
        "photos": photos,
        "status": status and status.upper(),
        "observed_at": said_at and parse("updated_datetime", said_at).isoformat(),
    }


def photos_of(given: Given, taken: Iterable[str]) -> list[str]:
    """The photos that come with a form: addresses elsewhere, and those that were taken in."""
    photos = [url.strip() for url in given.get("media_url", ())]
    photos = list(dict.fromkeys([*photos, *taken]))
    if len(photos) > MOST_PHOTOS:
        raise invalid("media_url", f"at most {MOST_PHOTOS} photos")
    return photos


def keys_of(given: Given, digests: Iterable[str], now: datetime) -> tuple[str, str]:
    """The idempotency keys of a request that names none, of now and of a while ago: its whole
    content, and when it came. ``digests``: of its files."""
    said = json.dumps([sorted(given.items()), sorted(digests)])
    content = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]
    slot = (now - EPOCH) // SAME_WITHIN
    return f"open311:{content}:{slot}", f"open311:{content}:{slot - 1}"
