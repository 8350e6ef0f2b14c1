"""Dates of Open311: ISO 8601 with an offset, to the second (W3C note on date and time formats).

What is shown is in whole seconds, and a span is of what is shown: ``end_date`` of a shown second
holds the whole of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from suishoupai.clock import LOCAL
from suishoupai.contracts.problems import invalid

SECOND = timedelta(seconds=1)
LONGEST_SPAN = timedelta(days=90)
"""Of requests (GeoReport v2: may not span more than 90 days)."""
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

W3C = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.]\d{1,6})?)?(Z|[+-]\d\d:\d\d)"
_W3C = re.compile(W3C, re.ASCII)
_SPACED = re.compile(r" (?=\d\d:\d\d$)")
"""A plus sign that was not escaped in an address arrives as a space."""

Span = tuple[datetime, datetime]
"""From an instant on, before another."""


def shown(instant: str) -> str:
    """An instant of ours as Open311 has it: in the county's time, with its offset."""
    return datetime.fromisoformat(instant).astimezone(LOCAL).isoformat(timespec="seconds")


def parse(field: str, text: str) -> datetime:
    """An instant, in UTC; raises ``Problem`` naming the field, also for one without an offset."""
    wanted = "an ISO 8601 date and time with its offset, such as 2026-01-31T08:30:00+08:00 or …Z"
    text = _SPACED.sub("+", text)
    if not _W3C.fullmatch(text):
        raise invalid(field, f"must be {wanted}")
    try:
        instant = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(field, f"must be {wanted}") from error
    if not EARLIEST <= instant <= LATEST:
        raise invalid(field, f"lies before {EARLIEST:%Y} or after {LATEST:%Y}")
    return instant


def from_of(instant: datetime) -> datetime:
    """The first instant that is shown as this one or later."""
    whole = instant.replace(microsecond=0)
    return whole if whole == instant else whole + SECOND


def before_of(instant: datetime) -> datetime:
    """The first instant that is shown as a later one."""
    return instant.replace(microsecond=0) + SECOND


def span(
    start: str | None, end: str | None, now: datetime, longest: timedelta, usual: timedelta
) -> Span:
    """The span from ``start_date`` to ``end_date``; with one of them the longest there may be from
    or to it, with none the ``usual`` one up to now. Raises ``Problem``."""
    first = parse("start_date", start) if start else None
    last = parse("end_date", end) if end else None
    if first and last and first > last:
        raise invalid("start_date", "lies after end_date")
    if first and last and last - first > longest:
        raise invalid("end_date", f"at most {longest.days} days after start_date")
    if first is None:
        last = last or now
        first = max(EARLIEST, last - (longest if end else usual))
    if last is None:
        last = first + longest
    return from_of(first), before_of(last)
