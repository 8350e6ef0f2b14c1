"""A span of time cut where the kept hours allow: whole hours in the middle, broken ones at the
ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.stats.counting import hour_of

HOUR = timedelta(hours=1)

Bounds = tuple[datetime | None, datetime | None]
"""From and to, each open when None."""


@dataclass(frozen=True)
class Span:
    """What to add up for a span of time."""

    whole: Bounds | None
    """Whole hours, to be read from the totals; None when the span holds none."""
    broken: tuple[tuple[datetime, datetime], ...]
    """Parts of hours, to be read from the facts."""


def cut(since: datetime | None, until: datetime | None) -> Span:
    """The span from ``since`` to before ``until``, cut at the full hours."""
    first = _next_hour(since) if since else None
    last = hour_of(until) if until else None
    if since and until and first and last and first > last:
        return Span(None, ((since, until),))
    broken = []
    if since and first and since < first:
        broken.append((since, first))
    if until and last and last < until:
        broken.append((last, until))
    return Span(None if first and first == last else (first, last), tuple(broken))


def _next_hour(at: datetime) -> datetime:
    hour = hour_of(at)
    return hour if hour == at else hour + HOUR
