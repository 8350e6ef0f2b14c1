"""Admission: who asks, whether they may, how often, and with what — before any handler runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Request

from services.gateway.accounts.ended import EndedSessions
from services.gateway.accounts.tokens import read_token
from services.gateway.operation import ANYBODY, JSON, Operation
from services.gateway.store import GatewayStore
from suishoupai import tracing
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.settings import Settings
from suishoupai.web import read_json

NOBODY = Caller("nobody", ())


@dataclass(frozen=True)
class Call:
    """An admitted request: its caller and everything it brought, for a handler to use."""

    operation: Operation
    caller: Caller
    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    """The JSON body; None where another media type is taken."""
    address: str
    request: Request
    """For what is not JSON."""


class Gate:
    """Admits requests by the operation they ask for."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.token_secret
        self.ended = EndedSessions(settings.token_seconds)
        """Sessions whose access tokens are refused."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits = {
            "logins": RateLimitItemPerMinute(settings.logins_per_minute),
            "reports": RateLimitItemPerMinute(settings.reports_per_minute),
            "actions": RateLimitItemPerMinute(settings.actions_per_minute),
            "reads": RateLimitItemPerMinute(settings.reads_per_minute),
            "uploads": RateLimitItemPerMinute(settings.uploads_per_minute),
        }

    def admit(
        self, store: GatewayStore, operation: Operation, request: Request, path: dict[str, str]
    ) -> Call:
        """The request as a call; raises ``Problem`` when it is not admitted."""
        trace = tracing.new_trace(
            request.headers.get("X-Request-ID"), request.headers.get("traceparent")
        )
        tracing.begin(trace)
        caller = self._caller(operation, request)
        address = request.remote_addr or "unknown"
        if operation.limit:
            self._limit(operation, caller, address)
        return Call(
            operation=operation,
            caller=caller,
            path=path,
            query=_query(operation, request),
            headers=_headers(operation, request),
            body=_body(operation, request),
            address=address,
            request=request,
        )

    def _caller(self, operation: Operation, request: Request) -> Caller:
        if operation.roles == ANYBODY:
            return NOBODY
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("unauthenticated", "an access token is needed: POST /api/v1/login")
        caller = read_token(token, self._secret)
        if caller.session in self.ended:
            raise Problem("unauthenticated", "the session has ended")
        if not operation.roles & set(caller.roles):
            raise Problem("forbidden", f"for {', '.join(sorted(operation.roles))} only")
        return caller

    def _limit(self, operation: Operation, caller: Caller, address: str) -> None:
        item = self._limits[operation.limit]
        who = address if caller is NOBODY else caller.account
        if not self._limiter.hit(item, operation.limit, who):
            raise Problem("too-many-requests", f"at most {item.amount} a minute", retry_after=60)


def _query(operation: Operation, request: Request) -> dict[str, str]:
    if operation.query is None and request.args:
        name = next(iter(request.args))
        raise Problem("invalid", f"{name}: unknown", [{"field": name, "message": "unknown"}])
    return dict(request.args.items())


def _headers(operation: Operation, request: Request) -> dict[str, str]:
    for name in operation.headers:
        if name not in request.headers:
            raise Problem("missing-header", f"{name} is required")
    known = (*operation.headers, *operation.optional_headers)
    return {name: request.headers[name] for name in known if name in request.headers}


def _body(operation: Operation, request: Request) -> Any:
    return read_json(request) if operation.body and JSON in operation.consumes else None
