"""What a request may look like on the wire (RFC 9112), where a lenient reader is dangerous.

Two readers of one connection, a proxy and this program, must agree on where each request ends and
which address it asks for. So what only some would accept is refused, not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urlsplit

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"[A-Z]{1,20} [\x21-\x7e]+ HTTP/1\.[01]\r\n")
_HEADER_LINE = re.compile(_TOKEN + rb":[\t\x20-\x7e\x80-\xff]*\r\n")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e]*)?\r\n")
_HOST = re.compile(r"[A-Za-z0-9.\-_]*(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_HALF_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

ONCE = ("host", "content-length", "transfer-encoding", "content-type", "authorization", "x-api-key")
"""Headers of which a second one would be ambiguous."""


def is_request_line(line: bytes) -> bool:
    """Whether a line is a method, a target and a version, with single spaces between."""
    return _REQUEST_LINE.fullmatch(line) is not None


def is_header_line(line: bytes) -> bool:
    """Whether a line is one header, whole: no continuation, no space before its colon, no lone CR
    or LF, no control character."""
    return _HEADER_LINE.fullmatch(line) is not None


def size_of_chunk(line: bytes) -> int | None:
    """The size that a line of a chunked body tells, or None when it tells none."""
    match = _CHUNK_LINE.fullmatch(line)
    return int(match[1], 16) if match else None


def framing_fault(headers: Sequence[tuple[str, str]], version: str) -> str | None:
    """Why two readers may disagree on where a request ends or whom it is for, or None."""
    given = [(name.lower(), value.strip(" \t")) for name, value in headers]
    names = [name for name, _ in given]
    if twice := next((name for name in ONCE if names.count(name) > 1), None):
        return f"{twice} is given more than once"
    only = dict(given)
    if "transfer-encoding" in only:
        if "content-length" in only:
            return "content-length and transfer-encoding together"
        if version == "HTTP/1.0" or only["transfer-encoding"].lower() != "chunked":
            return "transfer-encoding must be chunked, in HTTP/1.1"
    if not re.fullmatch(r"[0-9]{1,15}", only.get("content-length", "0")):
        return "content-length is not a number"
    if version != "HTTP/1.0" and "host" not in only:
        return "host is missing"
    return None if _HOST.fullmatch(only.get("host", "")) else "host is not a host"


def origin_form(target: str) -> str | None:
    """The path and query that a target asks for, or None: ``/path?query`` or ``http://host/…``."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def path_fault(path: str, query: str = "") -> str | None:
    """Why a path and query as they were sent cannot be read, or None."""
    if "#" in path or "\\" in path or _HALF_ENCODED.search(path):
        return "the path is not encoded"
    try:
        decoded = unquote_to_bytes(path).decode()
        unquote_to_bytes(query.replace("+", " ")).decode()
    except UnicodeDecodeError:
        return "the path or the query is not UTF-8"
    return "the path has control characters" if _CONTROL.search(decoded) else None


def is_plain_path(path: str) -> bool:
    """Whether a path as it was sent means the same to everybody: no empty segment, no dots that go
    elsewhere, no separator in disguise."""
    if not path.startswith("/") or re.search("%2f|%5c", path, re.IGNORECASE):
        return False
    _, *segments = unquote_to_bytes(path).split(b"/")
    return b"" not in segments[:-1] and not {b".", b".."} & set(segments)
