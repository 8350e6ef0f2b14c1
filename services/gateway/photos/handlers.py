"""Photos are sent, and shown to who may see them."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from werkzeug.http import quote_etag, unquote_etag
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.photos.bodies import MULTIPART, spooled, whole_form
from services.gateway.photos.darkroom import unusable
from services.gateway.photos.intake import Document, take_in
from services.gateway.photos.store import thumbnail_name
from services.gateway.routes import Gateway
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import photo_address
from suishoupai.web import answer

SHOWN_WITH = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
"""A photo never changes, and is nothing but a photo."""

log = structlog.get_logger(__name__)


def send(gateway: Gateway, call: Call) -> Response:
    """Takes a photo in: the part ``photo`` of a form, or the whole body."""
    if call.request.mimetype == MULTIPART:
        photo = _from_form(gateway, call)
    else:
        with spooled(call.request, gateway.settings.photo_bytes) as stream:
            photo = take_in(gateway, call.caller, stream, call.request.content_type)
    return answer(photo, 201, {"Location": photo["url"]})


def _from_form(gateway: Gateway, call: Call) -> Document:
    with whole_form(call.request, 1, gateway.settings.photo_bytes) as parts:
        if not parts:
            raise unusable("it is missing")
        (part,) = parts
        if part.name != "photo":
            raise invalid(part.name, "unknown")
        return take_in(gateway, call.caller, part.stream, part.kind)


def show(gateway: Gateway, call: Call) -> Response:
    """The photo."""
    photo = _seen(gateway, call)
    return _shown(gateway, call, photo["_id"], photo["bytes"], photo["_id"])


def show_thumbnail(gateway: Gateway, call: Call) -> Response:
    """The photo, small."""
    photo = _seen(gateway, call)
    name = thumbnail_name(photo["_id"])
    return _shown(gateway, call, name, photo["thumbnail_bytes"], f"{photo['_id']}-thumbnail")


def _seen(gateway: Gateway, call: Call) -> Document:
    """The photo, if the caller sent it or may see a case that shows it; else there is none."""
    photo = gateway.store.photos.find(call.path["photo"])
    if photo is None:
        raise _none(call)
    if photo["owner"] != call.caller.account:
        address = photo_address(photo["_id"])
        if not gateway.peers.ask("issues", "shows_photo", call.caller, photo=address)["shown"]:
            raise _none(call)
    return photo


def _none(call: Call) -> Problem:
    return Problem("not-found", f"no photo {call.path['photo']}")


def _shown(gateway: Gateway, call: Call, name: str, size: int, tag: str) -> Response:
    """The bytes that are kept under a name; nothing that says whose they were."""
    headers = {**SHOWN_WITH, "ETag": quote_etag(tag)}
    if _has(call, tag):
        return Response(status=304, headers=headers)
    try:
        pieces: Iterator[bytes] = gateway.store.photos.keeping.read(name)
    except LookupError as error:
        log.error("a photo's bytes are missing", photo=name)
        raise _none(call) from error
    headers["Content-Length"] = str(size)
    headers["Content-Disposition"] = f'inline; filename="{tag}.jpg"'
    return Response(pieces, headers=headers, mimetype="image/jpeg", direct_passthrough=True)


def _has(call: Call, tag: str) -> bool:
    """Whether the caller has this very version: any of If-None-Match, weak ones included."""
    given = call.headers.get("If-None-Match", "")
    known = {unquote_etag(each.strip())[0] for each in given.split(",")}
    return given.strip() == "*" or tag in known
