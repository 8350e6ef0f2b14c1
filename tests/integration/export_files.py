"""Ordering exports, and reading their files back to be held against the list they were made of."""

import csv
import io
from datetime import datetime, timedelta

import openpyxl

from services.gateway.exports.cells import neutral
from services.gateway.exports.columns import COLUMNS
from suishoupai.clock import LOCAL

from .conftest import eventually

EVERY = ",".join(COLUMNS)


def raw(world, path, account, **headers):
    """Status, headers and bytes of a GET."""
    headers = {"Authorization": f"Bearer {world.token(account)}", **headers}
    response = world.pool.request("GET", f"{world.stack.url}/api/v1{path}", headers=headers)
    return response.status, response.headers, response.data


def order(world, account, form="csv", **more):
    body = {"format": form, **more}
    answer = world.request("POST", "/api/v1/exports", account, json=body)
    assert answer.status == 202, answer
    assert answer.headers["Location"] == f"/api/v1/exports/{answer.body['id']}"
    return answer.body["id"]


def progress(world, export, account):
    answer = world.request("GET", f"/api/v1/exports/{export}", account)
    return answer.body if answer.status == 200 else None


def finished(world, export, account, seconds=60.0):
    def done():
        found = progress(world, export, account)
        return found if found["state"] in ("done", "failed") else None

    return eventually(done, seconds)


def kept_export(world, export):
    return world.database("gateway")["exports"].find_one({"_id": export})


def parts_of(world, export):
    return world.database("gateway")["export_files.files"].count_documents({"filename": export})


def listed(world, account, **query):
    """Every case of a list, the newest first."""
    found, cursor = [], {}
    while cursor is not None:
        page = world.client(account).get("/issues", **query, **cursor, limit=200, fields=EVERY)
        found += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    return found


def read_csv(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def as_csv(value):
    """What a value looks like in a CSV file, said once more and slowly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    return neutral(value) if isinstance(value, str) else str(value)


def as_xlsx(value):
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).replace(tzinfo=None)
    return None if value == "" else value


def same(left, right):
    """Excel keeps an instant as a fraction of a day."""
    if isinstance(left, datetime) and isinstance(right, datetime):
        return abs(left - right) < timedelta(milliseconds=2)
    return left == right
