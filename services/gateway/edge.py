"""The gateway's edge: what happens to every request before it has a route, and to every answer."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from services.gateway.addresses import is_nearby
from services.gateway.admission import Gate
from services.gateway.open311.operations import ROOT as OPEN311
from services.gateway.open311.refusals import refused
from suishoupai.contracts.problems import Problem
from suishoupai.rpc import is_service
from suishoupai.settings import Settings

ORIGIN, REQUESTED = "Origin", "Access-Control-Request-Method"
FORWARDED = ("X-Forwarded-For", "Forwarded", "Via")
"""Headers by which proxies say that a request came through them."""
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, X-API-Key, X-Request-ID"
)
SHOWN_HEADERS = (
    "Content-Disposition, ETag, Location, Retry-After, Tus-Resumable, Upload-Expires, "
    "Upload-Length, Upload-Offset"
)
PREFLIGHT_SECONDS = "600"
TLS_ONLY = "max-age=31536000"
"""Once it was asked over TLS, a browser asks in no other way for a year."""


class Edge:
    """See ``suishoupai.web.Edge``."""

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self._origins = frozenset(settings.cors_origins)
        self._proxies = settings.trusted_proxies
        self._gate = gate

    def before(self, request: Request) -> Response | None:
        """Counts a request by its address, and answers a browser that asks whether it may ask."""
        self._gate.count_request(request)
        asks = request.method == "OPTIONS" and REQUESTED in request.headers
        if not asks or not self._allowed_origin(request):
            return None
        return Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": ASKED_HEADERS,
                "Access-Control-Max-Age": PREFLIGHT_SECONDS,
            },
        )

    def refused(self, request: Request, problem: Problem) -> Response | None:
        """The answer to what was refused before it had an operation, where that is not RFC 9457:
        clients of Open311 read its own form only."""
        if not request.path.startswith(f"{OPEN311}/"):
            return None
        return refused(problem, {"format": request.path.rpartition(".")[2]})

    def after(self, request: Request, response: Response) -> None:
        """Lets pages of the origins in the settings read the answer, and keeps browsers to TLS."""
        if self._origins:
            response.vary.add(ORIGIN)
        if origin := self._allowed_origin(request):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = SHOWN_HEADERS
        scheme = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip()
        if self._proxies and scheme.lower() == "https":
            response.headers["Strict-Transport-Security"] = TLS_ONLY

    def is_operator(self, request: Request) -> bool:
        """Whether another service asks, or somebody in the private network who came through no
        proxy: the world's requests come through one, or from public addresses."""
        if is_service(request):
            return True
        came_through = any(name in request.headers for name in FORWARDED)
        return not came_through and is_nearby(request.remote_addr or "")

    def _allowed_origin(self, request: Request) -> str | None:
        origin = request.headers.get(ORIGIN, "")
        return origin if origin in self._origins else None
