"""Tables as CSV (RFC 4180, in UTF-8 with a byte order mark: Excel in China takes anything else for
GBK), in which no cell can be taken for a formula.

A report's words are a stranger's, and whoever opens the file trusts it: a text that a spreadsheet
would compute gets an apostrophe before it (OWASP: CSV injection). In XLSX a text is a text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from services.gateway.exports.columns import Value
from suishoupai.clock import LOCAL

MARK = "\ufeff"
"""What a CSV file begins with."""
STARTS = "=+-@−"
"""What a formula begins with; ＝, ﹢ and their like are normalised to these."""
STEPS = ("\t", "\r", "\n")
"""What moves a cell's text into another cell when it is pasted."""


def neutral(text: str) -> str:
    """A text as a spreadsheet shows it and does not compute it."""
    return f"'{text}" if text.startswith(STEPS) or _first_sign(text) in STARTS else text


def _first_sign(text: str) -> str:
    """The first character that is seen, in its plain form; a blank where there is none."""
    seen = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), " ")
    return unicodedata.normalize("NFKC", seen)[0]


def csv_text(rows: Iterable[Iterable[Value]]) -> str:
    """Rows as lines of CSV. Texts are quoted, numbers are not; instants are in Asia/Shanghai with
    their offset, yes and no are ``true`` and ``false``."""
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return lines.getvalue()


def _cell(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    return neutral(value) if isinstance(value, str) else value
