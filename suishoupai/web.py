"""HTTP for every service: JSON in, JSON out, problems rendered once, health and metrics included.

Example::

    @http("GET", "/api/v1/grids/at")
    def grid_at(self, request):
        return answer({"grid": …})
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import structlog
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from suishoupai import metrics
from suishoupai.contracts.problems import PROBLEM_JSON, Problem
from suishoupai.mongo import is_unavailable

LONGEST_BODY = 1024 * 1024
"""Bytes; a longer body is refused before it is read."""
SLOWEST_REQUEST = 30
"""Seconds a client may leave its connection silent."""

log = structlog.get_logger(__name__)


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


def read_json(request: Request) -> Any:
    """The JSON body of a request; raises ``Problem`` when it is too large or not JSON."""
    if (request.content_length or 0) > LONGEST_BODY:
        raise Problem("too-large", f"at most {LONGEST_BODY} bytes")
    # Not request.stream: werkzeug takes a chunked body of unknown length for none at all.
    body = request.environ["wsgi.input"].read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise Problem("too-large", f"at most {LONGEST_BODY} bytes")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Problem("not-json", str(error)) from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def as_problem(error: Exception) -> Problem:
    """What a caller is told of an error; one that nobody meant is logged and not explained."""
    if isinstance(error, Problem):
        return error
    if is_unavailable(error):
        return Problem("unavailable", "the database does not answer", retry_after=5)
    log.error("unexpected error", error=repr(error), exc_info=error)
    return Problem("internal")


class _App(WsgiApp):
    """Routes to entrypoints; what has no route is a problem too; health and metrics are here."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._own: dict[str, Callable[[], Response]] = {
            "/healthz": lambda: answer({"status": "alive"}),
            "/readyz": self._readiness,
            "/metrics": lambda: Response(generate_latest(), content_type=CONTENT_TYPE_LATEST),
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        own = self._own.get(environ["PATH_INFO"])
        if own and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return own()(environ, start_response)
        request = Request(environ, shallow=True)
        started = time.perf_counter()
        route, response = self._route(request)
        # Without a route the method may be any word: it must not become a label.
        method = request.method if route else ""
        metrics.HTTP_SECONDS.labels(method, route, response.status_code).observe(
            time.perf_counter() - started
        )
        if self.server.draining:
            response.headers["Connection"] = "close"
        return response(environ, start_response)

    def _route(self, request: Request) -> tuple[str, Response]:
        try:
            entrypoint, values = self.url_map.bind_to_environ(request.environ).match()
        except HTTPException as error:
            return "", _routing_problem(error)
        request.path_values = values  # type: ignore[attr-defined]
        return entrypoint.url, entrypoint.handle_request(request)

    def _readiness(self) -> Response:
        blocking = _checks(self.server.container, "not_ready")
        failing = {**_checks(self.server.container, "degraded"), **blocking}
        status = "not ready" if blocking else "degraded" if failing else "ready"
        return answer({"status": status, "failing": failing}, 503 if blocking else 200)


def _routing_problem(error: HTTPException) -> Response:
    if error.code == 405:
        response = problem_answer(Problem("method-not-allowed"))
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return response
    if error.code in (301, 302, 307, 308):
        return error.get_response()
    return problem_answer(Problem("not-found"))


def _checks(container: Any, question: str) -> dict[str, str]:
    """What the extensions answer to ``not_ready`` or ``degraded``, by name; only those that fail.

    An extension may have either: not ready means the service cannot do its work, degraded that
    something waits while it can.
    """
    answers = {}
    for extension in container.extensions:
        ask = getattr(extension, question, None)
        if ask is not None and (why := ask()):
            names = (getattr(extension, part, None) for part in ("attr_name", "purpose"))
            answers[next(filter(None, names), type(extension).__name__)] = str(why)
    return answers


class _Server(WebServer):
    """nameko's web server with our routing, a bound on silent connections, and a way to drain."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False
        self.on_drain: list[Callable[[], None]] = []
        """Told to end answers that would go on for ever."""

    def drain(self) -> None:
        """Takes no new connection; those that are open are answered and then closed."""
        if not self.draining:
            self.draining = True
            self._gt.kill()
            self._sock.close()
            for end in self.on_drain:
                end()

    def get_wsgi_app(self) -> _App:
        """The application of this service."""
        return _App(self)

    def get_wsgi_server(self, *args: Any, **kwargs: Any) -> Any:
        """The WSGI server; access is counted in metrics, not logged line by line."""
        server = super().get_wsgi_server(*args, **kwargs)
        server.socket_timeout = SLOWEST_REQUEST
        server.log_output = False
        return server


class HttpEntrypoint(HttpRequestHandler):
    """Entrypoint for one method and path; errors become problem details."""

    server = _Server()

    def __init__(self, method: str, url: str, **options: Any) -> None:
        options.setdefault("expected_exceptions", (Problem,))
        super().__init__(method, url, **options)

    def stop(self) -> None:
        """Drains before the container stops what the handlers depend on."""
        self.server.drain()
        super().stop()

    def response_from_exception(self, exc: Exception) -> Response:
        """The problem details of whatever the handler raised."""
        return problem_answer(as_problem(exc))


http = HttpEntrypoint.decorator
