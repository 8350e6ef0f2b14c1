"""When a case is due: its start plus the limit of its catalogue row, in the kind of time that the
row's unit names (DOMAIN: catalogue).

Ordinary units run in working hours of working days, urgent ones (紧急…) round the clock. Working
days follow the State Council's holidays and make-up days (调休) as ``chinesecalendar`` knows them;
a year it does not know is taken as plain weekdays, and the result says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar

from suishoupai.clock import LOCAL

HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
"""Working hours of a working day, local time (DOMAIN: catalogue)."""

HOUR = timedelta(hours=1)

UNITS = {
    "工作时": HOUR,
    "工作日": 7 * HOUR,
    "紧急工作时": HOUR,
    "紧急工作日": 24 * HOUR,
}
"""How much time one of a unit is, in its kind of time: a 工作日 is one day's hours."""

URGENT = "紧急"
"""How the units begin that run round the clock."""

WARNED_AFTER = 3
"""Quarters of the limit that have passed when a case is due soon."""


@dataclass(frozen=True)
class Moment:
    """An instant in UTC, and whether a day on the way to it was only assumed to be a working one
    or a free one."""

    at: datetime
    assumed: bool


@dataclass(frozen=True)
class Deadline:
    """When a case is due and due soon, in UTC; ``assumed`` as in ``Moment``."""

    due_at: datetime
    due_soon_at: datetime
    assumed: bool


def deadline(start: datetime, limit: int, unit: str) -> Deadline:
    """The deadline of what starts at ``start`` with a limit in a unit of ``UNITS``.

    It is due soon when a quarter of the limit is left. Raises ``KeyError`` for another unit.
    """
    amount = limit * UNITS[unit]
    later = round_the_clock if unit.startswith(URGENT) else in_working_time
    due, soon = later(start, amount), later(start, amount * WARNED_AFTER / 4)
    return Deadline(due.at, soon.at, due.assumed)


def round_the_clock(start: datetime, amount: timedelta) -> Moment:
    """The instant that lies ``amount`` after ``start``."""
    return Moment((start + amount).astimezone(UTC), False)


def in_working_time(start: datetime, amount: timedelta) -> Moment:
    """The first instant by which ``amount`` of working time has passed since ``start``."""
    if not amount:
        return Moment(start.astimezone(UTC), False)
    assumed = False
    for day in _days(start.astimezone(LOCAL).date()):
        working, known = is_working(day)
        assumed = assumed or not known
        for opens, closes in _spans(day) if working else ():
            passed = max(closes - max(opens, start), timedelta())
            if passed >= amount:
                return Moment(closes - (passed - amount), assumed)
            amount -= passed
    raise AssertionError("days never end")


def is_working(day: date) -> tuple[bool, bool]:
    """Whether ``day`` is a working day, and whether that is known rather than assumed."""
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.isoweekday() < 6, False


def _days(first: date) -> Iterator[date]:
    while True:
        yield first
        first += timedelta(days=1)


def _spans(day: date) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of a day as instants in UTC, in which differences are real time."""
    for opens, closes in HOURS:
        yield (
            datetime.combine(day, opens, LOCAL).astimezone(UTC),
            datetime.combine(day, closes, LOCAL).astimezone(UTC),
        )
