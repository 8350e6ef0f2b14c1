"""Who caused what: a correlation id and a W3C traceparent, from HTTP to the last event."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Trace:
    """One chain of causes: the caller's correlation id and the W3C trace context."""

    correlation: str
    traceparent: str


def new_trace(correlation: str | None = None, traceparent: str | None = None) -> Trace:
    """A trace that continues what the caller sent, or starts anew where that is not well formed."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id, flags = (match[1], match[3]) if match else (secrets.token_hex(16), "01")
    if not _CORRELATION.fullmatch(correlation or ""):
        correlation = trace_id
    return Trace(str(correlation), f"00-{trace_id}-{secrets.token_hex(8)}-{flags}")


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(trace: Trace) -> None:
    """Makes ``trace`` the one of this worker, for its log lines and the questions it asks."""
    _current.set(trace)
    structlog.contextvars.bind_contextvars(correlation=trace.correlation)


def current() -> Trace:
    """The trace of this worker; a new one where none was begun."""
    return _current.get() or new_trace()
