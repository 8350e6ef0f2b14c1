"""HTTP for every service: JSON in, JSON out, problems rendered once, health and metrics included.

Example::

    @http("GET", "/api/v1/grids/at")
    def grid_at(self, request):
        return answer({"grid": …})
"""

from __future__ import annotations

import errno
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import eventlet
import structlog
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from suishoupai import metrics
from suishoupai.answers import answer, as_problem, problem_answer, protect
from suishoupai.bodies import LONGEST_BODY, Waiting, read_json
from suishoupai.connections import Connection
from suishoupai.contracts.problems import Problem
from suishoupai.request_grammar import is_plain_path, path_fault
from suishoupai.settings import read_settings

__all__ = ["LONGEST_BODY", "Edge", "answer", "as_problem", "http", "problem_answer", "read_json"]

SLOWEST_REQUEST = 30
"""Seconds a client may leave its connection silent."""
OTHER_CONNECTIONS = 1000
"""Connections that are taken beside the live streams of a process."""
OTHER_FILES = 512
"""Files and sockets of a process beside its clients' connections."""

log = structlog.get_logger(__name__)


class Edge(Protocol):
    """What a service that the world can reach does with every request, as its ``edge``."""

    def before(self, request: Request) -> Response | None:
        """An answer that needs no route, or None; raises ``Problem`` to refuse."""

    def refused(self, request: Request, problem: Problem) -> Response | None:
        """The answer to what was refused before it had a route, or None for problem details."""

    def after(self, request: Request, response: Response) -> None:
        """Adds what an answer needs on its way out."""

    def is_operator(self, request: Request) -> bool:
        """Whether whoever runs the system asks: they are shown its metrics and what fails."""


class _App(WsgiApp):
    """Routes to entrypoints; what has no route is a problem too; health and metrics are here."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._edge: Edge | None = getattr(server.container.service_cls, "edge", None)
        self._waiting = Waiting()
        self._own: dict[str, Callable[[Request], Response]] = {
            "/healthz": lambda request: answer({"status": "alive"}),
            "/readyz": self._readiness,
            "/metrics": self._metrics,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ, shallow=True)
        started = time.perf_counter()
        route, response = "", None
        try:
            route, response = self._answered(request)
        except Exception as error:
            response = self._refused(request, error)
        # Without a route the method may be any word: it must not become a label.
        metrics.HTTP_SECONDS.labels(
            request.method if route else "", route, response.status_code
        ).observe(time.perf_counter() - started)
        if self._edge:
            self._edge.after(request, response)
        if self.server.draining:
            response.headers["Connection"] = "close"
        return protect(response)(environ, start_response)

    def _answered(self, request: Request) -> tuple[str, Response]:
        path = request.environ["RAW_PATH_INFO"]
        if fault := path_fault(path, request.environ.get("QUERY_STRING", "")):
            raise Problem("malformed", fault)
        if not is_plain_path(path):
            raise Problem("not-found")
        own = self._own.get(path)
        if own and request.method in ("GET", "HEAD"):
            return path, own(request)
        if self._edge and (early := self._edge.before(request)):
            return "", early
        return self._route(request)

    def _route(self, request: Request) -> tuple[str, Response]:
        try:
            entrypoint, values = self.url_map.bind_to_environ(request.environ).match()
        except HTTPException as error:
            return "", self._unrouted(request, error)
        request.path_values = values  # type: ignore[attr-defined]
        try:
            self._waiting.read(request)
        except Exception as error:
            return entrypoint.url, self._refused(request, error)
        return entrypoint.url, entrypoint.handle_request(request)

    def _unrouted(self, request: Request, error: HTTPException) -> Response:
        if error.code == 405:
            response = self._refused(request, Problem("method-not-allowed"))
            methods = getattr(error, "valid_methods", None) or ()
            response.headers["Allow"] = ", ".join(sorted(methods))
            return response
        if error.code in (301, 302, 307, 308):
            response = error.get_response()
            # What the Host header said must not lead anywhere.
            where = urlsplit(response.headers["Location"])
            response.headers["Location"] = where._replace(scheme="", netloc="").geturl()
            return response
        raise Problem("not-found") from error

    def _refused(self, request: Request, error: Exception) -> Response:
        problem = as_problem(error)
        told = self._edge.refused(request, problem) if self._edge else None
        return told or problem_answer(problem)

    def _shows_workings(self, request: Request) -> bool:
        return self._edge is None or self._edge.is_operator(request)

    def _metrics(self, request: Request) -> Response:
        if not self._shows_workings(request):
            raise Problem("not-found")
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    def _readiness(self, request: Request) -> Response:
        blocking = _checks(self.server.container, "not_ready")
        failing = {**_checks(self.server.container, "degraded"), **blocking}
        status = "not ready" if blocking else "degraded" if failing else "ready"
        shown = {"failing": failing} if self._shows_workings(request) else {}
        return answer({"status": status, **shown}, 503 if blocking else 200)


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
    """nameko's web server with our routing, strict and bounded connections, and a way to drain."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False
        self._most = OTHER_CONNECTIONS
        self._open = 0
        self.on_drain: list[Callable[[], None]] = []
        """Told to end answers that would go on for ever."""

    def run(self) -> None:
        """Takes connections, as many as there may be; whoever comes then is told to come again."""
        self._most = read_settings().stream_connections + OTHER_CONNECTIONS
        _allow_files(self._most + OTHER_FILES)
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as error:
                if self.draining or error.errno == errno.EBADF:
                    return
                log.warning("a connection could not be taken", error=str(error))
                eventlet.sleep(0.1)
                continue
            sock.settimeout(self._serv.socket_timeout)
            self._open += 1
            serve = super().process_request if self._open <= self._most else _turn_away
            self.container.spawn_managed_thread(partial(self._serve, serve, sock, address))

    def _serve(self, serve: Callable[[Any, Any], None], sock: Any, address: Any) -> None:
        try:
            serve(sock, address)
        finally:
            self._open -= 1
            sock.close()

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
        server = super().get_wsgi_server(*args, protocol=Connection, **kwargs)
        server.socket_timeout = SLOWEST_REQUEST
        server.log_output = False
        return server


def _turn_away(sock: Any, address: Any) -> None:
    response = problem_answer(Problem("unavailable", "too many connections", retry_after=5))
    lines = [f"HTTP/1.1 {response.status}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in protect(response).headers.items()]
    with suppress(OSError):  # gone already
        sock.sendall("\r\n".join([*lines, "", ""]).encode() + response.get_data())


def _allow_files(wanted: int) -> None:
    """Lets this process have so many files open, as far as the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


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
