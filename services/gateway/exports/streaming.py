"""A table that is sent as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.gateway.exports.cells import MARK, csv_text
from services.gateway.exports.columns import Value
from suishoupai import tracing

Row = Iterable[Value]


def csv_lines(head: Row, pages: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """A table as CSV, each page of rows once it is there; the questions for pages belong to the
    request that is answered."""
    trace = tracing.current()

    def lines() -> Iterator[bytes]:
        tracing.begin(trace)  # what is sent is read by another worker
        yield (MARK + csv_text([head])).encode()
        for rows in pages:
            yield csv_text(rows).encode()

    return lines()
