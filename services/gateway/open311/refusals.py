"""Problems in the form of Open311: its statuses, and a list of errors in XML or JSON.

GeoReport v2: 404 for what does not exist, 403 for an API key that is missing or wrong, 400 for
whatever else cannot be fulfilled as asked. Beyond it: 405, 429 and 503, the latter two with
``Retry-After``, and 500; a client that knows only the 400s treats them as failures all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.open311.rendering import KINDS, rendered
from services.gateway.open311.schemas import Error
from services.gateway.operation import Refusals
from suishoupai.contracts.problems import TITLES, Problem

KEPT = (404, 405, 429, 500, 503)
"""Statuses that are the same in Open311."""

FIELDS = {
    "category": "service_code",
    "description": "description",
    "location": "lat, long",
    "location.lat": "lat",
    "location.lng": "long",
    "address": "address_string",
    "photos": "media_url",
    "note": "description",
    "observed_at": "updated_datetime",
    "key": "update_id",
}
"""Field of a question between the services → the parameter it came from."""


def status_of(code: str) -> int:
    """The HTTP status of a problem in Open311."""
    status = TITLES[code][0]
    if status in (401, 403):
        return 403
    return status if status in KEPT else 400


def errors_of(problem: Problem) -> list[dict[str, Any]]:
    """What is wrong, an error for each parameter at fault."""
    code = status_of(problem.code)
    said = [f"{_parameter(each['field'])}: {each['message']}" for each in problem.errors]
    return [
        {"code": code, "description": text}
        for text in said or [problem.detail or TITLES[problem.code][1]]
    ]


def _parameter(field: str) -> str:
    whole, _, _ = field.partition(".")
    return FIELDS.get(field) or FIELDS.get(whole) or field


def refused(problem: Problem, path: Mapping[str, str]) -> Response:
    """The answer that refuses, in the format that was asked for."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    extension = path.get("format", "")
    return rendered("errors", errors_of(problem), extension, status_of(problem.code), headers)


REFUSALS = Refusals(tuple(KINDS.values()), Error(many=True), status_of, refused)
