"""The gateway: every public address, and who answers it."""

from __future__ import annotations

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from services.gateway import docs, openapi
from services.gateway.accounts import handlers as account
from services.gateway.accounts import operations as accounts
from services.gateway.admission import Gate
from services.gateway.audit import handlers as log
from services.gateway.audit import operations as audit
from services.gateway.cases import handlers as case
from services.gateway.cases import operations as cases
from services.gateway.figures import handlers as figure
from services.gateway.figures import operations as figures
from services.gateway.notices import operations as notices
from services.gateway.places import handlers as place
from services.gateway.places import operations as places
from services.gateway.routes import asked, route
from services.gateway.store import GatewayStore
from suishoupai import __version__
from suishoupai.mongo import Store
from suishoupai.rpc import Peers
from suishoupai.settings import read_settings
from suishoupai.web import answer, http


class GatewayService:
    """HTTP for people and programs."""

    name = "gateway"

    store = Store(GatewayStore)
    peers = Peers()
    settings = read_settings()
    gate = Gate(settings)

    log_in = route(accounts.LOGIN, account.log_in)

    report = route(cases.REPORT, case.report)
    find_issues = route(cases.FIND_ISSUES, case.find)
    nearby = route(cases.NEARBY, asked("issues", "nearby"))
    read_issue = route(cases.READ_ISSUE, case.read)
    list_actions = route(cases.ACTIONS, asked("issues", "actions"))
    act = route(cases.ACT, case.act)
    categories = route(cases.CATEGORIES, asked("issues", "categories"))
    suggest = route(cases.SUGGEST, asked("issues", "suggest"))

    grid_at = route(places.GRID_AT, place.grid_at)
    grids = route(places.GRIDS, asked("grid", "all_grids", kind="application/geo+json"))
    explain_routing = route(places.EXPLAIN_ROUTING, place.explain_routing)
    parties = route(places.PARTIES, asked("grid", "parties"))

    inbox = route(notices.NOTICES, asked("notify", "inbox"))
    mark_read = route(notices.MARK_READ, asked("notify", "mark_read"))
    deliveries = route(notices.DELIVERIES, asked("notify", "deliveries"))
    notifications = route(notices.NOTIFICATIONS, asked("notify", "notifications"))
    choose_notifications = route(
        notices.CHOOSE_NOTIFICATIONS, asked("notify", "choose_notifications")
    )

    summary = route(figures.SUMMARY, asked("stats", "summary"))
    counted = route(figures.COUNTED, figure.counted)

    read_audit = route(audit.READ_AUDIT, log.read_audit)

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
