"""Monthly reports: what they say is what the figures say, each is made once, and for whom it is."""

import base64
import hashlib
import io
import re
import signal
from datetime import UTC, datetime

import openpyxl
import pytest

from services.gateway.reports.months import before, bounds, month_of
from services.gateway.reports.records import new_report
from services.gateway.reports.store import ReportStore
from services.gateway.reports.telling import made as made_event
from services.gateway.reports.wording import count, share
from suishoupai import clock

from .conftest import eventually
from .export_files import raw
from .gateways import gateway
from .people import people_around
from .walking import CLOSE, HANDLE, reported, walk

COUNTY = "341324"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def lived(world, compound, people):
    """Cases that went different ways, all of them counted."""
    for actions in ((), HANDLE, (*HANDLE, *CLOSE)):
        issue = reported(world, compound[1], people.member)
        world.settled(issue)
        walk(world, issue, people, *actions)

    def counted():
        items = world.client("admin").get("/stats/indicators")["items"]
        return next(each for each in items if each["id"] == "closing_rate")["numerator"]

    eventually(counted)


def order(world, account, **body):
    answer = world.request("POST", "/api/v1/reports", account, json=body)
    assert answer.status == 202, answer
    assert answer.headers["Location"] == f"/api/v1/reports/{answer.body['id']}"
    return answer.body["id"]


def finished(world, report, account):
    def done():
        found = world.client(account).get(f"/reports/{report}")
        return found if found["state"] in ("done", "failed") else None

    return eventually(done, 60)


@pytest.fixture(scope="module")
def made(world, lived):
    """The county's report of this month so far."""
    report = order(world, "supervisor", month=month_of(clock.now()))
    return finished(world, report, "supervisor")


def file_of(world, report, form, account="supervisor", **headers):
    return raw(world, f"/reports/{report['id']}/file?format={form}", account, **headers)


def told(world, made, **query):
    """The figures of the same span, as they are answered."""
    since, _ = bounds(made["month"])
    span = {"from": since.isoformat(), "to": made["finished_at"]}
    return world.client("supervisor").get("/stats/indicators", **span, **query)


def test_a_report_is_made_step_by_step_and_to_its_end(made):
    assert made["state"] == "done"
    assert made["done"] == made["total"] > 20
    assert made["title"].startswith("泗县") and made["title"].endswith("月度报告")
    assert [each["format"] for each in made["files"]] == ["xlsx", "html"]
    assert made["created_at"] <= made["started_at"] <= made["finished_at"] < made["expires_at"]


def test_the_workbook_says_what_the_figures_say(world, made):
    status, headers, content = file_of(world, made, "xlsx")
    assert (status, int(headers["Content-Length"])) == (200, len(content))
    assert "spreadsheetml" in headers["Content-Type"]
    assert headers["Content-Disposition"].startswith('attachment; filename="report-341324-')
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = [[cell.value for cell in row] for row in book["概览"].iter_rows()]
    start = next(place for place, row in enumerate(rows) if row[0] == "指标") + 1
    items = told(world, made)["items"]
    assert len(items) == 16
    for row, each in zip(rows[start:], items, strict=False):
        assert (row[0], row[8], row[9]) == (
            each["name"]["zh"],
            each["numerator"],
            each["denominator"],
        )
        assert row[1] == (each["value"] if each["value"] is None else pytest.approx(each["value"]))
    assert sum(each["denominator"] for each in items) > 0
    days = [row[0].value for row in book["每日趋势"].iter_rows(min_row=2)]
    assert len([day for day in days if day]) == clock.local_day(clock.now()).day
    names = {row[1].value for row in book["下级区划"].iter_rows(min_row=3)}
    assert {"泗城镇", "大庄镇"} & names
    parties = [row[0].value for row in book["责任单位"].iter_rows(min_row=2)]
    assert any("物业" in (name or "") for name in parties)
    assert all(book[name]._charts for name in book.sheetnames if name not in ("下级区划", "口径"))


def test_the_page_says_it_too_and_may_run_nothing(world, made):
    status, headers, content = file_of(world, made, "html")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = content.decode()
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in page
    for each in told(world, made)["items"]:
        cells = (count(each["numerator"]), count(each["denominator"]), share(each["value"]))
        assert "".join(f"<td >{cell}</td>" for cell in cells) in page
    again = file_of(world, made, "html", **{"If-None-Match": headers["ETag"]})
    assert (again[0], again[2]) == (304, b"")


def test_another_division_s_report_is_refused(world, made, people):
    report = made["id"]
    town = order(world, people.town)
    for path in (f"/reports/{report}", f"/reports/{report}/file?format=html"):
        assert raw(world, path, people.town)[0] == 404
        assert raw(world, path, people.handler)[0] == 403
        assert raw(world, path, "admin")[0] == 200
    finished(world, town, people.town)
    assert raw(world, f"/reports/{town}", people.elsewhere)[0] == 404
    for body in ({"division": COUNTY}, {"division": "341324101"}):
        answer = world.request("POST", "/api/v1/reports", people.town, json=body)
        assert answer.status == 403, answer
    listed = {each["id"] for each in world.client(people.town).get("/reports")["items"]}
    assert town in listed and report not in listed
    assert raw(world, f"/reports?division={COUNTY}", people.town)[0] == 403
    subscribed = world.request(
        "PUT", "/api/v1/me/reports", people.town, json={"divisions": [COUNTY]}
    )
    assert subscribed.status == 403


