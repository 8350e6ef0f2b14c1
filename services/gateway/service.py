"""The gateway: every public address, and the service that is asked."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from services.gateway import api, docs, handlers, openapi
from services.gateway.admission import Call, Gate
from services.gateway.api import Operation
from services.gateway.store import AccountStore
from suishoupai import __version__
from suishoupai.mongo import Store
from suishoupai.rpc import Peers
from suishoupai.settings import read_settings
from suishoupai.web import answer, http


def route(operation: Operation) -> Callable[[Callable[[Any, Call], Response]], Any]:
    """Makes a method answer an operation, called only with what the gate admitted."""

    def decorate(method: Callable[[Any, Call], Response]) -> Any:
        @functools.wraps(method)
        def admitted(self: Any, request: Request, **path: str) -> Response:
            return method(self, self.gate.admit(operation, request, path))

        return http(operation.method, operation.path)(admitted)

    return decorate


class GatewayService:
    """HTTP for people and programs."""

    name = "gateway"

    store = Store(AccountStore)
    peers = Peers()
    settings = read_settings()
    gate = Gate(settings)

    @route(api.LOGIN)
    def login(self, call: Call) -> Response:
        """A token for a user name and password."""
        return answer(handlers.login(call.body, self.store, self.settings.token_secret))

    @route(api.REPORT)
    def report(self, call: Call) -> Response:
        """Takes a report."""
        key = call.headers["Idempotency-Key"]
        receipt = self.peers.ask("issues", "report", call.caller, body=call.body, key=key)
        return answer(receipt, 201, {"Location": f"/api/v1/issues/{receipt['id']}"})

    @route(api.FIND_ISSUES)
    def find_issues(self, call: Call) -> Response:
        """A page of cases."""
        return answer(self.peers.ask("issues", "find_issues", call.caller, filters=call.query))

    @route(api.READ_ISSUE)
    def read_issue(self, call: Call) -> Response:
        """One case."""
        return answer(self.peers.ask("issues", "read_issue", call.caller, **call.path))

    @route(api.NEARBY)
    def nearby(self, call: Call) -> Response:
        """Open cases that may be about the same."""
        return answer(self.peers.ask("issues", "nearby", call.caller, filters=call.query))

    @route(api.ACTIONS)
    def actions(self, call: Call) -> Response:
        """What the caller may do with a case now."""
        return answer(self.peers.ask("issues", "actions", call.caller, **call.path))

    @route(api.ACT)
    def act(self, call: Call) -> Response:
        """Takes an action on a case; the party it names is looked up first."""
        party = None
        if named := handlers.party_named(call.body):
            party = self.peers.ask("grid", "party", call.caller, party=named)
        case = self.peers.ask(
            "issues", "act", call.caller, body=call.body, party=party, **call.path
        )
        return answer(case)

    @route(api.CATEGORIES)
    def categories(self, call: Call) -> Response:
        """The catalogue."""
        return answer(self.peers.ask("issues", "categories", call.caller))

    @route(api.SUGGEST)
    def suggest(self, call: Call) -> Response:
        """The categories that a description speaks of."""
        return answer(self.peers.ask("issues", "suggest", call.caller, filters=call.query))

    @route(api.GRID_AT)
    def grid_at(self, call: Call) -> Response:
        """The grid of a point."""
        return answer(self.peers.ask("grid", "grid_at", call.caller, point=call.query))

    @route(api.GRIDS)
    def grids(self, call: Call) -> Response:
        """All grids as GeoJSON."""
        return answer(self.peers.ask("grid", "all_grids", call.caller), kind="application/geo+json")

    @route(api.EXPLAIN_ROUTING)
    def explain_routing(self, call: Call) -> Response:
        """Who would get a report, and why: the catalogue knows the words, grid the rules."""
        rows = self.peers.ask("issues", "categories", call.caller)["items"]
        wanted = call.query.get("category")
        category = next((row for row in rows if row["code"] == wanted), None)
        return answer(
            self.peers.ask("grid", "explain", call.caller, filters=call.query, category=category)
        )

    @route(api.PARTIES)
    def parties(self, call: Call) -> Response:
        """A page of the responsible parties."""
        return answer(self.peers.ask("grid", "parties", call.caller, filters=call.query))

    @route(api.NOTICES)
    def notices(self, call: Call) -> Response:
        """A page of the inbox."""
        return answer(self.peers.ask("notify", "inbox", call.caller, filters=call.query))

    @route(api.MARK_READ)
    def mark_read(self, call: Call) -> Response:
        """What the caller has read."""
        return answer(self.peers.ask("notify", "mark_read", call.caller, body=call.body))

    @route(api.DELIVERIES)
    def deliveries(self, call: Call) -> Response:
        """What became of the messages about a notice."""
        return answer(self.peers.ask("notify", "deliveries", call.caller, **call.path))

    @route(api.NOTIFICATIONS)
    def notifications(self, call: Call) -> Response:
        """How notices reach the caller."""
        return answer(self.peers.ask("notify", "notifications", call.caller))

    @route(api.CHOOSE_NOTIFICATIONS)
    def choose_notifications(self, call: Call) -> Response:
        """How notices reach the caller from now on."""
        return answer(self.peers.ask("notify", "choose_notifications", call.caller, body=call.body))

    @route(api.SUMMARY)
    def summary(self, call: Call) -> Response:
        """The figures of a division."""
        return answer(self.peers.ask("stats", "summary", call.caller, filters=call.query))

    @route(api.COUNTED)
    def counted(self, call: Call) -> Response:
        """What is counted of one case."""
        return answer(self.peers.ask("stats", "counted", call.caller, **call.path))

    @http("GET", "/openapi.json")
    def openapi(self, request: Request) -> Response:
        """The API's description."""
        return answer(openapi.document(__version__))

    @http("GET", "/docs")
    def docs(self, request: Request) -> Response:
        """The API's documentation."""
        return docs.page()

    @http("GET", "/docs/<name>")
    def docs_asset(self, request: Request, name: str) -> Response:
        """A file of the documentation page."""
        return docs.asset(name)

    @http("GET", "/")
    def start(self, request: Request) -> Response:
        """The way in."""
        return redirect("/docs")
