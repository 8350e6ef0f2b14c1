from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.issues.deadlines import (
    UNITS,
    deadline,
    in_working_time,
    is_working,
    round_the_clock,
)
from services.issues.seed import read_catalogue
from suishoupai.clock import LOCAL

ROOT = Path(__file__).resolve().parents[4]
MINUTE = timedelta(minutes=1)

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)
MINUTES = INSTANTS.map(lambda at: at.replace(second=0, microsecond=0))
AMOUNTS = st.timedeltas(timedelta(), timedelta(hours=30))


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def free(day):
    """Holidays by the library's own list of days: another way to it than ``is_workday``."""
    if not 2004 <= day.year <= 2026:
        return day.weekday() in (5, 6)
    weekend = day.weekday() in (5, 6) and day not in chinese_calendar.workdays
    return weekend or day in chinese_calendar.holidays


def works(at):
    """Whether the minute that begins at an instant is working time."""
    here = at.astimezone(LOCAL)
    clock = here.hour * 60 + here.minute
    return not free(here.date()) and (510 <= clock < 720 or 840 <= clock < 1050)


def oracle(start, minutes):
    while minutes:
        minutes -= works(start)
        start += MINUTE
    return start


@given(MINUTES, st.integers(0, 15 * 60))
def test_it_equals_counting_every_minute(start, minutes):
    assert in_working_time(start, minutes * MINUTE).at == oracle(start, minutes)


@given(INSTANTS, AMOUNTS, AMOUNTS)
def test_two_limits_after_each_other_are_their_sum(start, one, other):
    both = in_working_time(in_working_time(start, one).at, other)
    assert both.at == in_working_time(start, one + other).at


@given(INSTANTS, INSTANTS, AMOUNTS, AMOUNTS)
def test_later_starts_and_longer_limits_never_end_earlier(one, other, short, long):
    (first, second), (less, more) = sorted([one, other]), sorted([short, long])
    assert in_working_time(first, less).at <= in_working_time(first, more).at
    assert in_working_time(first, less).at <= in_working_time(second, less).at
    assert in_working_time(first, less).at >= first


@given(INSTANTS, AMOUNTS.filter(bool))
def test_it_never_ends_outside_working_time(start, amount):
    end = in_working_time(start, amount).at
    assert works(end - timedelta(microseconds=1))


@given(INSTANTS, st.integers(1, 15), st.sampled_from(sorted(UNITS)))
def test_due_soon_is_when_a_quarter_of_the_limit_is_left(start, limit, unit):
    found = deadline(start, limit, unit)
    later = round_the_clock if unit.startswith("紧急") else in_working_time
    assert start < found.due_soon_at < found.due_at
    assert later(found.due_soon_at, limit * UNITS[unit] / 4).at == found.due_at


@pytest.mark.parametrize(
    ("start", "limit", "unit", "due", "soon"),
    [
        # Monday morning; the noon break does not count.
        ("2026-11-23T09:00", 4, "工作时", "2026-11-23T15:00", "2026-11-23T12:00"),
        ("2026-11-23T09:00", 1, "工作日", "2026-11-24T09:00", "2026-11-23T16:15"),
        # Friday evening starts on Monday.
        ("2026-11-27T20:00", 1, "工作日", "2026-11-30T17:30", "2026-11-30T15:45"),
        ("2026-11-27T20:00", 2, "紧急工作时", "2026-11-27T22:00", "2026-11-27T21:30"),
        ("2026-11-27T20:00", 1, "紧急工作日", "2026-11-28T20:00", "2026-11-28T14:00"),
        # National Day 2026 is free until the 7th; Saturday the 10th is worked for it.
        ("2026-09-30T17:00", 1, "工作日", "2026-10-08T17:00", "2026-10-08T15:15"),
        ("2026-10-09T17:30", 1, "工作日", "2026-10-10T17:30", "2026-10-10T15:45"),
    ],
)
def test_examples(start, limit, unit, due, soon):
    found = deadline(local(start), limit, unit)
    assert (found.due_at, found.due_soon_at) == (local(due), local(soon))
    assert not found.assumed


def test_a_year_without_data_is_plain_weekdays_and_says_so():
    assert is_working(date(2027, 10, 1)) == (True, False)
    found = deadline(local("2026-12-31T17:00"), 1, "工作时")
    assert found.due_at == local("2027-01-01T09:00")
    assert found.assumed
    assert not deadline(local("2027-10-01T09:00"), 1, "紧急工作日").assumed


def test_a_limit_in_another_unit_is_refused():
    with pytest.raises(KeyError):
        deadline(local("2026-11-23T09:00"), 1, "月")


def test_every_row_of_the_catalogue_has_a_deadline():
    rows = read_catalogue(ROOT / "data" / "catalogue.csv")
    start = local("2026-11-23T09:00")
    dues = sorted({deadline(start, row["limit"], row["limit_unit"]).due_at for row in rows})
    assert dues[0] > start
    assert all(one < other for one, other in pairwise(dues))
