"""Admission: who asks, whether they may, how often, and with what — before any handler runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from services.gateway.accounts.ended import EndedSessions
from services.gateway.accounts.tokens import read_token
from services.gateway.addresses import client_address, network_of
from services.gateway.forms import read_form
from services.gateway.identities import ANONYMOUS, NOBODY, is_person
from services.gateway.operation import ANYBODY, FORM, JSON, MULTIPART, Operation
from services.gateway.programs.admitting import Admitted, program_caller
from services.gateway.rates import Rates
from services.gateway.store import GatewayStore
from services.gateway.strangers import private_key
from suishoupai import tracing
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.settings import Settings
from suishoupai.strict_json import printable, unkeepable
from suishoupai.web import read_json

API_KEY = "X-API-Key"
"""The header that a program's key comes in."""
IDEMPOTENCY_KEY = "Idempotency-Key"
FORMS = (FORM, MULTIPART)


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
    limits: Mapping[str, int]
    """How often in a minute, where that is the caller's own."""
    request: Request
    """For what is not JSON; a form's ``key_parameter`` is still in ``request.form``."""


class Gate:
    """Admits requests by the operation they ask for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = settings.token_secret
        self._largest_files = settings.photo_bytes
        self._rates = Rates(settings)
        self.ended = EndedSessions(settings.token_seconds)
        """Sessions whose access tokens are refused."""
        self._limits = {
            "logins": settings.logins_per_minute,
            "reports": settings.reports_per_minute,
            "actions": settings.actions_per_minute,
            "reads": settings.reads_per_minute,
            "uploads": settings.uploads_per_minute,
        }

    def address(self, request: Request) -> str:
        """Where a request comes from, as far as it can be believed."""
        return client_address(
            request.remote_addr or "",
            request.headers.get("X-Forwarded-For", ""),
            self._settings.trusted_proxies,
        )

    def count_request(self, request: Request) -> None:
        """Counts a request of any kind by its address; raises ``Problem`` (429) over the limit."""
        network = network_of(self.address(request))
        self._rates.count("requests", network, self._settings.requests_per_minute)

    def admit(
        self, store: GatewayStore, operation: Operation, request: Request, path: dict[str, str]
    ) -> Call:
        """The request as a call; raises ``Problem`` when it is not admitted."""
        trace = tracing.new_trace(
            request.headers.get("X-Request-ID"), request.headers.get("traceparent")
        )
        tracing.begin(trace)
        admitted, address = self._admitted(store, operation, request), self.address(request)
        self._limit(operation, admitted, address)
        query, headers = _query(operation, request), _headers(operation, request)
        body = _body(operation, request)
        if operation.limit == "logins":
            self._limit_account(body)
        if admitted.caller is ANONYMOUS and IDEMPOTENCY_KEY in headers:
            kept = private_key(self._secret, headers[IDEMPOTENCY_KEY], body)
            headers = {**headers, IDEMPOTENCY_KEY: kept}
        return Call(
            operation=operation,
            caller=admitted.caller,
            path=path,
            query=query,
            headers=headers,
            body=body,
            address=address,
            limits=admitted.limits,
            request=request,
        )

    def charge(self, call: Call, more: int) -> None:
        """Counts a call as ``more`` calls besides itself; raises ``Problem`` when that is too
        often."""
        if more > 0:
            admitted = Admitted(call.caller, call.limits)
            self._limit(call.operation, admitted, call.address, more)

    def caller_of(self, store: GatewayStore, call: Call) -> Caller:
        """Who asks by a call that is still being answered, looked at anew; raises ``Problem`` when
        they would not be admitted any more."""
        return self._admitted(store, call.operation, call.request).caller

    def _admitted(self, store: GatewayStore, operation: Operation, request: Request) -> Admitted:
        if operation.roles == ANYBODY:
            return Admitted(NOBODY, {})
        key = _key(operation, request, self._largest_files)
        token = request.headers.get("Authorization")
        if key is not None and token is not None:
            raise Problem("malformed", "come with a token or with an API key, not with both")
        if key is None and token is None and (stranger := self._stranger(operation)):
            return stranger
        admitted = (
            Admitted(self._caller(operation, request), {})
            if key is None
            else program_caller(store.programs, key)
        )
        if not operation.roles & set(admitted.caller.roles):
            raise Problem("forbidden", f"for {', '.join(sorted(operation.roles))} only")
        return admitted

    def _stranger(self, operation: Operation) -> Admitted | None:
        """As whom somebody without a token or key is admitted, if at all."""
        if operation.anybody_or_key:
            return Admitted(NOBODY, {})
        if operation.anonymous and self._settings.anonymous_reports:
            most = self._settings.anonymous_reports_per_minute
            return Admitted(ANONYMOUS, {operation.counted_as: most})
        return None

    def _caller(self, operation: Operation, request: Request) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("unauthenticated", "an access token is needed: POST /api/v1/login")
        caller = read_token(token, self._secret)
        if not is_person(caller.account):
            raise Problem("unauthenticated", "the token is not a person's")
        if caller.session in self.ended:
            raise Problem("unauthenticated", "the session has ended")
        return caller

    def _limit(
        self, operation: Operation, admitted: Admitted, address: str, times: int = 1
    ) -> None:
        name = operation.counted_as
        most = admitted.limits.get(name, self._limits[name])
        who = f"account {admitted.caller.account}"
        if admitted.caller in (NOBODY, ANONYMOUS):
            who = f"address {network_of(address)}"
        self._rates.count(name, who, most, times)

    def _limit_account(self, body: Any) -> None:
        """Counts a try at a password by the account it names: many addresses have one limit."""
        name = body.get("username") if isinstance(body, dict) else None
        if isinstance(name, str):
            self._rates.count("logins", f"account {name[:64]}", self._limits["logins"])


def _key(operation: Operation, request: Request, most: int) -> str | None:
    """The API key in a request, or None: in its header, or where the operation also takes it.

    ``most``: bytes of the files in a form.
    """
    name = operation.key_parameter
    if API_KEY in request.headers or not name:
        return request.headers.get(API_KEY)
    if request.mimetype in FORMS and request.mimetype in operation.consumes:
        return request.args.get(name) or read_form(request, most).get(name)
    return request.args.get(name)


def _query(operation: Operation, request: Request) -> dict[str, str]:
    given = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise invalid(printable(name), "is given more than once")
        if fault := unkeepable(name) or unkeepable(values[0]):
            raise invalid(printable(name), fault)
        if name != operation.key_parameter:
            given[name] = values[0]
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
    others = set(operation.consumes) - {JSON}
    if not operation.body or JSON not in operation.consumes or request.mimetype in others:
        return None
    return read_json(request)
