"""The scope table, tests/scope.csv: who may do what to which case, written by hand from DOMAIN.

A row is an operation, a column a caller (``callers.ROLES``). A cell is what comes of asking about
a case inside the caller's reach / outside it / inside but confidential: ``sees`` for a good answer
that names the case, else the status. One word stands for three that are alike. What a cell of
accounts, programs and things of one's own is about, docs/security.md says.
"""

import csv
from pathlib import Path

from .callers import ROLES
from .scene import KINDS

TABLE = Path(__file__).resolve().parents[2] / "scope.csv"


def read_table():
    """Operation id → caller → kind → what is expected."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows, f"{TABLE.name} is empty"
    assert tuple(rows[0]) == ("operation", *ROLES), (
        f"the columns are: operation, {', '.join(ROLES)}"
    )
    assert len({row["operation"] for row in rows}) == len(rows), "an operation has two rows"
    return {row["operation"]: {name: _cell(row, name) for name in ROLES} for row in rows}


def _cell(row, caller):
    words = (row[caller] or "").split("/")
    assert len(words) in (1, 3), f"{row['operation']}, {caller}: one word, or three with /"
    return dict(zip(KINDS, words * (3 // len(words)), strict=True))


def written(operation, cells):
    """A row as it is written into the table."""
    words = [list(cells[name].values()) for name in ROLES]
    return ",".join(
        [operation, *(each[0] if len(set(each)) == 1 else "/".join(each) for each in words)]
    )
