"""A catalogue as a CSV file: reading and checking one, and writing one that reads the same."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.issues.catalogue import PERIOD, Document, overlap
from suishoupai.contracts.words import LIMIT_UNITS

Read = Callable[[str], Any]
"""From the text of a cell to its value; raises ``ValueError`` saying what it must be."""

CODE = re.compile("[0-9]{5}")
NUMBER = re.compile("[1-9][0-9]{0,2}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 200
"""Characters of a text."""
LIST = "|"
"""What stands between the words of a cell that holds several."""

KINDS = ("部件", "事件", "事项")
BASES = ("S", "REC", "DEFAULT", "COUNTY")
"""Where a limit comes from: a city's published figure, our own, ours by major class, the county."""
YES = {"是": True, "否": False}
AUTO_DISPATCH = {"是": "always", "小区内": "compound", "否": "never"}
"""Where a member's report goes from reported to dispatched with no hand in between (DOMAIN: life of
a case)."""
MEANINGS: Mapping[str, Mapping[str, Any]] = {
    "confidential": YES,
    "auto_dispatch": AUTO_DISPATCH,
    "extensible": YES,
}
"""Columns whose words stand for something, and what each word means."""
EMERGENCY = ("110", "119", "120")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file: the line, the column (empty for a whole line), and what it is."""

    line: int
    column: str
    message: str


def read_catalogue(content: bytes, duties: Collection[str]) -> tuple[list[Document], list[Fault]]:
    """The rows of a file in its order, or everything that is wrong with it, by line.

    ``duties``: the words that may be responsible. A row is a document without ``_id``;
    ``valid_from`` is None where the file does not say it. There are no rows of a file at fault.
    """
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return [], [Fault(line, "", "is not UTF-8: save the file as “CSV UTF-8”")]
    lines, faults = _lines(text)
    if not lines:
        return [], faults or [Fault(1, "", "the file is empty")]
    (line, header), *body = lines
    faults += _header_faults(line, header)
    if not body:
        faults.append(Fault(line, "", "there is no row below the names of the columns"))
    rows: list[tuple[int, Document]] = []
    for line, cells in body:
        row, wrong = _row(line, header, cells, {**COLUMNS, "responsible": _words_of(duties)})
        rows.append((line, row))
        faults += wrong
    faults += _overlaps(rows)
    if faults:
        return [], sorted(faults, key=lambda fault: fault.line)
    return [row for _, row in rows], []


def read_duties(content: bytes) -> list[str]:
    """The words that may be responsible, from the county's file of them (column ``word``)."""
    return [row["word"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def write_catalogue(rows: Iterable[Document]) -> str:
    """The text of a file that reads as these rows."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([worded(name, row[name]) for name in COLUMNS] for row in rows)
    return file.getvalue()


def worded(column: str, value: Any) -> str:
    """A value as the cell of its column says it."""
    for word, meaning in MEANINGS.get(column, {}).items():
        if value == meaning:
            return word
    if isinstance(value, list):
        return LIST.join(value)
    return "" if value is None else str(value)


def _lines(text: str) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """The lines with anything in them, each with its number, as far as the text is CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, begins = [], 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                lines.append((begins, stripped))
            begins = reader.line_num + 1
    except csv.Error as error:
        return lines, [Fault(begins, "", f"is no CSV from here on: {error}")]
    return lines, []


def _header_faults(line: int, header: list[str]) -> Iterator[Fault]:
    for name, count in Counter(header).items():
        if name not in COLUMNS:
            yield Fault(line, name, f"there is no such column; there are: {', '.join(COLUMNS)}")
        elif count > 1:
            yield Fault(line, name, "this column is there more than once")
    for name in COLUMNS:
        if name not in header and name not in PERIOD:
            yield Fault(line, name, "this column is missing")


def _row(
    line: int, header: list[str], cells: list[str], readers: Mapping[str, Read]
) -> tuple[Document, list[Fault]]:
    """What can be read of a line, and what is wrong with it."""
    if len(cells) != len(header):
        return {}, [Fault(line, "", f"has {len(cells)} cells instead of {len(header)}")]
    row: Document = dict.fromkeys(PERIOD)
    faults = []
    for name, cell in zip(header, cells, strict=True):
        if name not in readers:
            continue
        try:
            row[name] = readers[name](cell)
        except ValueError as error:
            row.pop(name, None)
            faults.append(Fault(line, name, f"{error}; is “{cell}”" if cell else f"{error}"))
    if row.get("valid_from") and row.get("valid_to") and row["valid_to"] <= row["valid_from"]:
        faults.append(Fault(line, "valid_to", f"must come after valid_from, {row['valid_from']}"))
    return row, faults


def _overlaps(rows: Iterable[tuple[int, Document]]) -> Iterator[Fault]:
    earlier: dict[str, list[tuple[int, Document]]] = defaultdict(list)
    for line, row in rows:
        if not {"code", *PERIOD} <= set(row):
            continue
        for other, known in earlier[row["code"]]:
            if overlap(row, known):
                yield Fault(line, "code", f"{row['code']} is in force twice: line {other} has it")
                break
        earlier[row["code"]].append((line, row))


def _code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise ValueError("must be five digits, such as 06010")
    return text


def _text(text: str) -> str:
    if not text:
        raise ValueError("must not be blank")
    if len(text) > LONGEST or not text.replace("\u3000", " ").isprintable():
        raise ValueError(f"must be one line of at most {LONGEST} characters")
    return text


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError("must be a whole number from 1 to 999")
    return int(text)


def _day(text: str) -> str | None:
    if not text:
        return None
    try:
        if not DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError("must be a date such as 2026-01-01") from error


def _one_of(words: Collection[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return text

    return read


def _words_of(known: Collection[str]) -> Callable[[str], list[str]]:
    one = _one_of(known)

    def read(text: str) -> list[str]:
        words = [one(word.strip()) for word in text.split(LIST)]
        if len(set(words)) < len(words):
            raise ValueError("must not name the same twice")
        return words

    return read


def _meaning_in(column: str) -> Read:
    words = MEANINGS[column]
    one = _one_of(words)
    return lambda text: words[one(text)]


def _emergency(text: str) -> list[str]:
    return _words_of(EMERGENCY)(text) if text else []


COLUMNS: dict[str, Read] = {
    "code": _code,
    "kind": _one_of(KINDS),
    "major_name": _text,
    "name": _text,
    "responsible": _text,
    "limit": _number,
    "limit_unit": _one_of(LIMIT_UNITS),
    "limit_basis": _one_of(BASES),
    "confidential": _meaning_in("confidential"),
    "auto_dispatch": _meaning_in("auto_dispatch"),
    "filing_condition": _text,
    "check_limit": _number,
    "check_unit": _one_of(LIMIT_UNITS),
    "extensible": _meaning_in("extensible"),
    "emergency": _emergency,
    "valid_from": _day,
    "valid_to": _day,
}
"""Every column of a file and how its cells are read; which words may be responsible, the county
says (``duties``)."""
