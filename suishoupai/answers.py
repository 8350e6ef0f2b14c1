"""Answers: JSON, problems rendered once, and the headers that every answer has."""

from __future__ import annotations

import json
from typing import Any

import structlog
from eventlet.wsgi import ChunkReadError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from suishoupai.contracts.problems import PROBLEM_JSON, Problem
from suishoupai.mongo import is_unavailable

PROTECTION = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Headers of every answer, unless its handler said otherwise: it is data, never a page, and not for
a cache to keep."""

_BY_STATUS = {404: "not-found", 413: "too-large", 415: "unsupported-media-type"}
"""Problems by the status of what werkzeug raises while it reads a request."""

log = structlog.get_logger(__name__)


class TooSlow(TimeoutError):
    """A request that did not arrive in time."""


def answer(
    body: Any,
    status: int = 200,
    headers: dict[str, str] | None = None,
    kind: str = "application/json",
) -> Response:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, headers=headers, content_type=kind)


def problem_answer(problem: Problem) -> Response:
    """A refusal as RFC 9457 problem details."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(problem.to_dict(), problem.status, headers, PROBLEM_JSON)


def protect(response: Response) -> Response:
    """The same answer with the headers that every answer has."""
    for name, value in PROTECTION.items():
        response.headers.setdefault(name, value)
    return response


def as_problem(error: Exception) -> Problem:
    """What a caller is told of an error; one that nobody meant is logged and not explained."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TooSlow):
        return Problem("too-slow")
    if isinstance(error, ChunkReadError):
        return Problem("malformed", "the chunks of the body cannot be read")
    if isinstance(error, HTTPException) and error.code and error.code < 500:
        return Problem(_BY_STATUS.get(error.code, "malformed"))
    if is_unavailable(error):
        return Problem("unavailable", "the database does not answer", retry_after=5)
    log.error("unexpected error", error=repr(error), exc_info=error)
    return Problem("internal")
