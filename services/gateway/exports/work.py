"""Makes the file of an export, page by page, so that no more than a page is ever in memory.

A CSV file grows by parts; whoever takes up the export of a process that was killed goes on after
the last part that was kept. An XLSX file is only one when it is packed: it is begun anew. Every
page is asked for with the reach that the account has by then; when it is another than before, the
file is begun anew too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eventlet import tpool

from services.gateway.exports.cells import MARK, csv_text
from services.gateway.exports.columns import Table
from services.gateway.exports.sheets import Sheet
from services.gateway.exports.store import ExportStore
from services.gateway.jobs.work import Content, Left, Refused, change, keep
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.questions import LONGEST_PAGE

Document = dict[str, Any]
Ask = Callable[[str, Caller, Document], Document]
"""Asks the issues service: question, caller, filters."""

PART_PAGES = 5
"""Pages of one part of a CSV file."""
KEPT = timedelta(hours=24)
"""How long a finished export can be fetched."""


class ReachChanged(Exception):
    """What the account may see has changed: what was written so far may be too much."""


@dataclass(frozen=True)
class Bench:
    """What an export is made with."""

    store: ExportStore
    caller_of: Callable[[str], Caller | None]
    """The caller an account is now; None for one that may not export."""
    ask: Ask
    is_leaving: Callable[[], bool]
    """Whether this process is about to stop."""


def pages(ask: Ask, caller: Caller, table: Table, filters: Document) -> Iterator[Document]:
    """The pages of the case list with the fields of a table, from ``filters['cursor']`` on."""
    wanted = {**filters, "fields": ",".join(table.fields), "limit": LONGEST_PAGE}
    while True:
        page = ask("find_issues", caller, wanted)
        yield page
        if page["next"] is None:
            return
        wanted["cursor"] = page["next"]


def make(export: Document, bench: Bench) -> None:
    """Makes the file of a claimed export, and marks it as done.

    Raises ``Left`` when it is not this process's to make any more, ``Refused`` when it is nobody's,
    and whatever a question or the database raises.
    """
    write = {"csv": _write_csv, "xlsx": _write_xlsx}[export["format"]]
    while True:
        caller = _caller(export, bench)
        export = _begun(export, caller, bench)
        try:
            write(export, caller, bench)
        except ReachChanged:
            continue
        return


def seen_as(caller: Caller) -> Document:
    """What decides what an account sees."""
    return {"roles": list(caller.roles), "division": caller.division, "party": caller.party}


def _caller(export: Document, bench: Bench) -> Caller:
    caller = bench.caller_of(export["account"])
    if caller is None:
        raise Refused("the account may not export any more")
    return caller


def _begun(export: Document, caller: Caller, bench: Bench) -> Document:
    """The export as it is gone on with: from its start, unless a CSV file of the same reach was
    begun."""
    begun: Document = {"total": bench.ask("count_issues", caller, export["filters"])["total"]}
    if export["format"] != "csv" or export["seen_as"] != seen_as(caller):
        begun |= {"seen_as": seen_as(caller), "parts": [], "done": 0, "cursor": None}
    change(export, {"$set": begun}, bench.store)
    export = {**export, **begun}
    bench.store.drop_parts(export["_id"], export["parts"])
    return export


def _write_csv(export: Document, caller: Caller, bench: Bench) -> None:
    table, parts, done = table_of(export), list(export["parts"]), export["done"]
    lines = [] if parts else [MARK + csv_text([table.head()])]
    filters = {**export["filters"], **({"cursor": export["cursor"]} if export["cursor"] else {})}
    found = _watched(pages(bench.ask, caller, table, filters), export, bench)
    for number, page in enumerate(found, start=1):
        lines.append(csv_text(table.rows(page["items"])))
        done += len(page["items"])
        if page["next"] is None:
            _finish(export, parts, "".join(lines).encode(), done, bench)
        elif number % PART_PAGES == 0:
            kept = {"done": done, "cursor": page["next"]}
            parts = keep(export, parts, "".join(lines).encode(), {"$set": kept}, bench.store)
            lines.clear()


def _write_xlsx(export: Document, caller: Caller, bench: Bench) -> None:
    table, done = table_of(export), 0
    sheet = Sheet(table)
    try:
        found = _watched(pages(bench.ask, caller, table, export["filters"]), export, bench)
        for page in found:
            tpool.execute(sheet.write, table.rows(page["items"]))
            done += len(page["items"])
            change(export, {"$set": {"done": done}}, bench.store)
        tpool.execute(sheet.finish)
        _finish(export, [], sheet.file, done, bench)
    finally:
        sheet.close()


def _finish(
    export: Document, parts: list[Document], content: Content, done: int, bench: Bench
) -> None:
    """Keeps the last part and marks the export as done."""
    now = clock.now()
    times = {"finished_at": now, "expires_at": now + KEPT}
    finished = {"state": "done", "done": done, "total": done, **times}
    keep(export, parts, content, {"$set": finished, "$unset": {"place": ""}}, bench.store)


def _watched(found: Iterator[Document], export: Document, bench: Bench) -> Iterator[Document]:
    """The pages, as long as this process goes on and the account sees what it saw."""
    for page in found:
        if bench.is_leaving():
            raise Left
        if seen_as(_caller(export, bench)) != export["seen_as"]:
            raise ReachChanged
        yield page


def table_of(export: Document) -> Table:
    """The table that an export asks for."""
    return Table(tuple(export["fields"]), export["header"])
