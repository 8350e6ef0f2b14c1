"""Admission: who asks, whether they may, how often, and with what — before any handler runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Request

from services.gateway.accounts.tokens import read_token
from services.gateway.identities import NOBODY, is_person
from services.gateway.operation import ANYBODY, JSON, Operation
from services.gateway.programs.admitting import Admitted, program_caller
from services.gateway.store import GatewayStore
from suishoupai import tracing
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.settings import Settings
from suishoupai.web import read_json

API_KEY = "X-API-Key"
"""The header that a program's key comes in."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


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
    """For what is not JSON; a form's ``key_parameter`` is still in ``request.form``."""


class Gate:
    """Admits requests by the operation they ask for."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.token_secret
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
        admitted = self._admitted(store, operation, request)
        caller = admitted.caller
        address = request.remote_addr or "unknown"
        if operation.limit:
            self._limit(operation, admitted, address)
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

    def _admitted(self, store: GatewayStore, operation: Operation, request: Request) -> Admitted:
        if operation.roles == ANYBODY:
            return Admitted(NOBODY, {})
        key = _key(operation, request)
        token = request.headers.get("Authorization")
        if key is not None and token is not None:
            raise Problem("malformed", "come with a token or with an API key, not with both")
        if operation.anybody_or_key and key is None and token is None:
            return Admitted(NOBODY, {})
        admitted = (
            Admitted(self._caller(operation, request), {})
            if key is None
            else program_caller(store.programs, key)
        )
        if not operation.roles & set(admitted.caller.roles):
            raise Problem("forbidden", f"for {', '.join(sorted(operation.roles))} only")
        return admitted

    def _caller(self, operation: Operation, request: Request) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("unauthenticated", "an access token is needed: POST /api/v1/login")
        caller = read_token(token, self._secret)
        if not is_person(caller.account):
            raise Problem("unauthenticated", "the token is not a person's")
        return caller

    def _limit(self, operation: Operation, admitted: Admitted, address: str) -> None:
        item = self._limits[operation.limit]
        if operation.limit in admitted.limits:
            item = RateLimitItemPerMinute(admitted.limits[operation.limit])
        who = address if admitted.caller is NOBODY else admitted.caller.account
        if not self._limiter.hit(item, operation.limit, who):
            raise Problem("too-many-requests", f"at most {item.amount} a minute", retry_after=60)


def _key(operation: Operation, request: Request) -> str | None:
    """The API key in a request, or None: in its header, or where the operation also takes it."""
    name = operation.key_parameter
    if API_KEY in request.headers or not name:
        return request.headers.get(API_KEY)
    if request.mimetype in FORMS and request.mimetype in operation.consumes:
        return request.args.get(name) or request.form.get(name)
    return request.args.get(name)


def _query(operation: Operation, request: Request) -> dict[str, str]:
    given = {name: value for name, value in request.args.items() if name != operation.key_parameter}
    if operation.query is None and given:
        raise invalid(next(iter(given)), "unknown")
    return given


def _headers(operation: Operation, request: Request) -> dict[str, str]:
    for name in operation.headers:
        if name not in request.headers:
            raise Problem("missing-header", f"{name} is required")
    known = (*operation.headers, *operation.optional_headers)
    return {name: request.headers[name] for name in known if name in request.headers}


def _body(operation: Operation, request: Request) -> Any:
    return read_json(request) if operation.body and JSON in operation.consumes else None
