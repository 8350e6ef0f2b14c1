"""What people do with exports: at once, or ordered and fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import quote

from eventlet import tpool
from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.conditions import KEPT as KEPT_HEADERS
from services.gateway.conditions import is_known, unchanged
from services.gateway.exports.columns import USUAL, Table
from services.gateway.exports.operations import TYPES
from services.gateway.exports.schemas import ExportOrder, ExportQuery
from services.gateway.exports.sheets import MOST_ROWS, Sheet
from services.gateway.exports.streaming import csv_lines
from services.gateway.exports.work import KEPT, pages, seen_as
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.clock import LOCAL
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import Page, load
from suishoupai.ids import new_id
from suishoupai.web import answer

Document = dict[str, Any]

QUERY = ExportQuery()
ORDER = ExportOrder()
PAGE = Page()
MOST_AT_ONCE = 10_000
"""Rows of an XLSX file that is waited for: it can only be sent once it is packed."""
MOST_OPEN = 3
"""Exports of an account that are not finished."""
PIECE = 64 * 1024
"""Bytes of a file that are sent at a time."""


def export_now(gateway: Gateway, call: Call) -> Response:
    """The case list as a table: CSV is sent page by page as it is read, XLSX once it is packed."""
    wanted = load(QUERY, call.query)
    own = ("format", "header", "fields")
    filters = {name: value for name, value in call.query.items() if name not in own}
    table = Table(tuple(wanted.get("fields_", USUAL)), wanted["header"])
    kind = wanted["format"]
    total = _count(gateway, call.caller, filters)
    if kind == "xlsx" and total > MOST_AT_ONCE:
        raise invalid("format", f"more than {MOST_AT_ONCE} rows: order it by POST /api/v1/exports")
    found = pages(_asking(gateway), call.caller, table, filters)
    # The first page is read before anything is answered: a refusal is still one.
    found = chain([next(found)], found)
    content = _lines(found, table) if kind == "csv" else _packed(found, table)
    record(gateway, call, "export_issues", filters=filters, fields=table.fields, rows=total)
    headers = {**_file_headers(clock.now(), kind), "X-Total-Count": str(total)}
    return Response(content, headers=headers, content_type=TYPES[kind], direct_passthrough=True)


def _lines(found: Iterator[Document], table: Table) -> Iterator[bytes]:
    return csv_lines(table.head(), (table.rows(page["items"]) for page in found))


def _packed(found: Iterator[Document], table: Table) -> Iterator[bytes]:
    sheet = Sheet(table)
    try:
        for page in found:
            tpool.execute(sheet.write, table.rows(page["items"]))
        tpool.execute(sheet.finish)
    except BaseException:
        sheet.close()
        raise

    def pieces() -> Iterator[bytes]:
        try:
            while piece := sheet.file.read(PIECE):
                yield piece
        finally:
            sheet.close()

    return pieces()


def order(gateway: Gateway, call: Call) -> Response:
    """Takes an export into the account's own list, to be made in the background."""
    wanted = load(ORDER, call.body)
    filters = call.body.get("filters", {})
    total = _count(gateway, call.caller, filters)
    if wanted["format"] == "xlsx" and total > MOST_ROWS:
        raise invalid("format", f"a sheet holds {MOST_ROWS} rows: choose csv, or narrow it")
    now = clock.now()
    export = {
        "_id": new_id(now),
        "account": call.caller.account,
        "state": "waiting",
        "format": wanted["format"],
        "header": wanted["header"],
        "fields": list(dict.fromkeys(wanted.get("fields_", USUAL))),
        "filters": filters,
        "done": 0,
        "total": total,
        "cursor": None,
        "parts": [],
        "seen_as": seen_as(call.caller),
        "tries": 0,
        "claimed_until": now,
        "created_at": now,
        "expires_at": now + KEPT,
    }
    if not gateway.store.exports.insert(export, MOST_OPEN):
        raise Problem("too-many-requests", f"{MOST_OPEN} exports are open", retry_after=10)
    record(
        gateway,
        call,
        "order_export",
        export["_id"],
        filters=filters,
        fields=export["fields"],
        rows=total,
    )
    return answer(shown(export), 202, {"Location": f"/api/v1/exports/{export['_id']}"})


