"""Bodies of requests: read before anybody works on them, within bounds, and only what is JSON."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from werkzeug.wrappers import Request

from suishoupai.contracts.problems import Problem
from suishoupai.strict_json import parse_json

LONGEST_BODY = 1024 * 1024
"""Bytes of JSON; a longer body is refused before it is read."""
MOST_WAITING = 128 * 1024 * 1024
"""Bytes of all bodies that are being read at one time, beyond which a long one is refused."""
SHORT = 64 * 1024
"""Bytes that a body may always have."""

_JSON = re.compile(r"application/(json|[a-z0-9.+_-]+\+json)")


def is_json(request: Request) -> bool:
    """Whether a request says that its body is JSON, or does not say what it is."""
    return not request.content_type or _JSON.fullmatch(request.mimetype) is not None


def read_json(request: Request) -> Any:
    """The JSON body of a request; raises ``Problem`` when it is too large, of another type or not
    JSON."""
    if not is_json(request):
        raise Problem("unsupported-media-type", "application/json is taken here")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem("unsupported-media-type", "JSON is in UTF-8")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type", "no Content-Encoding is taken here")
    _require_short(request.content_length or 0)
    # Not request.stream: werkzeug takes a chunked body of unknown length for none at all.
    body = request.environ["wsgi.input"].read(LONGEST_BODY + 1)
    _require_short(len(body))
    return parse_json(body)


class Waiting:
    """The bodies that are being read, in one process.

    A body that may be JSON is read by its connection, before a worker is taken up: those who send
    slowly wait for themselves only.
    """

    def __init__(self) -> None:
        self._bytes = 0

    def read(self, request: Request) -> None:
        """Reads the body of a request that may be JSON, for ``read_json`` to find; raises
        ``Problem`` when it is too large, or ends before it should."""
        source, told = request.environ["wsgi.input"], request.content_length
        if not is_json(request) or (told in (None, 0) and not source.chunked_input):
            return
        _require_short(told or 0)
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := source.read(min(SHORT, LONGEST_BODY + 1 - size)):
                pieces.append(piece)
                size += len(piece)
                self._bytes += len(piece)
                _require_short(size)
                if size > SHORT and self._bytes > MOST_WAITING:
                    raise Problem("unavailable", "too much is being sent", retry_after=5)
        finally:
            self._bytes -= size
        if told is not None and size < told:
            raise Problem("malformed", "the body ended early")
        request.environ["wsgi.input"] = BytesIO(b"".join(pieces))


def _require_short(size: int) -> None:
    if size > LONGEST_BODY:
        raise Problem("too-large", f"at most {LONGEST_BODY} bytes")
