"""What is answered by Open311.

Who asks without a key, where reading is public, is a program of the whole county: it sees what is
not confidential, masked, and no photos.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.forms import read_form
from services.gateway.identities import NOBODY, program_account
from services.gateway.open311 import mapping, posting
from services.gateway.open311.dates import shown
from services.gateway.open311.filters import Given, given_in, one, request_search, step_search
from services.gateway.open311.operations import ROOT
from services.gateway.open311.rendering import KINDS, rendered
from services.gateway.photos.attaching import Take, attaching
from services.gateway.photos.bodies import PIECE
from services.gateway.photos.references import named
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import MOST_PHOTOS, photo_of
from suishoupai.county import county_code
from suishoupai.divisions import covers

Document = dict[str, Any]

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
PUBLIC = program_account("open311")
"""Account of who reads without a key; no person and no program has it."""


def discovery(gateway: Gateway, call: Call) -> Response:
    """Where what is."""
    _asked(gateway, call)
    reader = Caller(PUBLIC, ("program",), county_code(gateway.settings.county))
    changed = shown(gateway.peers.ask("issues", "categories", reader)["changed_at"])
    endpoint = {
        "specification": SPECIFICATION,
        "url": _base(call) + ROOT,
        "changeset": changed,
        "type": "test" if gateway.settings.demo else "production",
        "formats": list(KINDS.values()),
    }
    body = {
        "changeset": changed,
        "contact": "请联系本县随手拍管理员 · ask the administrators of this county",
        "key_service": "密钥由本县随手拍管理员发放 · keys are given by the administrators",
        "endpoints": [endpoint],
    }
    return _answered(call, "discovery", body)


def services(gateway: Gateway, call: Call) -> Response:
    """The classes of requests that are offered."""
    _asked(gateway, call)
    rows = _offered(gateway, _reader(gateway, call))
    return _answered(call, "services", [mapping.service(row) for row in rows.values()])


def service_definition(gateway: Gateway, call: Call) -> Response:
    """What one of them asks for besides."""
    _asked(gateway, call)
    code = call.path["service"]
    row = _offered(gateway, _reader(gateway, call)).get(code)
    if row is None:
        raise Problem("not-found", f"service_code: there is no service {code}")
    return _answered(call, "service_definition", mapping.definition(row))


def requests(gateway: Gateway, call: Call) -> Response:
    """The requests that fit."""
    search = request_search(_asked(gateway, call), clock.now())
    return _answered(call, "service_requests", _found(gateway, call, search))


def request(gateway: Gateway, call: Call) -> Response:
    """One request, by its number (or the id of its case)."""
    _asked(gateway, call)
    wanted = call.path["number"]
    found = _found(gateway, call, {"issues": [wanted]})
    if not found:
        raise Problem("not-found", f"service_request_id: there is no request {wanted}")
    return _answered(call, "service_requests", found)


def token(gateway: Gateway, call: Call) -> Response:
    """The request of a token. Requests are answered their ids at once, so there are no tokens but
    the ids of cases, as the other API gives them."""
    _asked(gateway, call)
    wanted = call.path["token"]
    reader = _reader(gateway, call)
    found = gateway.peers.ask("issues", "find_changed", reader, filters={"issues": [wanted]})
    items = [case for case in found["items"] if case["id"] == wanted]
    if not items:
        raise Problem("not-found", f"token: there is no token {wanted}")
    body = [{"service_request_id": items[0]["number"], "token": wanted}]
    return _answered(call, "service_requests", body)


def updates(gateway: Gateway, call: Call) -> Response:
    """What happened to requests."""
    search = step_search(_asked(gateway, call), clock.now())
    reader = _reader(gateway, call)
    steps = gateway.peers.ask("issues", "find_steps", reader, filters=search)["items"]
    address = _address(call)
    return _answered(
        call, "service_request_updates", [mapping.update(step, address) for step in steps]
    )


def post_request(gateway: Gateway, call: Call) -> Response:
    """Takes a new request."""
    given = _asked(gateway, call)
    files = _files(call)
    rows = _offered(gateway, call.caller)
    row = rows.get(one(given, "service_code") or "")
    body = posting.report_of(given, row, posting.photos_of(given, ()))
    _require_within(gateway, call.caller, body["location"])
    key, receipt = _known(gateway, call, given, files)
    if receipt is None:
        with attaching(gateway, call.caller) as take:
            body["photos"] = posting.photos_of(given, _taken(take, files))
            hashes = named(gateway, call.caller, body)
            receipt = gateway.peers.ask(
                "issues", "report", call.caller, body=body, key=key, hashes=hashes
            )
    answered = mapping.receipt(receipt, one(given, "account_id"))
    return _answered(call, "service_requests", [answered])


def post_update(gateway: Gateway, call: Call) -> Response:
    """Takes what was said of a request elsewhere."""
    given = _asked(gateway, call)
    files = _files(call)
    body = posting.remark_of(given, posting.photos_of(given, ()))
    wanted = one(given, "service_request_id")
    with attaching(gateway, call.caller) as take:
        body["photos"] = posting.photos_of(given, _taken(take, files))
        named(gateway, call.caller, body)
        added = gateway.peers.ask("issues", "remark", call.caller, issue=wanted, body=body)
    update_id = mapping.update_id(added["number"], added["version"])
    answered = {"update_id": update_id, "account_id": one(given, "account_id")}
    return _answered(call, "service_request_updates", [answered])


def _asked(gateway: Gateway, call: Call) -> dict[str, list[str]]:
    """What was given; raises ``Problem`` for a format or a jurisdiction that there is not."""
    if call.path["format"] not in KINDS:
        raise Problem("not-found", f"there is no {call.path['format']}: ask for xml or json")
    sources = [call.request.args]
    if call.operation.body:
        if call.request.content_type and call.request.mimetype not in call.operation.consumes:
            raise Problem("unsupported-media-type", " or ".join(call.operation.consumes))
        sources.append(read_form(call.request, gateway.settings.photo_bytes))
    given = given_in(*sources)
    given.pop(call.operation.key_parameter, None)
    county, jurisdiction = county_code(gateway.settings.county), one(given, "jurisdiction_id")
    if jurisdiction not in (None, county):
        raise Problem("not-found", f"jurisdiction_id: {jurisdiction} is not served: {county} is")
    return given


def _reader(gateway: Gateway, call: Call) -> Caller:
    if call.caller is not NOBODY:
        return call.caller
    if not gateway.settings.open311_public:
        raise Problem("unauthenticated", "api_key: a key is needed to read")
    return Caller(PUBLIC, ("program",), county_code(gateway.settings.county))


def _offered(gateway: Gateway, reader: Caller) -> dict[str, Document]:
    """The categories by code; what is confidential is not reported by way of others."""
    rows = gateway.peers.ask("issues", "categories", reader)["items"]
    return {row["code"]: row for row in rows if not row["confidential"]}


def _found(gateway: Gateway, call: Call, search: Document) -> list[Document]:
    reader = _reader(gateway, call)
    found = gateway.peers.ask("issues", "find_changed", reader, filters=search)["items"]
    address = _address(call)
    return [mapping.request(case, address) for case in found]


def _require_within(gateway: Gateway, caller: Caller, location: Document) -> None:
    """A program of a part of the county takes what lies there: it could not see anything else."""
    division = caller.division or ""
    if covers(division, county_code(gateway.settings.county)):
        return
    place = gateway.peers.ask("grid", "grid_at", caller, point=location)
    if not covers(division, place["grid"]["code"]):
        raise invalid("location", f"the point is not in {division}, which the key is for")


def _known(
    gateway: Gateway, call: Call, given: Given, files: list[FileStorage]
) -> tuple[str, Document | None]:
    """The idempotency key of a request, and its receipt where it came a while ago already."""
    if key := call.headers.get("Idempotency-Key"):
        return key, None
    key, before = posting.keys_of(given, map(_digest, files), clock.now())
    return key, gateway.peers.ask("issues", "known_report", call.caller, key=before)["receipt"]


def _digest(file: FileStorage) -> str:
    digest = hashlib.sha256()
    while piece := file.stream.read(PIECE):
        digest.update(piece)
    file.stream.seek(0)
    return digest.hexdigest()


def _files(call: Call) -> list[FileStorage]:
    """The files of a form, whatever they are called: no client agrees with another on that."""
    files = [file for _, file in call.request.files.items(multi=True) if file.filename]
    if len(files) > MOST_PHOTOS:
        raise invalid("media", f"at most {MOST_PHOTOS} photos")
    return files


def _taken(take: Take, files: list[FileStorage]) -> list[str]:
    return [take(file.stream, file.content_type or None) for file in files]


def _address(call: Call) -> Callable[[str], str | None]:
    """The whole address of a photo, for who comes with a key; for others there are none: they
    could not fetch ours, and what is kept elsewhere was never made harmless."""
    if call.caller is NOBODY:
        return lambda photo: None
    base = _base(call)
    return lambda photo: base + photo if photo_of(photo) else photo


def _base(call: Call) -> str:
    return call.request.host_url.rstrip("/")


def _answered(call: Call, root: str, body: Any) -> Response:
    return rendered(root, body, call.path["format"])
