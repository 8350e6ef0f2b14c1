"""Months of the local calendar, and when the report of one is due. Pure functions.

A month is written ``2026-10``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from suishoupai.clock import LOCAL, local_day

DAY = timedelta(days=1)
PATTERN = r"^20\d\d-(0[1-9]|1[0-2])$"
"""How a month is written; there were no cases before this century."""


@dataclass(frozen=True)
class Timetable:
    """When in a month the reports of the month before are made."""

    day: int
    """1 to 28."""
    at: time
    """In Asia/Shanghai."""


def month_of(instant: datetime) -> str:
    """The month that an instant lies in."""
    return f"{local_day(instant):%Y-%m}"


def before(month: str) -> str:
    """The month before."""
    return f"{_first(month) - DAY:%Y-%m}"


def after(month: str) -> str:
    """The month after."""
    return f"{_first(month) + 31 * DAY:%Y-%m}"


def bounds(month: str) -> tuple[datetime, datetime]:
    """When a month begins and when the next one does."""
    return _midnight(_first(month)), _midnight(_first(after(month)))


def due_at(month: str, timetable: Timetable) -> datetime:
    """When the scheduled report of a month is to be made: in the month after it."""
    day = _first(after(month)).replace(day=timetable.day)
    return datetime.combine(day, timetable.at, LOCAL)


def due(now: datetime, timetable: Timetable) -> str:
    """The latest month whose report is due.

    It stays due until the next one is, so that a start later in the month still makes it; of months
    before it, none is made any more.
    """
    last = before(month_of(now))
    return last if due_at(last, timetable) <= now else before(last)


def said(month: str) -> str:
    """A month in words: ``2026年10月``."""
    first = _first(month)
    return f"{first.year}年{first.month}月"


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)
