"""The gateway: every public address, and who answers it."""

from __future__ import annotations

from typing import Any

from nameko.timer import timer
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
from services.gateway.cases.bulk import act_on_all
from services.gateway.conditions import conditional
from services.gateway.edge import Edge
from services.gateway.exports import exporter as exporting
from services.gateway.exports import handlers as export
from services.gateway.exports import operations as exports
from services.gateway.figures import board_operations as board
from services.gateway.figures import handlers as figure
from services.gateway.figures import operations as figures
from services.gateway.figures import place_figure_operations as place_figures
from services.gateway.figures import ranking_operations as ranking
from services.gateway.figures import trend_operations as trends
from services.gateway.happening import TYPES
from services.gateway.jobs.workshop import Workshop
from services.gateway.live import handlers as happening
from services.gateway.live import operations as streams
from services.gateway.live.streams import Live
from services.gateway.notices import operations as notices
from services.gateway.open311 import handlers as georeport
from services.gateway.open311 import operations as open311
from services.gateway.photos import handlers as photo
from services.gateway.photos import operations as photos
from services.gateway.photos import uploads as upload
from services.gateway.photos.darkroom import Darkroom
from services.gateway.photos.sweeping import SWEEP_SECONDS, sweep
from services.gateway.places import handlers as place
from services.gateway.places import operations as places
from services.gateway.programs import handlers as program
from services.gateway.programs import operations as programs
from services.gateway.reports import handlers as monthly
from services.gateway.reports import operations as reports
from services.gateway.reports import reporter as reporting
from services.gateway.reports.schedule import SCHEDULE_SECONDS
from services.gateway.routes import asked, route
from services.gateway.store import GatewayStore
from services.gateway.webhooks import handlers as webhook
from services.gateway.webhooks import operations as webhooks
from services.gateway.webhooks.carriers import WebhookCarriers
from suishoupai import __version__
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.hearsay import hear
from suishoupai.messaging.outbox import Outbox
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
    edge = Edge(settings, gate)
    darkroom = Darkroom(settings.photo_pixels)
    exporter = Workshop("exports", exporting.THREADS, exporting.equipped)
    reporter = Workshop("reports", reporting.THREADS, reporting.equipped)
    told_of_reports = Outbox(lambda store: store.reports.jobs)
    live = Live()
    webhook_carriers = WebhookCarriers()
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
    find_issues = route(cases.FIND_ISSUES, case.find)
    nearby = route(cases.NEARBY, asked("issues", "nearby"))
    read_issue = route(cases.READ_ISSUE, case.read)
    list_actions = route(cases.ACTIONS, asked("issues", "actions"))
    act = route(cases.ACT, case.act)
    act_on_all = route(cases.ACT_ON_ALL, act_on_all)
    categories = route(cases.CATEGORIES, conditional(asked("issues", "categories")))
    suggest = route(cases.SUGGEST, asked("issues", "suggest"))

    grid_at = route(places.GRID_AT, place.grid_at)
    grids = route(places.GRIDS, place.grids)
    explain_routing = route(places.EXPLAIN_ROUTING, place.explain_routing)
    parties = route(places.PARTIES, asked("grid", "parties"))

    inbox = route(notices.NOTICES, asked("notify", "inbox"))
    mark_read = route(notices.MARK_READ, asked("notify", "mark_read"))
    deliveries = route(notices.DELIVERIES, asked("notify", "deliveries"))
    notifications = route(notices.NOTIFICATIONS, conditional(asked("notify", "notifications")))
    choose_notifications = route(
        notices.CHOOSE_NOTIFICATIONS, asked("notify", "choose_notifications")
    )

    summary = route(figures.SUMMARY, asked("stats", "summary"))
    counted = route(figures.COUNTED, figure.counted)
    indicators = route(figures.INDICATORS, asked("stats", "indicators"))
    explain_indicator = route(figures.EXPLAIN, figure.explain)
    export_indicator_cases = route(figures.EXPLAIN_CSV, figure.explain_as_csv)
    rankings = route(ranking.RANKINGS, asked("stats", "ranking"))
    heat = route(place_figures.HEAT, asked("stats", "heat"))
    repeat_places = route(place_figures.REPEAT_PLACES, asked("stats", "repeat_places"))
    trend = route(trends.TREND, asked("stats", "trend"))
    comparison = route(trends.COMPARISON, asked("stats", "comparison"))
    funnel = route(trends.FUNNEL, asked("stats", "funnel"))
    ageing = route(trends.AGEING, asked("stats", "ageing"))
    top = route(trends.TOP, asked("stats", "top"))
    read_board = route(board.BOARD, asked("stats", "board"))

    send_photo = route(photos.SEND_PHOTO, photo.send)
    show_photo = route(photos.SHOW_PHOTO, photo.show)
    show_thumbnail = route(photos.SHOW_THUMBNAIL, photo.show_thumbnail)
    upload_options = route(photos.UPLOAD_OPTIONS, upload.options)
    begin_upload = route(photos.BEGIN_UPLOAD, upload.begin)
    read_upload = route(photos.READ_UPLOAD, upload.read)
    continue_upload = route(photos.CONTINUE_UPLOAD, upload.go_on)
    end_upload = route(photos.END_UPLOAD, upload.end)

    read_audit = route(audit.READ_AUDIT, log.read_audit)

    make_program = route(programs.MAKE_PROGRAM, program.make_program)
    list_programs = route(programs.LIST_PROGRAMS, program.list_programs)
    read_program = route(programs.READ_PROGRAM, program.read_program)
    change_program = route(programs.CHANGE_PROGRAM, program.change_program)
    make_key = route(programs.MAKE_KEY, program.make_key)
    revoke_key = route(programs.REVOKE_KEY, program.revoke_key)

    discovery = route(open311.DISCOVERY, georeport.discovery)
    services = route(open311.SERVICES, georeport.services)
    service_definition = route(open311.SERVICE_DEFINITION, georeport.service_definition)
    service_requests = route(open311.REQUESTS, georeport.requests)
    post_service_request = route(open311.POST_REQUEST, georeport.post_request)
    service_request = route(open311.REQUEST, georeport.request)
    token = route(open311.TOKEN, georeport.token)
    updates = route(open311.UPDATES, georeport.updates)
    post_update = route(open311.POST_UPDATE, georeport.post_update)

    @timer(interval=SWEEP_SECONDS)
    def sweep_photos(self: Any) -> None:
        """Photos that no case shows are removed."""
        sweep(self)

    export_now = route(exports.EXPORT_NOW, export.export_now)
    order_export = route(exports.ORDER_EXPORT, export.order)
    list_exports = route(exports.LIST_EXPORTS, export.list_exports)
    read_export = route(exports.READ_EXPORT, export.read)
    read_export_file = route(exports.READ_EXPORT_FILE, export.read_file)
    remove_export = route(exports.REMOVE_EXPORT, export.remove)

    order_report = route(reports.ORDER_REPORT, monthly.order)
    list_reports = route(reports.LIST_REPORTS, monthly.list_reports)
    read_report = route(reports.READ_REPORT, monthly.read)
    read_report_file = route(reports.READ_REPORT_FILE, monthly.read_file)
    remove_report = route(reports.REMOVE_REPORT, monthly.remove)
    report_subscriptions = route(reports.READ_SUBSCRIPTIONS, monthly.subscriptions)
    choose_reports = route(reports.CHOOSE_REPORTS, monthly.choose)

    @timer(interval=SCHEDULE_SECONDS)
    def make_due_reports(self: Any) -> None:
        """Time has passed: the reports of a month that is over are ordered."""
        monthly.make_due(self)

    stream = route(streams.STREAM, happening.stream)

    # Not vital: only the stream waits for what is told by the broker.
    @consume(*TYPES, purpose="stream", vital=False)
    def write_down(self, events: list[Any]) -> None:
        """Something happened: it is written down, to be told to whoever listens."""
        happening.write_down(events, self.store.happenings, self.live.look)

    @hear("figures")
    def ask_for_figures(self, divisions: set[str] | None) -> None:
        """Figures have changed: whoever listens to those of these divisions is told the new."""
        self.live.figures.changed(divisions)

    make_webhook = route(webhooks.MAKE_WEBHOOK, webhook.make_webhook)
    list_webhooks = route(webhooks.LIST_WEBHOOKS, webhook.list_webhooks)
    read_webhook = route(webhooks.READ_WEBHOOK, webhook.read_webhook)
    change_webhook = route(webhooks.CHANGE_WEBHOOK, webhook.change_webhook)
    delete_webhook = route(webhooks.DELETE_WEBHOOK, webhook.delete_webhook)
    rotate_webhook_secret = route(webhooks.ROTATE_SECRET, webhook.rotate_secret)
    test_webhook = route(webhooks.TEST_WEBHOOK, webhook.test_webhook)
    list_webhook_deliveries = route(webhooks.LIST_DELIVERIES, webhook.list_deliveries)
    replay_webhook_delivery = route(webhooks.REPLAY_DELIVERY, webhook.replay_delivery)
    replay_webhook = route(webhooks.REPLAY_FAILED, webhook.replay_failed)

    @consume(*TYPES, purpose="webhooks", vital=False)
    def tell_webhooks(self, events: list[Any]) -> None:
        """Something happened to a case: the webhooks that asked for it hear of it."""
        self.webhook_carriers.tell(events)

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
