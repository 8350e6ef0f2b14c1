"""How a range of time is read from whole units and from single cases: pure functions.

Few units are read, and fewer cases still: of a unit that lies in the range for its larger part the
whole is taken, and what lies outside is taken off again. So a year that has run until today is the
year, less what its open cases are still to count in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.stats.periods import end_of, start_of
from services.stats.tallies import UNITS

Sign = Literal[1, -1]
Span = tuple[datetime, datetime]
"""From an instant to before another, UTC."""


@dataclass(frozen=True)
class Part:
    """A piece that is read in one go, from ``since`` to before ``until`` (UTC)."""

    unit: str | None
    """A run of whole units of this kind; None: to be counted from the facts."""
    since: datetime
    until: datetime
    sign: Sign = 1
    """-1: what it holds is taken off."""


def planned(
    since: datetime, until: datetime, units: tuple[str, ...] = UNITS, sign: Sign = 1
) -> list[Part]:
    """The range from ``since`` to before ``until`` as whole units and what is left over, each with
    its sign; with ``sign`` all in all.

    Every instant of the range is counted once, and no other, however parts overlap. ``units``:
    those that may be used, from long to short. At each end of the range there are at most one run
    of each unit and one piece that no unit holds, however long the range is.
    """
    if since >= until:
        return []
    if not units:
        return [Part(None, since, until, sign)]
    return list(_planned(since, until, units, sign))


def _planned(
    since: datetime, until: datetime, units: tuple[str, ...], sign: Sign
) -> Iterator[Part]:
    unit, *rest = units
    shorter = tuple(rest)
    first, last = whole(unit, since, until)
    pieces = [piece for piece in ((since, first), (last, until)) if piece[0] < piece[1]]
    taken = [piece for piece in pieces if _is_mostly(unit, piece)]
    runs = [_unit_of(unit, piece) for piece in taken]
    if first < last:
        runs.append((first, last))
    if runs:
        yield Part(unit, min(start for start, _ in runs), max(end for _, end in runs), sign)
    for piece in pieces:
        if piece in taken:
            start, end = _unit_of(unit, piece)
            yield from planned(start, piece[0], shorter, _OPPOSITE[sign])
            yield from planned(piece[1], end, shorter, _OPPOSITE[sign])
        else:
            yield from planned(*piece, shorter, sign)


def whole(unit: str, since: datetime, until: datetime) -> Span:
    """Where the whole units of a range begin and end.

    What lies before and after is less than one unit each; all that is less than one is before.
    """
    first = since if since == start_of(unit, since) else min(end_of(unit, since), until)
    return first, max(start_of(unit, until), first)


def _unit_of(unit: str, span: Span) -> Span:
    """The unit that a span lies in."""
    return start_of(unit, span[0]), end_of(unit, span[0])


def _is_mostly(unit: str, span: Span) -> bool:
    """Whether a span that lies in one unit is more than half of it."""
    start, end = _unit_of(unit, span)
    return 2 * (span[1] - span[0]) > end - start


_OPPOSITE: dict[Sign, Sign] = {1: -1, -1: 1}
