"""Every error a caller can be answered with, as RFC 9457 problem details.

Example::

    raise invalid("location.datum", "must be one of: WGS-84, GCJ-02")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PROBLEM_JSON = "application/problem+json"

TITLES = {
    "not-json": (400, "The body is not JSON"),
    "missing-header": (400, "A required header is missing"),
    "malformed": (400, "The request cannot be read"),
    "unauthenticated": (401, "Log in first"),
    "wrong-credentials": (401, "User name or password is wrong"),
    "second-factor": (401, "The code of the second factor is needed, or is wrong"),
    "forbidden": (403, "This role may not do that"),
    "not-found": (404, "There is no such thing, or it is not yours to see"),
    "method-not-allowed": (405, "This address does not take that method"),
    "not-acceptable": (406, "It is not to be had in that form"),
    "too-slow": (408, "The request did not arrive in time"),
    "taken": (409, "That name is taken"),
    "wrong-offset": (409, "The upload goes on at another place"),
    "gone": (410, "It was there, and is not any more"),
    "precondition-failed": (412, "It has changed since; look at it again"),
    "unsupported-media-type": (415, "That kind of content is not taken here"),
    "unusable-photo": (422, "The photo cannot be used"),
    "unknown-action": (404, "There is no such action"),
    "stale": (409, "It has changed since; look at it again"),
    "not-now": (409, "That cannot be done now"),
    "too-large": (413, "The body is too large"),
    "invalid": (422, "The request does not fit"),
    "wrong-checksum": (460, "The piece is not the one that was sent"),
    "key-reused": (422, "This Idempotency-Key was used for another report"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "Something went wrong here"),
    "unavailable": (503, "A part of the system does not answer; try again"),
}
"""Problem code → HTTP status and title; the code is also the last part of the problem's type."""


class Problem(Exception):
    """An answer that refuses: raised anywhere, rendered once at the edge."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        errors: Iterable[Mapping[str, str]] = (),
        retry_after: int | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or TITLES[code][1])
        self.code = code
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.retry_after = retry_after
        """Seconds after which another try may succeed."""
        self.current = current
        """What the caller should have known, where a conflict is told."""

    @property
    def status(self) -> int:
        """The HTTP status of this problem."""
        return TITLES[self.code][0]

    def to_dict(self) -> dict[str, Any]:
        """The RFC 9457 members; ``errors`` names each field at fault, ``current`` is the case as it
        is now."""
        status, title = TITLES[self.code]
        body: dict[str, Any] = {
            "type": f"urn:suishoupai:problem:{self.code}",
            "title": title,
            "status": status,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        if self.current is not None:
            body["current"] = dict(self.current)
        return body

    @classmethod
    def from_dict(cls, body: Mapping[str, Any], retry_after: int | None = None) -> Problem:
        """The problem another service answered with; an unknown one becomes ``internal``."""
        code = str(body.get("type", "")).rpartition(":")[2]
        if code not in TITLES:
            return cls("internal", str(body.get("detail", "")))
        detail, errors = str(body.get("detail", "")), body.get("errors", ())
        return cls(code, detail, errors, retry_after, body.get("current"))


def invalid(field: str, message: str) -> Problem:
    """A problem with one field at fault."""
    return Problem("invalid", f"{field}: {message}", [{"field": field, "message": message}])


def invalid_fields(messages: Mapping[Any, Any]) -> Problem:
    """A problem from marshmallow's nested ``{field: [messages]}``."""
    errors = list(_flatten("", messages))
    detail = "; ".join(f"{error['field']}: {error['message']}" for error in errors)
    return Problem("invalid", detail, errors)


def _flatten(path: str, messages: Any) -> Iterable[dict[str, str]]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            step = "" if key == "_schema" else str(key)
            yield from _flatten(".".join(part for part in (path, step) if part), value)
    elif isinstance(messages, list):
        for message in messages:
            yield from _flatten(path, message)
    else:
        yield {"field": path or "body", "message": str(messages)}
