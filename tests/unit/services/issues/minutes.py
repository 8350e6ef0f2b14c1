"""Working time counted minute by minute: the slow, obvious oracle of the clocks of a case."""

from array import array
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import chinese_calendar
from hypothesis import strategies as st

from suishoupai.clock import EPOCH, LOCAL

MINUTE = timedelta(minutes=1)
NOMINAL = [(time(8, 30), time(12)), (time(14), time(17, 30))]

STATUTE = {
    date.fromisoformat(day)
    for day in (
        *("2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-04-05"),
        *("2027-05-03", "2027-05-04", "2027-06-09", "2027-09-15"),
        *("2027-10-01", "2027-10-04", "2027-10-05"),
        *("2028-01-03", "2028-01-25", "2028-01-26", "2028-01-27", "2028-01-28"),
    )
}
"""Weekdays that are free by the regulation on holidays, from 2027 to February 2028: the statutory
days, and the days after for those that fall on a weekend."""


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def days_between(start, end):
    """The local days from an instant to another, both included."""
    first, last = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def number_of(at):
    """The minute that begins at an instant, counted from 1970."""
    return (at - EPOCH) // MINUTE


def instant_of(minute):
    return EPOCH + minute * MINUTE


class Minutes:
    """Which minutes are working time, under a county's hours and overrides."""

    def __init__(self, hours=NOMINAL, days=None):
        self.hours = [(_of_day(opens), _of_day(closes)) for opens, closes in hours]
        self.days = days or {}
        self._free = {}

    def free(self, day):
        """Holidays by the library's own list of days: another way to it than ``is_workday``."""
        if day in self.days:
            return not self.days[day]
        weekend = day.weekday() in (5, 6)
        if day.year > 2026:
            return weekend or day in STATUTE
        return (
            weekend and day not in chinese_calendar.workdays
        ) or day in chinese_calendar.holidays

    def known(self, day):
        return day.year <= 2026 or day in self.days

    def works(self, minute):
        """Whether a minute, counted from 1970, is working time. Local time is 8 h ahead."""
        day, clock = divmod(minute + 8 * 60, 24 * 60)
        if day not in self._free:
            self._free[day] = self.free(EPOCH.date() + timedelta(day))
        if self._free[day]:
            return False
        return any(opens <= clock < closes for opens, closes in self.hours)

    @cached_property
    def all(self):
        """The working minutes of 2024 to February 2028, in order."""
        first, last = number_of(local("2024-01-01")), number_of(local("2028-03-01"))
        return array("q", filter(self.works, range(first, last)))

    def after(self, start, minutes):
        """The end of the last of so many working minutes from a start on a minute."""
        if not minutes:
            return start
        return instant_of(self.all[bisect_left(self.all, number_of(start)) + minutes - 1] + 1)

    def between(self, start, end):
        counted = bisect_left(self.all, number_of(end)) - bisect_left(self.all, number_of(start))
        return max(counted, 0) * MINUTE

    def assumed(self, start, end):
        return not all(self.known(day) for day in days_between(start, end))


def _of_day(clock):
    return clock.hour * 60 + clock.minute


ODD_HOURS = [(time(6, 15), time(11, 51)), (time(13, 5), time(13, 6)), (time(19), time(23, 59))]
ODD_DAYS = {
    date(2024, 2, 29): False,
    date(2024, 12, 31): False,
    date(2026, 10, 1): True,
    **{date(2026, 11, day): False for day in range(23, 28)},
    **{date(2027, 1, day): day != 9 for day in range(1, 13)},
    date(2027, 2, 20): True,
    date(2027, 3, 1): False,
    date(2027, 12, 31): True,
}

COUNTIES = {"nominal": (NOMINAL, {}), "odd": (ODD_HOURS, ODD_DAYS)}
"""Hours and overrides of two counties."""

_EDGES = st.builds(
    lambda day, clock, off: datetime.combine(day, clock, LOCAL) + off * MINUTE,
    st.sampled_from(
        [
            *(date(2024, 1, 1), date(2024, 2, 9), date(2024, 2, 29), date(2024, 5, 11)),
            *(date(2025, 1, 26), date(2025, 10, 8), date(2026, 2, 14), date(2026, 9, 30)),
            *(date(2026, 10, 9), date(2026, 10, 10), date(2026, 11, 22), date(2026, 12, 31)),
            *(date(2027, 1, 1), date(2027, 1, 13), date(2027, 2, 4), date(2027, 10, 3)),
            *(date(2027, 12, 30), date(2027, 12, 31)),
        ]
    ),
    st.sampled_from([time(), *(clock for span in (*NOMINAL, *ODD_HOURS) for clock in span)]),
    st.sampled_from([0, 0, 1, -1, 24 * 60 - 1]),
).filter(lambda at: at >= local("2024-01-01"))

INSTANTS = st.datetimes(datetime(2024, 1, 1, 16), datetime(2027, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC)
)
"""Instants of 2024 to 2027, to the microsecond."""

STARTS = _EDGES | INSTANTS.map(lambda at: at.replace(second=0, microsecond=0))
"""Instants of 2024 to 2027 on a minute: openings, closings and midnights of special days first."""
