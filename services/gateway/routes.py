"""From an operation to a nameko entrypoint: what the gate admits is given to a handler.

Example::

    class GatewayService:
        read_issue = route(cases.READ_ISSUE, asked("issues", "read_issue"))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from services.gateway.admission import Call, Gate
from services.gateway.live.streams import Live
from services.gateway.operation import Operation
from services.gateway.photos.darkroom import Darkroom
from services.gateway.store import GatewayStore
from suishoupai.rpc import Peers
from suishoupai.settings import Settings
from suishoupai.web import answer, as_problem, http


class Gateway(Protocol):
    """What the gateway service gives every handler to work with."""

    store: GatewayStore
    peers: Peers
    settings: Settings
    gate: Gate
    darkroom: Darkroom
    live: Live


Handler = Callable[[Gateway, Call], Response]


def route(operation: Operation, handler: Handler) -> Any:
    """An entrypoint that answers an operation, its handler called only with what was admitted."""

    def admitted(self: Any, request: Request, **path: str) -> Response:
        try:
            return handler(self, self.gate.admit(self.store, operation, request, path))
        except Exception as error:
            if operation.refusals is None:
                raise
            return operation.refusals.answer(as_problem(error), path)

    return http(operation.method, operation.path)(admitted)


def asked(service: str, question: str, kind: str = "application/json") -> Handler:
    """A handler that asks another service, with the path, the filters and the body that came."""

    def ask(gateway: Gateway, call: Call) -> Response:
        arguments: dict[str, Any] = dict(call.path)
        if call.operation.query:
            arguments["filters"] = call.query
        if call.operation.body:
            arguments["body"] = call.body
        return answer(gateway.peers.ask(service, question, call.caller, **arguments), kind=kind)

    return ask
