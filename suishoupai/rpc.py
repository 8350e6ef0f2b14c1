"""Questions between services (RPC): asked over HTTP, answered or refused within a time limit.

A question needs its answer now, so it does not travel through the broker: reports are taken while
the broker is down, and a caller never waits for a queue that nobody reads (docs/adr/0003).

Example::

    class GridService:
        @answers("grid_at")
        def grid_at(self, caller, point): ...

    class GatewayService:
        peers = Peers()

    self.peers.ask("grid", "grid_at", caller=caller, point=point)
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import urllib3
from nameko.extensions import DependencyProvider
from werkzeug.wrappers import Request, Response

from suishoupai import metrics, tracing
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.settings import Settings, read_settings
from suishoupai.web import answer, http, read_json

ANSWER_SECONDS = 5.0
"""Longest wait for an answer."""

TRIES = urllib3.Retry(
    connect=2,
    read=1,
    other=0,
    status=0,
    redirect=0,
    allowed_methods=None,
    backoff_factor=0.2,
    respect_retry_after_header=False,
)
"""A peer that just restarts is asked again: every question may be asked twice. One that refuses for
a while is not: what it says is passed on."""


def service_token(settings: Settings) -> str:
    """The bearer token by which services know each other, derived from the shared secret."""
    return hmac.new(settings.token_secret.encode(), b"service", hashlib.sha256).hexdigest()


@functools.cache
def _own_token() -> str:
    return service_token(read_settings())


def answers(method: str) -> Callable[[Callable[..., Any]], Any]:
    """Marks a service method as the answer to a question; it is called with ``caller`` first.

    Answers with its return value as JSON, or with the ``Problem`` it raises; refuses whoever is
    not another service.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def answering(self: Any, request: Request) -> Response:
            _require_service(request)
            tracing.begin(
                tracing.new_trace(
                    request.headers.get("X-Request-ID"), request.headers.get("traceparent")
                )
            )
            arguments = read_json(request)
            caller = Caller.from_dict(arguments.pop("caller"))
            return answer(function(self, caller, **arguments))

        return http("POST", f"/rpc/{method}")(answering)

    return decorate


def is_service(request: Request) -> bool:
    """Whether a request brings the token by which services know each other."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), _own_token().encode())


def _require_service(request: Request) -> None:
    if not is_service(request):
        raise Problem("unauthenticated", "only services may ask")


class Peers(DependencyProvider):
    """Asks other services; one pool of kept-alive connections for the whole process."""

    def setup(self) -> None:
        """Makes the connection pool; nothing is connected before the first question."""
        settings = read_settings()
        self._urls = settings.peers
        self._headers = {
            "Authorization": f"Bearer {service_token(settings)}",
            "Content-Type": "application/json",
        }
        self._pool = urllib3.PoolManager(maxsize=100, retries=TRIES)

    def get_dependency(self, worker_ctx: Any) -> Peers:
        """This provider: it holds no state of a single request."""
        return self

    def ask(self, service: str, method: str, caller: Caller, **arguments: Any) -> Any:
        """The answer of ``service``; raises the ``Problem`` it refused with, or ``unavailable``."""
        started = time.perf_counter()
        outcome = "unavailable"
        try:
            response = self._post(service, method, caller, arguments)
            outcome = str(response.status)
        finally:
            metrics.QUESTION_SECONDS.labels(service, method, outcome).observe(
                time.perf_counter() - started
            )
        body = response.json()
        if response.status >= 400:
            retry_after = response.headers.get("Retry-After")
            raise Problem.from_dict(body, int(retry_after) if retry_after else None)
        return body

    def _post(
        self, service: str, method: str, caller: Caller, arguments: dict[str, Any]
    ) -> urllib3.BaseHTTPResponse:
        trace = tracing.current()
        body = json.dumps({"caller": caller.to_dict(), **arguments})
        try:
            return self._pool.request(
                "POST",
                f"{self._urls[service]}/rpc/{method}",
                body=body.encode(),
                headers={
                    **self._headers,
                    "X-Request-ID": trace.correlation,
                    "traceparent": trace.traceparent,
                },
                timeout=urllib3.Timeout(connect=2.0, read=ANSWER_SECONDS),
            )
        except urllib3.exceptions.HTTPError as error:
            raise Problem("unavailable", f"{service} does not answer", retry_after=5) from error

    def degraded(self) -> str | None:
        """The peers that are not ready, each with its reason, or None: a peer that is away takes
        only its own answers with it."""
        failing = {
            name: why for name in self._urls if name != "gateway" and (why := self._peer(name))
        }
        return json.dumps(failing, ensure_ascii=False) if failing else None

    def _peer(self, name: str) -> str | None:
        try:
            response = self._pool.request(
                "GET", f"{self._urls[name]}/readyz", timeout=1.0, retries=False
            )
        except urllib3.exceptions.HTTPError:
            return "does not answer"
        return None if response.status == 200 else str(response.json().get("failing"))
