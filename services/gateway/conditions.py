"""Conditional requests (RFC 9110, section 13): tags of what is answered, 304, and If-Match.

A tag is strong: it is made from the bytes that are answered, so it changes with anything that this
caller is shown. That of a case begins with its version: ``"7-5be1f04b8c2a"``.
"""

from __future__ import annotations

import hashlib
import re

from werkzeug.datastructures import ETags
from werkzeug.http import parse_etags
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.routes import Gateway, Handler

UNCHANGED = {304: "You have it already: what If-None-Match names is still what would be answered"}
"""For ``Operation.also``."""
KEPT = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Whoever asked may keep the answer, and asks again before using it; nobody between may."""
OF_VERSION = re.compile(r"([1-9][0-9]{0,8})-[0-9a-f]+")


def tag_of(content: bytes, version: int | None = None) -> str:
    """The tag of what is answered, without its quotes."""
    digest = hashlib.sha256(content).hexdigest()[:20]
    return digest if version is None else f"{version}-{digest}"


def versions_matched(if_match: str | None) -> list[int] | None:
    """The versions of a case that an If-Match header allows; None where it allows any, because it
    is not there or is ``*``.

    Compared strongly: a weak tag, and one that no case ever had, allows none. What of a case was
    seen (its ``fields``) makes no difference: the version does.
    """
    if if_match is None:
        return None
    tags = parse_etags(if_match)
    if tags.star_tag:
        return None
    # An empty tag is one that no case ever had; it is read as None.
    found = (OF_VERSION.fullmatch(tag or "") for tag in tags.as_set())
    return sorted(int(match[1]) for match in found if match)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has what this tag stands for (compared weakly, as a GET does)."""
    tags: ETags = parse_etags(if_none_match)
    return tags.star_tag or tags.contains_weak(tag)


def tagged(response: Response, version: int | None = None) -> Response:
    """An answer with the tag of its content."""
    response.set_etag(tag_of(response.get_data(), version))
    response.headers.update(KEPT)
    return response


def unless_known(response: Response, call: Call) -> Response:
    """A tagged answer, or 304 where the caller has it."""
    tag, _ = response.get_etag()
    return unchanged(tag) if tag and is_known(call.headers.get("If-None-Match"), tag) else response


def unchanged(tag: str) -> Response:
    """304, with the tag of what the caller has."""
    response = Response(status=304, headers=KEPT)
    response.set_etag(tag)
    return response


def conditional(handler: Handler) -> Handler:
    """A handler that answers 304 when its answer is what the caller has."""

    def conditionally(gateway: Gateway, call: Call) -> Response:
        return unless_known(tagged(handler(gateway, call)), call)

    return conditionally
