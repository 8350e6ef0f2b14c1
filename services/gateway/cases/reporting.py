"""A report and the photos that come with it, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.gateway.admission import Call
from services.gateway.photos.attaching import Take
from services.gateway.photos.bodies import MULTIPART, Part, whole_form
from services.gateway.routes import Gateway
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import MOST_PHOTOS
from suishoupai.strict_json import parse_json
from suishoupai.web import LONGEST_BODY


def report_body(gateway: Gateway, call: Call, take: Take) -> Any:
    """The JSON of a report; the photos of a form are taken in by ``take`` and named in it.

    The same form again gives the same: the same photo has the same address.
    """
    if call.request.mimetype != MULTIPART:
        return call.body
    most = gateway.settings.photo_bytes
    with whole_form(call.request, 1 + MOST_PHOTOS, most) as parts:
        body = _report_in(parts)
        photos = [take(part.stream, part.kind) for part in parts if part.name == "photo"]
    return _with_photos(body, photos)


def _report_in(parts: Sequence[Part]) -> Any:
    for part in parts:
        if part.name not in ("report", "photo"):
            raise invalid(part.name, "unknown")
    reports = [part for part in parts if part.name == "report"]
    if not reports:
        raise invalid("report", "it is missing")
    return _json(reports[-1].stream.read(LONGEST_BODY + 1))


def _json(raw: bytes) -> Any:
    if len(raw) > LONGEST_BODY:
        raise Problem("too-large", f"report: at most {LONGEST_BODY} bytes")
    return parse_json(raw)


def _with_photos(body: Any, photos: list[str]) -> Any:
    """What is out of shape stays so: the service that keeps reports judges it."""
    named = body.get("photos", []) if isinstance(body, dict) else None
    if not isinstance(named, list):
        return body
    return {**body, "photos": list(dict.fromkeys([*named, *photos]))}
