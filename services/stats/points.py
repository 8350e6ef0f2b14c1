"""How many points a trend has, and which period is not too fine a cut of a span: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from services.stats.periods import HOUR, INSTANT, PERIODS, start_of
from suishoupai.clock import local_day

MOST = 800
"""Points of a trend: the days of two years, or the hours of a month."""


def points(period: str, since: datetime, until: datetime) -> int:
    """How many periods of a kind have some of themselves from ``since`` to before ``until``, which
    is later; counted without going through them."""
    last = until - INSTANT
    if period == "hour":
        return (start_of("hour", last) - start_of("hour", since)) // HOUR + 1
    number = _NUMBER[period]
    return number(local_day(last)) - number(local_day(since)) + 1


def finest(since: datetime, until: datetime, most: int = MOST) -> str:
    """The shortest period of which a span has no more than ``most``; the longest there is, where
    even of that one it has more."""
    fitting = (period for period in PERIODS if points(period, since, until) <= most)
    return next(fitting, PERIODS[-1])


_NUMBER: Mapping[str, Callable[[date], int]] = {
    "day": date.toordinal,
    # The first of January of year 1 was a Monday.
    "week": lambda day: (day.toordinal() - 1) // 7,
    "month": lambda day: day.year * 12 + day.month,
    "quarter": lambda day: day.year * 4 + (day.month - 1) // 3,
    "year": lambda day: day.year,
}
"""Period → a number for each day that goes up by one from a period to the next."""
