"""With which span a span is compared, 环比 and 同比, and what came of it: pure functions.

Days and months are those of the local calendar; instants are in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isclose

from services.stats.periods import end_of, start_of
from suishoupai.clock import LOCAL

DAY = timedelta(days=1)
YEAR = 12
"""Months."""
TOLERANCE = 1e-9
"""What two sums of the same shares may differ by."""
BACK: Mapping[str, timedelta | int] = {
    "day": DAY,
    "week": 7 * DAY,
    "month": 1,
    "quarter": 3,
    "year": YEAR,
}
"""Period that may still run, from short to long → how far before it the one before begins, as a
length of time or as months."""


@dataclass(frozen=True)
class Span:
    """From ``since`` to before ``until``."""

    since: datetime
    until: datetime


def previous(span: Span, now: datetime) -> Span:
    """The span just before, of the same calendar length (环比).

    Whole months: as many before. What begins with a day, week, month, quarter or year that is not
    over yet, and ends within it: as far into the one before. Anything else: the same length of time
    that ends where the span begins.
    """
    if months := _whole_months(span):
        return earlier(span, months)
    back = _running(span, now)
    if back is None:
        back = span.until - span.since
    if isinstance(back, int):
        return earlier(span, back)
    return Span(span.since - back, span.until - back)


def year_before(span: Span) -> Span:
    """The same span a year earlier (同比)."""
    return earlier(span, YEAR)


def earlier(span: Span, months: int) -> Span:
    """The span of the same days and times some months earlier.

    Where the earlier month lacks the day: a span that begins on it begins on the month's last day
    instead and is as long as it was (29 February → 28 February), one that ends on it ends with the
    month, so that what grows never shrinks in its comparison.
    """
    since, until = span.since.astimezone(LOCAL), span.until.astimezone(LOCAL)
    begin = _months_before(since, months)
    if begin is None:
        last = _first_of(since, months - 1) - DAY
        begin = datetime.combine(last, since.time(), LOCAL).astimezone(span.since.tzinfo)
        return Span(begin, begin + (span.until - span.since))
    end = _months_before(until, months)
    if end is None:
        end = datetime.combine(_first_of(until, months - 1), time(), LOCAL)
    return Span(begin.astimezone(span.since.tzinfo), end.astimezone(span.until.tzinfo))


def direction(value: float | None, other: float | None) -> str:
    """Which way a value went from another one: ``up``, ``down``, ``same``; ``unknown`` where one of
    them is not there."""
    if value is None or other is None:
        return "unknown"
    if isclose(value, other, abs_tol=TOLERANCE):
        return "same"
    return "up" if value > other else "down"


def relative(value: float | None, other: float | None) -> float | None:
    """By what share of itself another value changed; None from 0 and where one is not there."""
    if value is None or not other:
        return None
    return (value - other) / other


def difference(value: float | None, other: float | None) -> float | None:
    """By how much another value changed; None where one is not there."""
    return None if value is None or other is None else value - other


def _whole_months(span: Span) -> int:
    """How many months a span is, if it is whole ones; else 0."""
    if start_of("month", span.since) != span.since or start_of("month", span.until) != span.until:
        return 0
    since, until = span.since.astimezone(LOCAL), span.until.astimezone(LOCAL)
    return (until.year - since.year) * 12 + until.month - since.month


def _running(span: Span, now: datetime) -> timedelta | int | None:
    """How far before the span the same part of the period before begins; None where it is not the
    beginning of a period, or that is over."""
    for period, back in BACK.items():
        end = end_of(period, span.since)
        if start_of(period, span.since) == span.since and span.until < end:
            return back if now < end else None
    return None


def _first_of(local: datetime, months: int) -> date:
    """The first day of the month some months before."""
    number = local.year * 12 + local.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _months_before(local: datetime, months: int) -> datetime | None:
    """The same day and time some months before; None where that month lacks the day."""
    first = _first_of(local, months)
    try:
        return local.replace(year=first.year, month=first.month)
    except ValueError:
        return None