def test_a_report_is_taken_away_by_who_ordered_it(world, people):
    report = order(world, people.town, division=None)
    path = f"/api/v1/reports/{report}"
    finished(world, report, people.town)
    assert world.request("DELETE", path, "supervisor").status == 404
    assert world.request("DELETE", path, people.town).status == 204
    assert world.request("GET", path, people.town).status == 404
    files = world.database("gateway")["report_files.files"]
    assert files.count_documents({"filename": report}) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "2026-10\n"}, "month"),
        ({"month": "2999-01"}, "month"),
        ({"month": {"$ne": ""}}, "month"),
        ({"division": "34"}, "division"),
        ({"division": "341324999"}, "division"),
        ({"division": "341324001001001"}, "division"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_order_names_its_field(world, body, field):
    answer = world.request("POST", "/api/v1/reports", "supervisor", json=body)
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_a_file_of_no_such_format_is_refused(world, made):
    answer = world.request("GET", f"/api/v1/reports/{made['id']}/file?format=pdf", "supervisor")
    assert [error["field"] for error in answer.body["errors"]] == ["format"]


def test_few_are_open_at_a_time_and_a_killed_gateway_s_are_made_by_the_next(world, people):
    world.stack.kill("stats", signal.SIGSTOP)
    try:
        orders = [order(world, people.dispatcher) for _ in range(3)]
        answer = world.request("POST", "/api/v1/reports", people.dispatcher, json={})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
        states = [world.client(people.dispatcher).get(f"/reports/{each}") for each in orders]
        assert {each["state"] for each in states} <= {"waiting", "running"}
        old = world.stack.pid("gateway")
        world.stack.kill("gateway", signal.SIGKILL)
    finally:
        world.stack.kill("stats", signal.SIGCONT)
    eventually(lambda: world.stack.pid("gateway") not in (0, old))
    world.stack.await_program("gateway")
    for each in orders:
        report = finished(world, each, people.dispatcher)
        assert (report["state"], report["done"]) == ("done", report["total"])


# By itself


def subscribe(world, account, *divisions):
    """Long ago, so that the last month is due for it."""
    path = "/api/v1/me/reports"
    answer = world.request("PUT", path, account, json={"divisions": list(divisions)})
    assert [each["code"] for each in answer.body["divisions"]] == list(divisions)
    subscriptions = world.database("gateway")["report_subscriptions"]
    subscriptions.update_one({"_id": account}, {"$set": {"divisions.$[].since": LONG_AGO}})
    return answer.body


def noticed(world, account):
    page = world.client(account).get("/notices", kind="monthly_report", limit=200)
    return [each for each in page["items"] if each["recipient"] == f"account:{account}"]


def told_again(report):
    """The event that tells of a report, as if it came twice."""
    division = {"code": report["division"], "name": "泗县"}
    content = {"division": division, "made_at": report["finished_at"]}
    kept = {"_id": report["id"], "month": report["month"]}
    return made_event(kept, content, ["supervisor"], "/api/v1/reports/again").to_dict()


def test_a_scheduled_report_is_made_once_by_two_gateways_and_told_once(world, people, tmp_path):
    month, town = before(month_of(clock.now())), people_town(world, people)
    store = ReportStore(world.database("gateway"))
    with gateway(world, tmp_path):
        assert subscribe(world, "supervisor", COUNTY)["next_month"] >= month
        (notice,) = eventually(lambda: noticed(world, "supervisor"), 60)
        report = world.client("supervisor").get(notice["link"].removeprefix("/api/v1"))
        assert (report["division"], report["month"]) == (COUNTY, month)
        assert report["scheduled"] and report["state"] == "done"
        assert month in notice["text"] and notice["link"] in notice["text"]
        status, _, content = raw(world, f"/reports/{report['id']}/file?format=html", "supervisor")
        assert (status, report["title"] in content.decode()) == (200, True)
        # Its event comes twice, and another one after it: of the first nothing is told anew.
        assert not store.schedule(new_report(COUNTY, month, None, clock.now()))
        again = {"$push": {"outbox": told_again(report)}}
        store.jobs.update_one({"_id": report["id"]}, again)
        eventually(lambda: not store.jobs.find_one({"_id": report["id"]})["outbox"])
        subscribe(world, people.town, town)
        eventually(lambda: noticed(world, people.town), 60)
    assert [each["id"] for each in noticed(world, "supervisor")] == [notice["id"]]
    for code in (COUNTY, town):
        assert store.jobs.count_documents({"scheduled": True, "division": code}) == 1
    gone = world.request("DELETE", f"/api/v1/reports/{report['id']}", "supervisor")
    assert gone.status == 404


def people_town(world, people):
    return world.client(people.town).get("/me")["division"]
