"""Reading exported files back, to be held against the list they were made of."""

import csv
import io
from datetime import datetime, timedelta

import openpyxl

from services.gateway.exports.cells import neutral
from services.gateway.exports.columns import COLUMNS
from suishoupai.clock import LOCAL

EVERY = ",".join(COLUMNS)


def raw(world, path, account, **headers):
    """Status, headers and bytes of a GET."""
    headers = {"Authorization": f"Bearer {world.token(account)}", **headers}
    response = world.pool.request("GET", f"{world.stack.url}/api/v1{path}", headers=headers)
    return response.status, response.headers, response.data


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
