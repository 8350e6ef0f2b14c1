"""What people do with monthly reports: they order, follow, fetch and remove them, and say of which
divisions they want one each month."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import structlog
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.conditions import KEPT as KEPT_HEADERS
from services.gateway.conditions import is_known, unchanged
from services.gateway.reports.months import after, before, due, due_at, month_of
from services.gateway.reports.operations import TYPES
from services.gateway.reports.questions import has_reports
from services.gateway.reports.records import new_report, shown
from services.gateway.reports.schedule import schedule, timetable
from services.gateway.reports.schemas import FileQuery, ReportChoices, ReportFilter, ReportOrder
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller, reach, sees_division
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.county import county_code, division_names
from suishoupai.web import answer, as_problem

Document = dict[str, Any]

ORDER, FILTER, FILE, CHOICES = ReportOrder(), ReportFilter(), FileQuery(), ReportChoices()
MOST_OPEN = 3
"""Ordered reports of an account that are not finished."""
MOST_KEPT = 100
"""Ordered reports of an account that are kept."""

log = structlog.get_logger(__name__)


def order(gateway: Gateway, call: Call) -> Response:
    """Takes a report to be made in the background."""
    wanted, now = load(ORDER, call.body), clock.now()
    own = reach(call.caller).division or county_code(gateway.settings.county)
    division = _seen(gateway, call.caller, wanted["division"] or own)
    month = wanted["month"] or before(month_of(now))
    if month > month_of(now):
        raise invalid("month", "has not begun yet")
    report = new_report(division, month, call.caller.account, now)
    reports = gateway.store.reports
    if reports.count_of(call.caller.account, MOST_KEPT) == MOST_KEPT:
        raise Problem("too-many-requests", f"{MOST_KEPT} reports are kept: remove some", (), 60)
    if not reports.insert(report, MOST_OPEN):
        raise Problem("too-many-requests", f"{MOST_OPEN} reports are open", (), 10)
    record(gateway, call, "order_report", report["_id"], division=division, month=month)
    return answer(shown(report), 202, {"Location": f"/api/v1/reports/{report['_id']}"})


def list_reports(gateway: Gateway, call: Call) -> Response:
    """A page of the reports of the divisions that the caller sees."""
    wanted = load(FILTER, call.query)
    query: Document = {"month": wanted["month"]} if wanted["month"] else {}
    if wanted["division"]:
        _require_sees(call.caller, wanted["division"])
        query["division"] = wanted["division"]
    elif within := reach(call.caller).division:
        query["divisions"] = within
    limit = wanted["limit"]
    found = gateway.store.reports.listed(query, wanted["cursor"], limit + 1)
    page = found[:limit]
    more = page[-1]["_id"] if len(found) > limit else None
    return answer({"items": [shown(report) for report in page], "next": more})


def read(gateway: Gateway, call: Call) -> Response:
    """How far a report is."""
    return answer(shown(_found(gateway, call)))


def read_file(gateway: Gateway, call: Call) -> Response:
    """A file of a report, for whoever sees its division by now."""
    form = load(FILE, call.query)["format"]
    report = _found(gateway, call)
    if report["state"] != "done":
        raise Problem("not-found", f"the report is {report['state']}")
    tag = f"{report['_id']}-{form}"
    if is_known(call.headers.get("If-None-Match"), tag):
        return unchanged(tag)
    record(gateway, call, "fetch_report", report["_id"], format=form)
    part = next(part for part in report["parts"] if part["format"] == form)
    response = Response(
        gateway.store.reports.read([part]),
        headers={**_file_headers(report, form), "Content-Length": str(part["bytes"])},
        content_type=TYPES[form],
        direct_passthrough=True,
    )
    response.set_etag(tag)
    return response


def remove(gateway: Gateway, call: Call) -> Response:
    """Stops a report that the caller ordered, or takes its files away."""
    if not gateway.store.reports.remove(call.path["report"], call.caller.account):
        raise Problem("not-found", "no such report of yours")
    record(gateway, call, "remove_report", call.path["report"])
    return Response(status=204)


def subscriptions(gateway: Gateway, call: Call) -> Response:
    """Of which divisions the caller gets the report of each month."""
    return answer(_subscribed(gateway, call.caller))


def choose(gateway: Gateway, call: Call) -> Response:
    """Keeps of which divisions the caller wants the report of each month; of those that were chosen
    before, since when stays as it was."""
    codes = dict.fromkeys(load(CHOICES, call.body)["divisions"])
    for code in codes:
        _seen(gateway, call.caller, code, "divisions")
    reports, account = gateway.store.reports, call.caller.account
    since = {each["code"]: each["since"] for each in reports.subscriptions(account)}
    now = clock.now()
    reports.subscribe(account, [{"code": code, "since": since.get(code, now)} for code in codes])
    return answer(_subscribed(gateway, call.caller))


def make_due(gateway: Gateway) -> None:
    """Orders the reports that are due; what cannot be done now is done the next time."""
    try:
        ordered = schedule(clock.now(), timetable(gateway.settings), gateway.store.reports)
    except Exception as error:
        log.warning("reports are ordered later", reason=str(as_problem(error)))
    else:
        if ordered:
            log.info("monthly reports were ordered", reports=ordered)


def _subscribed(gateway: Gateway, caller: Caller) -> Document:
    names, when = division_names(gateway.settings.county), timetable(gateway.settings)
    coming = after(due(clock.now(), when))
    return {
        "divisions": [
            {
                "code": each["code"],
                "name": names.get(each["code"]),
                "since": each["since"].isoformat(),
            }
            for each in gateway.store.reports.subscriptions(caller.account)
        ],
        "next_month": coming,
        "next_at": due_at(coming, when).isoformat(),
    }


def _seen(gateway: Gateway, caller: Caller, division: str, field: str = "division") -> str:
    """A division that the caller sees and that there are reports of; else raises ``Problem``."""
    _require_sees(caller, division)
    if not has_reports(division) or division not in division_names(gateway.settings.county):
        raise invalid(field, "is a county, a town or a community that there is")
    return division


def _require_sees(caller: Caller, division: str) -> None:
    if not sees_division(caller, division):
        raise Problem("forbidden", f"the figures of {division} are not yours to see")


def _found(gateway: Gateway, call: Call) -> Document:
    """A report of a division that the caller sees; another's is as if it were not there."""
    report: Document | None = gateway.store.reports.find(call.path["report"])
    if report is None or not sees_division(call.caller, report["division"]):
        raise Problem("not-found", "no such report")
    return report


def _file_headers(report: Document, form: str) -> dict[str, str]:
    """The name of a file (RFC 6266), in both alphabets, and of a page the policy that it was made
    for."""
    latin = f"report-{report['division']}-{report['month']}.{form}"
    chinese = quote(f"{report['title']}.{form}")
    shown_as = "inline" if form == "html" else "attachment"
    return {
        **KEPT_HEADERS,
        "Content-Disposition": f"{shown_as}; filename=\"{latin}\"; filename*=UTF-8''{chinese}",
        **({"Content-Security-Policy": report["policy"]} if form == "html" else {}),
    }
