"""Cases, steps and categories as Open311's requests, updates and services. Pure functions.

Every text that people wrote is masked (DOMAIN: people); nothing says who reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.gateway.open311 import dates
from services.gateway.open311.statuses import DETAILED, explained, status_of
from suishoupai.masking import mask

Document = dict[str, Any]
Address = Callable[[str], str | None]
"""The whole address of a photo, or None where the reader could not fetch it."""


def service(row: Document) -> Document:
    """A row of the catalogue. No category asks for more than every report has: ``metadata`` is
    false, and there are no attributes."""
    words = [row["major_name"], *row["responsible"]]
    return {
        "service_code": row["code"],
        "service_name": row["name"],
        "description": row["filing_condition"] or row["name"],
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(dict.fromkeys(word.replace(",", " ") for word in words)),
        "group": row["major_name"],
    }


def definition(row: Document) -> Document:
    """The definition of a service."""
    return {"service_code": row["code"], "attributes": []}


def request(case: Document, address: Address) -> Document:
    """A case in short as a service request."""
    led_here, party, due = case["led_here"], case["responsible"], case["bundled_due_at"]
    notes = explained(case["state"], led_here["action"], led_here["why"])
    return {
        "service_request_id": case["number"],
        "status": status_of(case["state"]),
        "status_notes": mask(notes),
        "service_name": case["category"]["name"],
        "service_code": case["category"]["code"],
        "description": mask(case["description"]),
        "agency_responsible": party and party["name"],
        "service_notice": None,
        "requested_datetime": dates.shown(case["reported_at"]),
        "updated_datetime": dates.shown(case["changed_at"]),
        "expected_datetime": due and dates.shown(due),
        "address": mask(case["address"]) or None,
        "address_id": case["grid"] and case["grid"]["code"],
        "zipcode": None,
        "lat": case["location"]["lat"],
        "long": case["location"]["lng"],
        "media_url": _first(case["photos"], address),
    }


def update(step: Document, address: Address) -> Document:
    """A step of a case as a service request update; a remark is its own words."""
    said = explained(step["to"], step["action"], step["why"])
    return {
        "update_id": update_id(step["number"], step["version"]),
        "service_request_id": step["number"],
        "status": DETAILED[step["to"]],
        "updated_datetime": dates.shown(step["at"]),
        "description": mask(step["why"] if step["action"] == "remark" else said),
        "media_url": _first(step["photos"], address),
    }


def update_id(number: str, version: int) -> str:
    """The id of the update that led a case to a version."""
    return f"{number}-{version}"


def receipt(taken: Document, account_id: str | None) -> Document:
    """What is answered to a new request. Where life is in danger, whom to call comes first."""
    calls = "、".join(f"{each['number']}（{each['name']}）" for each in taken["emergency"])
    urgent = f"如有人身危险，请立即拨打 {calls}。" if calls else ""
    return {
        "service_request_id": taken["number"],
        "service_notice": f"{urgent}已登记，编号 {taken['number']}，由所在社区核实后办理。",
        "account_id": account_id,
    }


def _first(photos: list[str], address: Address) -> str | None:
    return next(filter(None, map(address, photos)), None)