def list_exports(gateway: Gateway, call: Call) -> Response:
    """A page of the caller's exports."""
    wanted = load(PAGE, call.query)
    limit = wanted["limit"]
    found = gateway.store.exports.of(call.caller.account, wanted["cursor"], limit + 1)
    page = found[:limit]
    more = page[-1]["_id"] if len(found) > limit else None
    return answer({"items": [shown(export) for export in page], "next": more})


def read(gateway: Gateway, call: Call) -> Response:
    """How far an export is."""
    return answer(shown(_own(gateway, call)))


def read_file(gateway: Gateway, call: Call) -> Response:
    """The file of an export, a piece at a time, while its account sees what is in it."""
    export = _own(gateway, call)
    if export["state"] != "done":
        raise Problem("not-found", f"the export is {export['state']}")
    if export["seen_as"] != seen_as(call.caller):
        raise Problem("gone", "what you may see has changed since: export it anew")
    if is_known(call.headers.get("If-None-Match"), export["_id"]):
        return unchanged(export["_id"])
    record(gateway, call, "fetch_export", export["_id"], rows=export["done"])
    kind = export["format"]
    headers = {
        **_file_headers(export["created_at"], kind),
        "Content-Length": str(_size(export)),
    }
    response = Response(
        gateway.store.exports.read(export["parts"]),
        headers=headers,
        content_type=TYPES[kind],
        direct_passthrough=True,
    )
    response.set_etag(export["_id"])
    return response


def remove(gateway: Gateway, call: Call) -> Response:
    """Stops an export, or takes its file away."""
    if not gateway.store.exports.remove(call.path["export"], call.caller.account):
        raise Problem("not-found", "no such export")
    record(gateway, call, "remove_export", call.path["export"])
    return Response(status=204)


def _own(gateway: Gateway, call: Call) -> Document:
    export = gateway.store.exports.find(call.path["export"], call.caller.account)
    if export is None:
        raise Problem("not-found", "no such export")
    return export


def shown(export: Document) -> Document:
    """An export as its account sees it."""
    done = export["state"] == "done"
    as_is = ("state", "format", "header", "fields", "filters", "done", "total")
    times = ("created_at", "started_at", "finished_at", "expires_at")
    return {
        "id": export["_id"],
        **{name: export[name] for name in as_is},
        "bytes": _size(export) if done else None,
        "reason": export.get("reason"),
        **{name: at.isoformat() if (at := export.get(name)) else None for name in times},
        "file": f"/api/v1/exports/{export['_id']}/file" if done else None,
    }


def _size(export: Document) -> int:
    return sum(part["bytes"] for part in export["parts"])


def _count(gateway: Gateway, caller: Caller, filters: Document) -> int:
    found = gateway.peers.ask("issues", "count_issues", caller, filters=filters)
    return int(found["total"])


def _asking(gateway: Gateway) -> Any:
    return lambda question, caller, filters: gateway.peers.ask(
        "issues", question, caller, filters=filters
    )


def _file_headers(at: datetime, kind: str) -> dict[str, str]:
    """The name of a file (RFC 6266), in both alphabets; none of it is a caller's."""
    stamp = f"{at.astimezone(LOCAL):%Y%m%d-%H%M}.{kind}"
    latin, chinese = f"issues-{stamp}", quote(f"案件-{stamp}")
    return {
        **KEPT_HEADERS,
        "Content-Disposition": f"attachment; filename=\"{latin}\"; filename*=UTF-8''{chinese}",
        "X-Content-Type-Options": "nosniff",
    }
