"""How tallies stand together in documents: pure functions.

A document holds the tallies of one division, cut, value and holding period (a year, a month or a
day, by its local start): ``{_id, parent, division, cut, value, period, start, parts: {NAME: {mark:
cases}}}``. The parts of a year are its months, of a month its days, of a day its hours, each named
by its two digits; a year has ``figures: {mark: cases}`` of its own besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.stats.periods import (
    HOLDERS,
    INSTANT,
    PARTS,
    part_name,
    part_start,
    start_of,
    starts,
)
from services.stats.planning import Part
from services.stats.tallies import Tally
from suishoupai.divisions import parent

Document = dict[str, Any]
Key = tuple[str, str, str, str, datetime]
"""Division code, cut, value, holding period and its start: one document."""

MOST_PATHS = 24
"""More than so many fields are not read one by one: telling them apart takes as long."""
MOST_PARTS = 32
"""The days of a month are called 01 to 31, and no other parts by as many names."""
_KEYS = ("division", "cut", "value", "period", "start")


def place(tally: Tally) -> tuple[Key, str]:
    """The document that holds a tally, and the path of its figure there."""
    division, cut, value, unit, start, mark = tally
    if unit not in HOLDERS:
        return (division, cut, value, unit, start), f"figures.{mark}"
    period = HOLDERS[unit]
    key = (division, cut, value, period, start_of(period, start))
    return key, f"parts.{part_name(unit, start)}.{mark}"


def id_of(key: Key) -> str:
    """The ``_id`` of a document."""
    division, cut, value, period, start = key
    return f"{division}|{cut}|{value}|{period}|{start:%Y-%m-%dT%H}Z"


def named(key: Key) -> Document:
    """What a document says of itself besides its figures."""
    return {"parent": parent(key[0]), **dict(zip(_KEYS, key, strict=True))}


def holding(part: Part) -> Document:
    """The condition on the documents that hold the units of a part."""
    period = HOLDERS.get(str(part.unit), "year")
    start = {"$gte": start_of(period, part.since), "$lt": part.until}
    return {"period": period, "start": start}


def shown(part: Part, by: str, marks: Sequence[str]) -> Document:
    """The projection to read them with: of a part that lies in one document its units alone, and of
    few units and marks those marks alone.

    ``by``: the field that is read besides.
    """
    return {"_id": 0, by: 1, "start": 1, **dict.fromkeys(_paths(part, marks), 1)}


def _paths(part: Part, marks: Sequence[str]) -> list[str]:
    unit = str(part.unit)
    if unit not in HOLDERS:
        holds = ["figures"]
    elif start_of(HOLDERS[unit], part.since) == start_of(HOLDERS[unit], part.until - INSTANT):
        names = (part_name(unit, start) for start in starts(unit, part.since, part.until))
        holds = [f"parts.{name}" for name in names]
    else:
        return ["parts"]
    if len(holds) * len(marks) > MOST_PATHS:
        return holds
    return [f"{held}.{mark}" for held in holds for mark in marks]


def all_paths(unit: str, marks: Sequence[str]) -> list[str]:
    """Where marks of every unit of a document are, whichever the document."""
    if unit not in HOLDERS:
        return [f"figures.{mark}" for mark in marks]
    return [f"parts.{name:02}.{mark}" for name in range(MOST_PARTS) for mark in marks]


def within(row: Document, part: Part) -> Iterator[tuple[datetime, Mapping[str, int]]]:
    """The start of each unit of a part that a document holds, and its figures."""
    unit = str(part.unit)
    if unit not in HOLDERS:
        yield row["start"], row.get("figures", {})
        return
    for name, figures in row.get("parts", {}).items():
        start = part_start(unit, row["start"], name)
        if part.since <= start < part.until:
            yield start, figures


def told(row: Document) -> Iterator[tuple[Tally, int]]:
    """Each tally of a document, with its figure."""
    which = (row["division"], row["cut"], row["value"])
    for mark, cases in row.get("figures", {}).items():
        yield (*which, "year", row["start"], mark), cases
    unit = PARTS[row["period"]]
    for name, figures in row.get("parts", {}).items():
        start = part_start(unit, row["start"], name)
        for mark, cases in figures.items():
            yield (*which, unit, start, mark), cases
