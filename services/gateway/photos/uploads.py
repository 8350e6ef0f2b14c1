"""Uploads that survive bad networks: the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Core with creation, termination, expiration and checksum. What came is kept piece by piece as it
arrives, in the database, so that any replica goes on where another one left off.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.photos.bodies import pieces
from services.gateway.photos.intake import shown, take_in
from services.gateway.photos.operations import PIECES
from services.gateway.routes import Gateway, Handler
from suishoupai import clock
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import photo_address
from suishoupai.ids import new_id
from suishoupai.web import answer, as_problem, problem_answer

Document = dict[str, Any]

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration,checksum"
LIFETIME = timedelta(hours=24)
"""How long an upload may take."""
CHECKSUMS: dict[str, Callable[..., Any]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
"""The protocol demands SHA-1; it finds what a network broke, and is no protection."""
MOST_UNFINISHED = 100
"""Uploads of one account that lie about until they expire."""
LARGEST_PIECE = 1024 * 1024
"""Bytes that are kept at once of a piece that was checked as a whole."""
UPLOADS = "/api/v1/photos/uploads"


def tus(handler: Handler) -> Handler:
    """A handler of the protocol: it checks the version, and every answer, refusals too, says it."""

    def checked(gateway: Gateway, call: Call) -> Response:
        try:
            # GET is ours and not the protocol's: a page may ask without knowing it.
            given = call.headers.get("Tus-Resumable")
            if given != VERSION and (given or call.request.method != "GET"):
                raise Problem("precondition-failed", f"Tus-Resumable: {VERSION} is wanted")
            response = handler(gateway, call)
        except Exception as error:  # rendered here: a refusal has to say the version as well
            response = problem_answer(as_problem(error))
            response.headers["Tus-Version"] = VERSION
        response.headers["Tus-Resumable"] = VERSION
        return response

    return checked


def options(gateway: Gateway, call: Call) -> Response:
    """What is understood here."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(gateway.settings.photo_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status=204, headers=headers)


@tus
def begin(gateway: Gateway, call: Call) -> Response:
    """Begins an upload of a length that is known."""
    length = _number(call, "Upload-Length")
    if length > gateway.settings.photo_bytes:
        raise Problem("too-large", f"Upload-Length: at most {gateway.settings.photo_bytes}")
    if length == 0:
        raise invalid("Upload-Length", "a photo is not empty")
    if gateway.store.uploads.unfinished(call.caller.account) >= MOST_UNFINISHED:
        raise Problem("too-many-requests", f"{MOST_UNFINISHED} uploads are begun", retry_after=60)
    at = clock.now()
    upload: Document = {
        "_id": new_id(at),
        "owner": call.caller.account,
        "length": length,
        "offset": 0,
        "pieces": [],
        "declared": _declared(call.headers.get("Upload-Metadata", "")),
        "expires_at": at + LIFETIME,
        "photo": None,
    }
    gateway.store.uploads.insert(upload)
    return Response(
        status=201, headers={**_headers(upload), "Location": f"{UPLOADS}/{upload['_id']}"}
    )


@tus
def read(gateway: Gateway, call: Call) -> Response:
    """How far it is; one that is complete and was cut off before it became a photo becomes one."""
    upload = _upload(gateway, call)
    photo = _photo(gateway, call, upload)
    body = {
        "id": upload["_id"],
        "offset": upload["offset"],
        "length": upload["length"],
        "expires_at": upload["expires_at"].isoformat(),
        "photo": photo,
    }
    headers = {"Cache-Control": "no-store", "Upload-Length": str(upload["length"])}
    return answer(body, headers=_headers(upload, photo) | headers)


@tus
def go_on(gateway: Gateway, call: Call) -> Response:
    """Takes the next piece; with the last one the upload becomes a photo."""
    if call.request.mimetype != PIECES:
        raise Problem("unsupported-media-type", f"{PIECES} is wanted")
    upload = _upload(gateway, call)
    offset = _number(call, "Upload-Offset")
    if offset != upload["offset"]:
        raise _elsewhere(upload)
    if "Upload-Checksum" in call.headers:
        _append_checked(gateway, call, upload)
    else:
        for piece in pieces(call.request, upload["length"] - offset):
            _append(gateway, upload, piece)
    photo = _photo(gateway, call, upload)
    return Response(status=204, headers=_headers(upload, photo))


