"""The county's working hours and days: how working time is added and measured (DOMAIN: catalogue).

Working days follow the State Council's holidays and make-up days (调休) as ``chinesecalendar``
knows them. A year it does not know is taken from ``holidays``, which has the days off by statute
for years to come but a make-up day only once it is announced: without one the year's days are
assumed, and what is reckoned over them says so; a year beyond both is plain weekdays. The county's
own table decides over all of them, and is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import chinese_calendar
import holidays
from marshmallow import Schema, ValidationError, fields, validates_schema

from suishoupai.clock import LOCAL
from suishoupai.contracts.problems import invalid_fields

HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
"""Working hours of a working day, local time (DOMAIN: catalogue)."""

NO_OVERRIDES: Mapping[date, bool] = MappingProxyType({})

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """An instant in UTC, and whether a day on the way to it was only assumed to be a working one
    or a free one."""

    at: datetime
    assumed: bool


class WorkingTime:
    """The county's working hours and days."""

    def __init__(
        self,
        hours: Sequence[tuple[time, time]] = HOURS,
        days: Mapping[date, bool] = NO_OVERRIDES,
    ) -> None:
        """Spans of local time from opening to closing, in order; ``days`` are the county's own
        overrides: whether it works on a date.

        Raises ``ValueError`` naming the span that is empty or begins before another has ended.
        """
        _check(hours)
        self.hours = tuple(hours)
        self.days = dict(days)
        self._day_length = sum((_length(*span) for span in hours), timedelta())

    @property
    def day_length(self) -> timedelta:
        """The hours of one working day."""
        return self._day_length

    def is_working(self, day: date) -> tuple[bool, bool]:
        """Whether ``day`` is a working day, and whether that is known rather than assumed."""
        own = self.days.get(day)
        if own is not None:
            return own, True
        working_days, known = _national(day.year)
        return day in working_days, known

    def is_known(self, start: datetime, end: datetime) -> bool:
        """Whether every local day from ``start`` to ``end``, both included, is known."""
        return all(self.is_working(day)[1] for day in _days(_local(start), _local(end)))

    def after(self, start: datetime, amount: timedelta) -> Moment:
        """The first instant by which ``amount`` of working time has passed since ``start``:
        ``start`` itself for no amount."""
        if amount <= timedelta():
            return Moment(start.astimezone(UTC), False)
        assumed = False
        for day in _days(_local(start), date.max):
            works, known = self.is_working(day)
            assumed = assumed or not known
            for opens, closes in self._spans(day) if works else ():
                passed = max(closes - max(opens, start), timedelta())
                if passed >= amount:
                    return Moment(closes - (passed - amount), assumed)
                amount -= passed
        raise AssertionError("days never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time that passes from ``start`` to ``end``; none when that is not later."""
        first, last = _local(start), _local(end)
        passed = timedelta()
        for day in _days(first, last):
            if self.is_working(day)[0]:
                whole = first < day < last
                passed += self._day_length if whole else self._within(day, start, end)
        return passed

    def next_working_day(self, at: datetime, days: int = 1) -> Moment:
        """The opening hour of the ``days``-th working day after the local day of ``at``.

        Raises ``ValueError`` when ``days`` is below 1.
        """
        if days < 1:
            raise ValueError("days: must be at least 1")
        assumed = False
        for day in _days(_local(at) + DAY, date.max):
            works, known = self.is_working(day)
            assumed = assumed or not known
            days -= works
            if not days:
                return Moment(_on(day, self.hours[0][0]), assumed)
        raise AssertionError("days never end")

    def _within(self, day: date, start: datetime, end: datetime) -> timedelta:
        """What of the hours of a working day lies from ``start`` to ``end``."""
        overlaps = (min(closes, end) - max(opens, start) for opens, closes in self._spans(day))
        return sum((max(overlap, timedelta()) for overlap in overlaps), timedelta())

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The hours of a working day as instants."""
        for opens, closes in self.hours:
            yield _on(day, opens), _on(day, closes)


def read_working_time(path: Path) -> WorkingTime:
    """The county's setting of a file such as ``data/working_time.json``.

    Raises ``ValueError`` naming the field at fault (``days.2.date``), ``OSError`` without a file.
    """
    try:
        county = _County().load(json.loads(path.read_text(encoding="utf-8")))
        days = {entry["date"]: entry["working"] for entry in county["days"]}
        return WorkingTime(county["hours"], days)
    except ValidationError as error:
        raise ValueError(f"{path.name}: {invalid_fields(error.messages_dict)}") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


class _Override(Schema):
    """A day on which the county works, or does not, whatever the national calendar says."""

    date = fields.Date(required=True)
    working = fields.Boolean(required=True)
    why = fields.String()


class _County(Schema):
    """The file of a county's working time."""

    hours = fields.List(
        fields.Tuple((fields.Time(format="%H:%M"), fields.Time(format="%H:%M"))), required=True
    )
    days = fields.List(fields.Nested(_Override), load_default=list)
    note = fields.String()

    @validates_schema
    def check_days(self, county: dict[str, Any], **_: Any) -> None:
        """Each date is there once: of two entries none is the right one."""
        seen = set()
        for position, entry in enumerate(county["days"]):
            if entry["date"] in seen:
                twice = f"{entry['date']} is in the list twice"
                raise ValidationError({"days": {position: {"date": [twice]}}})
            seen.add(entry["date"])


def _check(hours: Sequence[tuple[time, time]]) -> None:
    if not hours:
        raise ValueError("hours: must have at least one span")
    ended = time.min
    for position, (opens, closes) in enumerate(hours):
        if closes <= opens:
            raise ValueError(f"hours.{position}: closes at {closes:%H:%M}, not after it opens")
        if opens < ended:
            raise ValueError(f"hours.{position}: opens before the hours above it close")
        ended = closes


@cache
def _national(year: int) -> tuple[frozenset[date], bool]:
    """The working days of a year by the national calendars, and whether they are announced."""
    days = list(_days(date(year, 1, 1), date(year, 12, 31)))
    try:
        return frozenset(day for day in days if chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        free = holidays.country_holidays("CN", years=year)
        made_up = {day for day in free.weekend_workdays if day.year == year}
        weekdays = (day for day in days if day.isoweekday() < 6 and day not in free)
        return frozenset([*weekdays, *made_up]), bool(made_up)


def _days(first: date, last: date) -> Iterator[date]:
    """The days from one to another, both included."""
    while first < last:
        yield first
        first += DAY
    if first == last:
        yield last


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)


def _local(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def _on(day: date, clock: time) -> datetime:
    """A local time of a day as an instant in UTC, in which differences are real time."""
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)
