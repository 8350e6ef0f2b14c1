"""Replaying a file of reports: every row sent once, whatever is interrupted in between.

The key of a row is made from the file's content and the row's line, so a row that was sent before
an interruption and is sent again opens no second case. ``FILE.progress`` keeps how far it came,
``FILE.rejected.csv`` the rows that were refused, each with its line and reason.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suishoupai.client import Client
from suishoupai.contracts.problems import Problem

COLUMNS = ("time", "lng", "lat", "datum", "category", "description")
AT_ONCE = 8
"""Reports under way at the same time, as from so many phones."""
CHUNK = 64
"""Rows between two notes of the progress."""


class UnreadableFile(ValueError):
    """The file is no table of reports."""


@dataclass(frozen=True)
class Row:
    """One line of the file: its number, its values, and what is wrong with its shape, if so."""

    line: int
    values: dict[str, str]
    fault: str = ""


@dataclass
class Outcome:
    """How many rows were sent and refused, over all runs."""

    sent: int = 0
    rejected: int = 0


def read_rows(content: bytes) -> list[Row]:
    """The rows of a CSV file in UTF-8 or GB 18030; raises ``UnreadableFile``."""
    reader = csv.reader(io.StringIO(_decode(content)))
    header = [name.strip() for name in next(reader, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise UnreadableFile(f"columns missing: {', '.join(missing)}; found: {', '.join(header)}")
    return list(_rows(reader, header))


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("neither UTF-8 nor GB 18030")


def _rows(reader: Any, header: list[str]) -> Iterator[Row]:
    try:
        for cells in reader:
            if not cells:
                continue
            values = dict(zip(header, cells, strict=False))
            fault = f"{len(cells)} columns instead of {len(header)}"
            yield Row(reader.line_num, values, fault if len(cells) != len(header) else "")
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: {error}") from error


def body_of(row: Row) -> dict[str, Any]:
    """What is sent for a row; the server judges it, as it judges a phone."""
    values = row.values
    return {
        "category": values["category"].strip(),
        "description": values["description"],
        "location": {name: values[name].strip() for name in ("lng", "lat", "datum")},
        "observed_at": values["time"].strip(),
    }


class Replay:
    """One file on its way; made again after an interruption, it goes on where it stopped."""

    def __init__(self, path: Path, client: Client) -> None:
        """Reads the file; raises ``OSError`` or ``UnreadableFile``."""
        content = path.read_bytes()
        self._client = client
        self._digest = hashlib.sha256(content).hexdigest()
        self._progress = path.with_name(f"{path.name}.progress")
        self.reject_file = path.with_name(f"{path.stem}.rejected.csv")
        self.rows = read_rows(content)
        self.done, self.outcome = self._resume()

    def run(self, advance: Callable[[int], None]) -> Outcome:
        """Sends what is left; raises ``Problem`` when the system stays away, to be run again."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for chunk in _chunks(self.rows[self.done :]):
                reasons = list(pool.map(self._send, chunk))
                self._note(chunk, reasons)
                advance(len(chunk))
        return self.outcome

    def _send(self, row: Row) -> str:
        """Why a row was refused; empty when it was taken."""
        if row.fault:
            return row.fault
        try:
            self._client.report(body_of(row), f"replay-{self._digest[:24]}-{row.line}")
        except Problem as problem:
            if problem.code not in ("invalid", "not-json", "too-large", "key-reused"):
                raise
            return problem.detail
        return ""

    def _note(self, chunk: tuple[Row, ...], reasons: list[str]) -> None:
        refused = [(row, reason) for row, reason in zip(chunk, reasons, strict=True) if reason]
        if refused:
            self._write_rejects(refused)
        self.done += len(chunk)
        self.outcome.rejected += len(refused)
        self.outcome.sent += len(chunk) - len(refused)
        noted = {"digest": self._digest, "done": self.done, **vars(self.outcome)}
        partial = self._progress.with_suffix(".partial")
        partial.write_text(json.dumps(noted))
        partial.replace(self._progress)

    def _write_rejects(self, refused: list[tuple[Row, str]]) -> None:
        new = not self.reject_file.exists()
        with self.reject_file.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["line", "reason", *COLUMNS])
            for row, reason in refused:
                values = [row.values.get(name, "") for name in COLUMNS]
                writer.writerow([row.line, reason, *values])

    def _resume(self) -> tuple[int, Outcome]:
        """How far an earlier run of the same content came; what it noted beyond that is redone."""
        noted: dict[str, Any] = {}
        if self._progress.exists():
            noted = json.loads(self._progress.read_text())
        if noted.get("digest") != self._digest:
            self.reject_file.unlink(missing_ok=True)
            return 0, Outcome()
        done = noted["done"]
        self._drop_rejects_after(self.rows[done - 1].line if done else 0)
        return done, Outcome(noted["sent"], noted["rejected"])

    def _drop_rejects_after(self, line: int) -> None:
        if not self.reject_file.exists():
            return
        with self.reject_file.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with self.reject_file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *(row for row in rows if int(row[0]) <= line)])


def _chunks(rows: list[Row]) -> Iterator[tuple[Row, ...]]:
    """The rows in chunks."""
    for start in range(0, len(rows), CHUNK):
        yield tuple(rows[start : start + CHUNK])
