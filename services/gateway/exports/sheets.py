"""Tables as XLSX, written row by row: however many there are, only one is in memory.

Numbers, instants and yes or no are typed; a text is written as a text, whatever it begins with.
Packing a sheet keeps a core busy: call this in a thread.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psutil
import xlsxwriter

from services.gateway.exports.columns import Table, Value
from suishoupai.clock import LOCAL

MOST_ROWS = 1_048_575
"""Rows of a sheet, besides its head."""
TEXTS_STAY_TEXTS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
"""Options of every workbook: a stranger's words are never computed, nor a link."""
OPTIONS = {"constant_memory": True, **TEXTS_STAY_TEXTS}
INSTANT = "yyyy-mm-dd hh:mm:ss"
WIDTH = 18
"""Characters of a column."""
PREFIX = "suishoupai-export-"
"""What the name of a temporary folder begins with; the id of its process follows."""


def sweep() -> None:
    """Takes away what processes left that were killed while they wrote a sheet."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


class Sheet:
    """A workbook of one sheet that is being written, in a temporary file of its own."""

    def __init__(self, table: Table) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        options = {**OPTIONS, "tmpdir": self._folder.name}
        self._book: Any = xlsxwriter.Workbook(self.file, options)
        self._sheet = self._book.add_worksheet("案件")
        self._instant = self._book.add_format({"num_format": INSTANT})
        self._rows = 0
        self._sheet.set_column(0, len(table.columns) - 1, WIDTH)
        self._sheet.freeze_panes(1, 0)
        self._write_row(table.head(), self._book.add_format({"bold": True}))

    def write(self, rows: Iterable[Iterable[Value]]) -> None:
        """Adds rows; instants are shown in Asia/Shanghai."""
        for row in rows:
            self._write_row(row)

    def finish(self) -> int:
        """Packs the sheet and says how many bytes ``file``, wound back to its start, holds."""
        self._book.close()
        size = self.file.seek(0, 2)
        self.file.seek(0)
        return size

    def close(self) -> None:
        """Takes away every file there is of it."""
        self.file.close()
        self._folder.cleanup()

    def _write_row(self, values: Iterable[Value], style: Any = None) -> None:
        for place, value in enumerate(values):
            self._write(place, value, style)
        self._rows += 1

    def _write(self, place: int, value: Value, style: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._rows, place, value, style)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._rows, place, value, style)
        elif isinstance(value, datetime):
            local = value.astimezone(LOCAL).replace(tzinfo=None)
            self._sheet.write_datetime(self._rows, place, local, self._instant)
        elif value:
            self._sheet.write_string(self._rows, place, value, style)