@tus
def end(gateway: Gateway, call: Call) -> Response:
    """Gives an upload up; a photo that it became stays."""
    gateway.store.uploads.remove(_upload(gateway, call)["_id"])
    return Response(status=204)


def _upload(gateway: Gateway, call: Call) -> Document:
    upload = gateway.store.uploads.find(call.path["upload"], call.caller.account)
    if upload is None:
        raise Problem("not-found", f"no upload {call.path['upload']}")
    if upload["expires_at"] <= clock.now():
        raise Problem("gone", "the upload has expired: begin anew")
    return upload


def _append(gateway: Gateway, upload: Document, data: bytes) -> None:
    """Keeps a piece, and moves ``upload`` on by it."""
    piece = new_id(clock.now())
    if not gateway.store.uploads.append(upload, upload["offset"], piece, data):
        raise _elsewhere(upload)
    upload["offset"] += len(data)
    upload["pieces"].append(piece)


def _append_checked(gateway: Gateway, call: Call, upload: Document) -> None:
    """Keeps a piece only if it came as it was sent: all of it, or none."""
    name, _, wanted = call.headers["Upload-Checksum"].partition(" ")
    if name not in CHECKSUMS:
        raise Problem("malformed", f"Upload-Checksum: one of {', '.join(CHECKSUMS)}")
    digest = CHECKSUMS[name](usedforsecurity=False)
    with TemporaryFile() as file:
        for piece in pieces(call.request, upload["length"] - upload["offset"]):
            digest.update(piece)
            file.write(piece)
        if not hmac.compare_digest(digest.digest(), _decoded(wanted, "Upload-Checksum")):
            raise Problem("wrong-checksum", "Upload-Checksum: another one came; send it again")
        file.seek(0)
        while piece := file.read(LARGEST_PIECE):
            _append(gateway, upload, piece)


def _photo(gateway: Gateway, call: Call, upload: Document) -> Document | None:
    """What a complete upload became, once; one that is no photo is forgotten, and said so."""
    if upload["offset"] < upload["length"]:
        return None
    if upload["photo"]:
        known = gateway.store.photos.find(upload["photo"])
        return shown(known) if known else None
    with TemporaryFile() as file:
        try:
            for piece in gateway.store.uploads.data(upload):
                file.write(piece)
        except LookupError as error:
            raise Problem("gone", "the upload was finished or ended meanwhile") from error
        file.seek(0)
        try:
            photo = take_in(gateway, call.caller, file, upload["declared"])
        except Problem as problem:
            if problem.status < 500:
                gateway.store.uploads.remove(upload["_id"])
            raise
    gateway.store.uploads.finish(upload["_id"], photo["id"])
    return photo


def _elsewhere(upload: Document) -> Problem:
    return Problem("wrong-offset", f"ask by HEAD where upload {upload['_id']} goes on")


def _headers(upload: Document, photo: Document | None = None) -> dict[str, str]:
    headers = {
        "Upload-Offset": str(upload["offset"]),
        "Upload-Expires": http_date(upload["expires_at"]),
    }
    return headers | {"Suishoupai-Photo": photo_address(photo["id"])} if photo else headers


def _number(call: Call, name: str) -> int:
    text = call.headers[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise invalid(name, "must be a number of bytes")
    return int(text)


def _declared(metadata: str) -> str | None:
    """The media type among ``name base64,name base64``: ``filetype``; raises ``Problem``."""
    given = dict(each.strip().partition(" ")[::2] for each in metadata.split(","))
    encoded = given.get("filetype") or given.get("type")
    if not encoded:
        return None
    return _decoded(encoded, "Upload-Metadata").decode("ascii", "replace")[:100]


def _decoded(text: str, name: str) -> bytes:
    try:
        return b64decode(text.strip(), validate=True)
    except (NotBase64, ValueError) as error:
        raise Problem("malformed", f"{name}: not base64") from error
