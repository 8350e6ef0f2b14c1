"""Hours, days, weeks, months, quarters and years of the local calendar, as instants in UTC.

Weeks begin on Monday. A period is known by its start; it ends where the next one begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from suishoupai.clock import LOCAL, local_day

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
"""What lies so long before an end is the last of what ends there."""

PERIODS = ("hour", "day", "week", "month", "quarter", "year")
"""From short to long."""


def start_of(period: str, at: datetime) -> datetime:
    """The start of the period that an instant lies in."""
    return _start_of(period, _hour_of(at))


@lru_cache(maxsize=1 << 15)
def _start_of(period: str, hour: datetime) -> datetime:
    """Kept for a while: every mark of every case asks for its year, month, day and hour."""
    return hour if period == "hour" else _midnight(_FIRST_DAY[period](local_day(hour)))


def end_of(period: str, at: datetime) -> datetime:
    """The start of the next period after the one that an instant lies in."""
    if period == "hour":
        return _hour_of(at) + HOUR
    first = _FIRST_DAY[period](local_day(at))
    return _midnight(_FIRST_DAY[period](first + timedelta(days=_REACHES_NEXT[period])))


def starts(period: str, since: datetime, until: datetime) -> list[datetime]:
    """The start of every period of which some lies between ``since`` and before ``until``."""
    found = []
    at = start_of(period, since)
    while at < until:
        found.append(at)
        at = end_of(period, at)
    return found


PARTS = {"year": "month", "month": "day", "day": "hour"}
"""Period → the shorter ones that stand together in a document of it."""
HOLDERS = {part: holder for holder, part in PARTS.items()}


@lru_cache(maxsize=1 << 15)
def part_name(part: str, at: datetime) -> str:
    """How a month is called within its year, a day within its month, an hour within its day: the
    two digits of the local calendar."""
    return f"{at.astimezone(LOCAL):{_DIGITS[part]}}"


@lru_cache(maxsize=4096)
def part_start(part: str, holder: datetime, name: str) -> datetime:
    """The start of the part of that name, of the holder that starts at ``holder``."""
    local = holder.astimezone(LOCAL)
    return local.replace(**{part: int(name)}).astimezone(UTC)  # type: ignore[arg-type]


_DIGITS = {"month": "%m", "day": "%d", "hour": "%H"}


def _hour_of(at: datetime) -> datetime:
    """The start of an hour; UTC and the local calendar have the same ones."""
    return at.replace(minute=0, second=0, microsecond=0)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


_FIRST_DAY: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_REACHES_NEXT = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days after the first day of a period on which the next one has begun, and not yet another."""
