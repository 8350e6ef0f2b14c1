"""The gateway: every public address, and who answers it."""

from __future__ import annotations

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from services.gateway import docs, openapi
from services.gateway.accounts import administering, inviting, own
from services.gateway.accounts import handlers as account
from services.gateway.accounts import operations as accounts
from services.gateway.accounts.watch import SessionWatch
from services.gateway.admission import Gate
from services.gateway.audit import handlers as log
from services.gateway.audit import operations as audit
from services.gateway.cases import handlers as case
from services.gateway.cases import operations as cases
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
    ended = SessionWatch(gate.ended)

    log_in = route(accounts.LOGIN, account.log_in)
    refresh = route(accounts.REFRESH, account.refresh)
    log_out = route(accounts.LOGOUT, account.log_out)
    me = route(accounts.ME, own.me)
    sessions = route(accounts.SESSIONS, own.sessions)
    end_session = route(accounts.END_SESSION, own.end_own_session)
    change_password = route(accounts.CHANGE_PASSWORD, own.change_password)
    begin_totp = route(accounts.BEGIN_TOTP, own.begin_totp)
    confirm_totp = route(accounts.CONFIRM_TOTP, own.confirm_totp)
    end_totp = route(accounts.END_TOTP, own.end_totp)
    invite = route(accounts.INVITE, inviting.invite)
    accept = route(accounts.ACCEPT, inviting.accept)
    find_accounts = route(accounts.FIND_ACCOUNTS, administering.find_accounts)
    read_account = route(accounts.READ_ACCOUNT, administering.read_account)
    change_account = route(accounts.CHANGE_ACCOUNT, administering.change_account)

    report = route(cases.REPORT, case.report)
    find_issues = route(cases.FIND_ISSUES, asked("issues", "find_issues"))
    nearby = route(cases.NEARBY, asked("issues", "nearby"))
    read_issue = route(cases.READ_ISSUE, asked("issues", "read_issue"))
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
    counted = route(figures.COUNTED, asked("stats", "counted"))

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
