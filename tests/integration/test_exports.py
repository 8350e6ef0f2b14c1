"""Exports: what they hold for whom, what they cost, and that none is lost or done by two."""

import io
import signal
import time
from datetime import UTC, datetime, timedelta

import openpyxl
import psutil
import pytest

from services.gateway.exports.cells import neutral
from services.gateway.exports.columns import COLUMNS, USUAL, Table
from services.gateway.exports.store import ExportStore
from services.gateway.exports.work import PART_PAGES
from suishoupai import clock
from suishoupai.contracts.questions import LONGEST_PAGE
from suishoupai.contracts.words import STATES

from . import filed
from .conftest import eventually
from .export_files import (
    EVERY,
    as_csv,
    as_xlsx,
    finished,
    kept_export,
    listed,
    order,
    parts_of,
    progress,
    raw,
    read_csv,
    read_xlsx,
    same,
)

AMOUNT = 6000
MEMORY = 24 * 1024 * 1024
"""Bytes by which the gateway may grow: a few pages, and not thousands of cases."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SOME = {"state": "dispatched,rated", "urgent": "false"}


@pytest.fixture(scope="module")
def accounts(world):
    """Accounts that see thousands of cases, by role."""
    filed.put(world, AMOUNT)
    division, party = filed.DIVISIONS[2], filed.PARTY["id"]
    yield {
        "handler": world.account("exports-handler", "handler", party=party),
        "dispatcher": world.account(
            "exports-dispatcher", "dispatcher", division=division, party="community-exports"
        ),
        "supervisor": world.account("exports-supervisor", "supervisor", division=division[:6]),
        "elsewhere": world.account("exports-elsewhere", "dispatcher", division="341398001001"),
        "reporter": world.account(filed.REPORTER, "reporter"),
        "program": world.account("exports-program", "program", division=division[:6]),
    }
    filed.take_away(world)
    database = world.database("gateway")
    for each in list(database["exports"].find({"account": {"$regex": "^exports-"}})):
        ExportStore(database).remove(each["_id"], each["account"])


ROLES = ("handler", "dispatcher", "supervisor")


@pytest.mark.parametrize("role", ROLES)
def test_a_csv_file_equals_the_list(world, accounts, role):
    query = "state=dispatched,suspended,rated&from=2026-11-20"
    path = f"/issues/export?format=csv&fields={EVERY}&{query}"
    status, headers, content = raw(world, path, accounts[role])
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    cases = listed(
        world, accounts[role], state="dispatched,suspended,rated", **{"from": "2026-11-20"}
    )
    head, *rows = read_csv(content)
    table = Table(tuple(COLUMNS))
    assert head == [column.name for column in table.columns]
    assert len(cases) > 400
    assert headers["X-Total-Count"] == str(len(rows))
    assert rows == [[as_csv(value) for value in row] for row in table.rows(cases)]
    assert (filed.REPORTER.encode() in content) == (role != "handler")
    name = headers["Content-Disposition"]
    assert name.startswith('attachment; filename="issues-') and "filename*=UTF-8''%E6" in name


@pytest.mark.parametrize("role", ROLES)
def test_an_xlsx_file_equals_the_list(world, accounts, role):
    path = f"/issues/export?format=xlsx&fields={EVERY}&overdue=true"
    status, headers, content = raw(world, path, accounts[role])
    assert (status, headers["Content-Type"]) == (200, XLSX)
    cases = listed(world, accounts[role], overdue="true")
    head, *rows = read_xlsx(content)
    table = Table(tuple(COLUMNS))
    assert head == [column.name for column in table.columns]
    assert len(cases) == len(rows) > 400
    for row, wanted in zip(rows, table.rows(cases), strict=True):
        assert all(map(same, row, map(as_xlsx, wanted))), (row, wanted)
    column = [row[head.index("reporter")] for row in rows]
    assert set(column) == ({None} if role == "handler" else {filed.REPORTER})


def test_chinese_heads_and_words(world, accounts):
    path = (
        "/issues/export?format=csv&header=zh&fields=state,urgent,number&state=rated&overdue=false"
    )
    _, _, content = raw(world, path, accounts["supervisor"])
    head, *rows = read_csv(content)
    assert head == ["状态", "紧急", "案件编号"]
    assert {tuple(row[:2]) for row in rows} == {(STATES["rated"], "否")}


def test_nothing_to_export_is_a_head_alone(world, accounts):
    for form, read in (("csv", read_csv), ("xlsx", read_xlsx)):
        path = f"/issues/export?format={form}"
        _, headers, content = raw(world, path, accounts["elsewhere"])
        (head,) = read(content)
        assert head == [column.name for column in Table(USUAL).columns]
        assert headers["X-Total-Count"] == "0"


def test_no_description_is_a_formula(world, accounts):
    path = "/issues/export?format={}&fields=description,number&state=closed"
    _, _, content = raw(world, path.format("csv"), accounts["supervisor"])
    texts = {row[0] for row in read_csv(content)[1:]}
    assert texts == {neutral(text) for text in filed.DESCRIPTIONS}
    assert not any(text.lstrip()[0] in "=+-@＝＋－＠" for text in texts)
    _, _, content = raw(world, path.format("xlsx"), accounts["supervisor"])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.value for cell in cells} == set(filed.DESCRIPTIONS)
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


@pytest.mark.parametrize("account", ["member", "exports-program"])
@pytest.mark.parametrize("path", ["/issues/export?format=csv", "/exports", "/exports/x/file"])
def test_who_may_not_export_does_not(world, accounts, account, path):
    assert raw(world, path, account)[0] == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "format"),
        ("format=pdf", "format"),
        ("format=csv&header=fr", "header"),
        ("format=csv&fields=history", "fields"),
        ("format=csv&fields=", "fields"),
        ("format=csv&limit=5", "limit"),
        ("format=csv&cursor=01ARZ3NDEKTSV4RRFFQ69G5FAV", "cursor"),
        ("format=csv&colour=red", "colour"),
        ("format=csv&state=exploded", "state"),
    ],
)
def test_a_bad_export_names_its_field(world, query, field):
    answer = world.request("GET", f"/api/v1/issues/export?{query}", "supervisor")
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])


# In the background


@pytest.mark.parametrize(("form", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_an_ordered_export_is_made_and_fetched(world, accounts, form, read):
    account = accounts["handler"]
    filters = {**SOME, "urgent": False}
    export = order(world, account, form, header="zh", filters=filters)
    made = finished(world, export, account)
    assert (made["state"], made["filters"], made["header"]) == ("done", filters, "zh")
    assert made["done"] == made["total"] > 400
    assert made["created_at"] <= made["started_at"] <= made["finished_at"] < made["expires_at"]
    status, headers, content = raw(world, f"/exports/{export}/file", account)
    assert (status, headers["Content-Length"]) == (200, str(len(content)))
    assert made["bytes"] == len(content)
    head, *rows = read(content)
    assert head == [column.chinese for column in Table(USUAL).columns]
    numbers = [case["number"] for case in listed(world, account, **SOME)]
    assert [row[0] for row in rows] == numbers
    again = raw(world, f"/exports/{export}/file", account, **{"If-None-Match": headers["ETag"]})
    assert (again[0], again[2]) == (304, b"")
    newest = world.client(account).get("/exports", limit=1)["items"][0]
    assert newest == made


def test_an_export_is_its_owners_alone(world, accounts):
    export = order(world, accounts["supervisor"], filters={"state": "closed"})
    finished(world, export, accounts["supervisor"])
    for path in (f"/exports/{export}", f"/exports/{export}/file"):
        for other in ("admin", accounts["dispatcher"], accounts["handler"]):
            assert raw(world, path, other)[0] == 404, (path, other)
    gone = world.request("DELETE", f"/api/v1/exports/{export}", accounts["dispatcher"])
    assert gone.status == 404
    assert all(item["id"] != export for item in world.client("admin").get("/exports")["items"])
    assert parts_of(world, export) == 1
    gone = world.request("DELETE", f"/api/v1/exports/{export}", accounts["supervisor"])
    assert gone.status == 204
    assert raw(world, f"/exports/{export}/file", accounts["supervisor"])[0] == 404
    assert parts_of(world, export) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "format"),
        ({"format": "csv", "filters": {"state": "exploded"}}, "filters.state"),
        ({"format": "csv", "filters": {"limit": 5}}, "filters.limit"),
        ({"format": "csv", "filters": {"number": {"$ne": ""}}}, "filters.number"),
        ({"format": "csv", "filters": None}, "filters"),
        ({"format": "csv", "fields": ["history"]}, "fields.0"),
        ({"format": "csv", "fields": []}, "fields"),
        ({"format": "csv", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_order_names_its_field(world, body, field):
    answer = world.request("POST", "/api/v1/exports", "supervisor", json=body)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_personal_data_leaves_on_record(world, accounts):
    account = accounts["dispatcher"]
    raw(world, "/issues/export?format=csv&fields=reporter&state=closed", account)
    export = order(world, account, fields=["reporter"], filters={"state": "closed"})
    rows = finished(world, export, account)["done"]
    raw(world, f"/exports/{export}/file", account)
    entries = world.client("admin").get("/audit", account=account, limit=3)["items"]
    assert [entry["action"] for entry in entries] == [
        "fetch_export",
        "order_export",
        "export_issues",
    ]
    assert [entry["subject"] for entry in entries] == [export, export, ""]
    assert all(entry["detail"]["rows"] == rows > 400 for entry in entries)
    assert entries[1]["detail"]["fields"] == ["reporter"]


LEFT = (PART_PAGES + 1) * LONGEST_PAGE
"""Cases of an export that cannot be done without another question: more than the part that is made
and the page that is on its way."""


@pytest.fixture
def halted(world):
    """A function that orders an export, lets it begin and then halts the issues service, so that
    the export stays where it is until the service is let go on."""
    halted = []

    def halt(*ordered):
        exports = world.database("gateway")["exports"]
        for _ in range(5):
            export = order(world, *ordered)
            eventually(lambda export=export: exports.find_one({"_id": export, "done": {"$gt": 0}}))
            world.stack.kill("issues", signal.SIGSTOP)
            halted.append(True)
            found = exports.find_one({"_id": export})
            if found["state"] == "running" and found["done"] + LEFT < found["total"]:
                return found
            go_on()  # it was as good as done before anybody looked
        raise AssertionError("no export was halted before it was done")

    def go_on():
        if halted:
            world.stack.kill("issues", signal.SIGCONT)
            halted.clear()

    yield halt, go_on
    go_on()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_export_of_a_killed_gateway_is_finished(world, accounts, halted, form):
    halt, go_on = halted
    account = accounts["supervisor"]
    before = halt(account, form)
    export = before["_id"]
    old = world.stack.pid("gateway")
    world.stack.kill("gateway", signal.SIGKILL)
    go_on()
    eventually(lambda: world.stack.pid("gateway") not in (0, old))
    world.stack.await_program("gateway")
    made = finished(world, export, account, seconds=90.0)
    assert (made["state"], made["done"], made["total"]) == ("done", AMOUNT, AMOUNT)
    _, _, content = raw(world, f"/exports/{export}/file", account)
    rows = {"csv": read_csv, "xlsx": read_xlsx}[form](content)[1:]
    assert [row[0] for row in rows] == [case["number"] for case in listed(world, account)]
    # CSV went on after what was kept, and no part is left that belongs to nothing.
    after = kept_export(world, export)
    if form == "csv":
        assert after["parts"][: len(before["parts"])] == before["parts"] != []
    assert parts_of(world, export) == len(after["parts"])
    assert after["claim"] != before["claim"]


def test_an_export_that_is_removed_while_it_is_made_leaves_nothing(world, accounts, halted):
    halt, go_on = halted
    account = accounts["supervisor"]
    export = halt(account)["_id"]
    assert world.request("DELETE", f"/api/v1/exports/{export}", account).status == 204
    go_on()
    second = order(world, account, filters={"state": "closed"})
    finished(world, second, account)
    assert progress(world, export, account) is None
    eventually(lambda: parts_of(world, export) == 0)


def test_at_most_three_are_open(world, accounts, halted):
    halt, go_on = halted
    account = accounts["dispatcher"]
    first = halt(account)["_id"]
    exports = world.database("gateway")["exports"]
    waiting = {"claimed_until": datetime.now(UTC) + timedelta(hours=1), "state": "waiting"}
    others = [
        {**exports.find_one({"_id": first}), **waiting, "_id": f"waiting-{place}", "place": place}
        for place in (1, 2)
    ]
    exports.insert_many(others)
    refused = world.request("POST", "/api/v1/exports", account, json={"format": "csv"})
    go_on()
    # The issues service did not answer, or there was no place: either way nothing was taken.
    assert refused.status == 503
    eventually(lambda: world.request("GET", "/api/v1/categories", account).status == 200)
    exports.update_one({"_id": first}, {"$set": waiting})
    refused = world.request("POST", "/api/v1/exports", account, json={"format": "csv"})
    assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
    world.request("DELETE", f"/api/v1/exports/{first}", account)
    finished(world, order(world, account, filters={"state": "closed"}), account)
    exports.delete_many({"_id": {"$in": [each["_id"] for each in others]}})


def test_an_export_sees_what_its_account_sees_now(world, accounts, halted):
    halt, go_on = halted
    name, division = "exports-moved", filed.DIVISIONS[2]
    world.account(name, "supervisor", division=division[:6])
    export = halt(name)["_id"]
    token = world.token(name)
    world.account(name, "dispatcher", division=division)
    go_on()
    made = finished(world, export, name)
    assert made["done"] == len(listed(world, name)) < AMOUNT
    # What was made with the new reach is not for a token of the old one.
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{world.stack.url}/api/v1/exports/{export}/file"
    assert world.pool.request("GET", path, headers=headers).status == 410
    assert raw(world, f"/exports/{export}/file", name)[0] == 200


@pytest.mark.parametrize("change", [{"disabled_at": clock.now()}, {"roles": ["reporter"]}])
def test_the_export_of_an_account_that_may_not_any_more_is_given_up(
    world, accounts, halted, change
):
    halt, go_on = halted
    name = world.account("exports-leaving", "supervisor", division=filed.DIVISIONS[0])
    export = halt(name)["_id"]
    world.database("gateway")["accounts"].update_one({"_id": name}, {"$set": change})
    go_on()
    found = eventually(lambda: (each := kept_export(world, export))["state"] == "failed" and each)
    assert "may not export" in found["reason"]
    assert "place" not in found


def test_what_has_expired_is_taken_away(world, accounts):
    account = accounts["handler"]
    export = order(world, account, filters={"state": "closed"})
    finished(world, export, account)
    exports = world.database("gateway")["exports"]
    past = datetime.now(UTC) - timedelta(seconds=1)
    exports.update_one({"_id": export}, {"$set": {"expires_at": past}})
    eventually(lambda: kept_export(world, export) is None, seconds=90.0)
    assert parts_of(world, export) == 0


def test_the_gateway_does_not_grow_with_what_it_exports(world, accounts):
    account = accounts["supervisor"]
    raw(world, "/issues/export?format=csv&state=dispatched", account)
    finished(world, order(world, account, "xlsx", filters={"state": "closed"}), account)
    gateway = psutil.Process(world.stack.pid("gateway"))
    before = largest = gateway.memory_info().rss
    exports = [order(world, account, form) for form in ("csv", "xlsx")]
    headers = {"Authorization": f"Bearer {world.token(account)}"}
    path = f"{world.stack.url}/api/v1/issues/export?format=csv"
    response = world.pool.request("GET", path, headers=headers, preload_content=False)
    rows, rest = 0, b""
    for piece in response.stream(64 * 1024):
        *whole, rest = (rest + piece).split(b'\r\n"341399-')
        rows += len(whole)
        largest = max(largest, gateway.memory_info().rss)
    response.release_conn()
    while not all(progress(world, each, account)["state"] == "done" for each in exports):
        largest = max(largest, gateway.memory_info().rss)
        time.sleep(0.02)
    assert rows == AMOUNT
    assert largest - before < MEMORY
