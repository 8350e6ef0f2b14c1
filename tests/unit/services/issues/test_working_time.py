import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.issues import working_time
from services.issues.working_time import HOURS, WorkingTime, read_working_time
from suishoupai.clock import LOCAL

from .minutes import (
    COUNTIES,
    INSTANTS,
    MINUTE,
    NOMINAL,
    STARTS,
    Minutes,
    instant_of,
    local,
    number_of,
)

ROOT = Path(__file__).resolve().parents[4]
AMOUNTS = st.timedeltas(timedelta(), timedelta(hours=80))
SOME = AMOUNTS.filter(bool)
INSTANT = timedelta(microseconds=1)

COUNTED = {name: (WorkingTime(*county), Minutes(*county)) for name, county in COUNTIES.items()}
either_county = pytest.mark.parametrize(("county", "minutes"), COUNTED.values(), ids=COUNTED)
patient = settings(deadline=None)
slow = settings(deadline=None, max_examples=200)


@st.composite
def counties(draw):
    """Any hours, and overrides around the National Day and the turn of the year."""
    edges = sorted(draw(st.sets(st.integers(0, 1439), min_size=2, max_size=6)))
    clocks = [time(*divmod(edge, 60)) for edge in edges[: len(edges) // 2 * 2]]
    hours = list(zip(clocks[::2], clocks[1::2], strict=True))
    day = st.dates(date(2026, 9, 20), date(2026, 10, 20)) | st.dates(
        date(2026, 12, 20), date(2027, 2, 20)
    )
    return hours, draw(st.dictionaries(day, st.booleans(), max_size=8))


@either_county
@slow
@given(STARTS, st.integers(0, 80 * 60))
def test_it_equals_counting_every_minute(county, minutes, start, amount):
    found = county.after(start, amount * MINUTE)
    assert found.at == minutes.after(start, amount)
    assert found.at.tzinfo is UTC
    assert found.assumed == (amount > 0 and minutes.assumed(start, found.at))


@either_county
@slow
@given(STARTS, STARTS)
def test_what_passes_equals_counting_every_minute(county, minutes, start, end):
    assert county.between(start, end) == minutes.between(start, end)
    assert county.is_known(start, end) == (not minutes.assumed(start, end))


@settings(deadline=None, max_examples=60)
@given(
    counties(),
    st.datetimes(datetime(2026, 9, 20), datetime(2027, 2, 1)),
    st.integers(1, 15),
    st.data(),
)
def test_any_hours_and_days_equal_walking_the_minutes(setting, at, days, data):
    county, minutes = WorkingTime(*setting), Minutes(*setting)
    start = at.replace(second=0, microsecond=0, tzinfo=UTC)
    amount = data.draw(st.integers(1, days * (county.day_length // MINUTE)))
    minute, left = number_of(start), amount
    while left:
        left -= minutes.works(minute)
        minute += 1
    found = county.after(start, amount * MINUTE)
    assert found.at == instant_of(minute)
    assert found.assumed == minutes.assumed(start, found.at)
    assert county.between(start, found.at) == amount * MINUTE


@either_county
@given(start=INSTANTS, one=AMOUNTS, other=AMOUNTS)
@patient
def test_two_amounts_after_each_other_are_their_sum(county, minutes, start, one, other):
    assert (
        county.after(county.after(start, one).at, other).at == county.after(start, one + other).at
    )


@either_county
@given(start=INSTANTS, amount=AMOUNTS)
@patient
def test_what_passes_until_an_amount_has_passed_is_that_amount(county, minutes, start, amount):
    end = county.after(start, amount).at
    assert county.between(start, end) == amount
    assert county.between(end, start) == timedelta()


@either_county
@given(start=INSTANTS, amount=SOME)
@patient
def test_it_is_the_first_instant_and_never_outside_working_time(county, minutes, start, amount):
    end = county.after(start, amount).at
    assert county.between(start, end - INSTANT) == amount - INSTANT
    assert minutes.works(number_of(end - INSTANT))


@either_county
@given(one=INSTANTS, other=INSTANTS, short=AMOUNTS, long=AMOUNTS)
@patient
def test_later_starts_and_longer_amounts_never_end_earlier(
    county, minutes, one, other, short, long
):
    (first, second), (less, more) = sorted([one, other]), sorted([short, long])
    assert first <= county.after(first, less).at <= county.after(first, more).at
    assert county.after(first, less).at <= county.after(second, less).at


@given(INSTANTS, st.lists(st.timedeltas(timedelta(), timedelta(days=30)), max_size=5))
@patient
def test_what_passes_is_the_sum_of_its_parts(start, steps):
    county, passed, at = WorkingTime(), timedelta(), start
    for step in steps:
        passed += county.between(at, at + step)
        at += step
    assert passed == county.between(start, at)


@either_county
@given(INSTANTS, st.integers(1, 12))
@patient
def test_the_next_working_days_are_counted_day_by_day(county, minutes, at, days):
    day, passed = at.astimezone(LOCAL).date(), []
    while sum(not minutes.free(one) for one in passed) < days:
        day += timedelta(1)
        passed.append(day)
    found = county.next_working_day(at, days)
    assert found.at == datetime.combine(day, county.hours[0][0], LOCAL)
    assert found.at.tzinfo is UTC
    assert found.assumed == (not all(minutes.known(one) for one in passed))


@pytest.mark.parametrize(
    ("at", "days", "opens", "assumed"),
    [
        ("2026-11-23T23:59", 1, "2026-11-24T08:30", False),
        ("2026-11-24T00:00", 1, "2026-11-25T08:30", False),
        ("2026-11-27T09:00", 1, "2026-11-30T08:30", False),
        ("2026-11-23T09:00", 5, "2026-11-30T08:30", False),
        # National Day 2026 is free until the 7th; Saturday the 10th is worked for it.
        ("2026-09-30T18:00", 1, "2026-10-08T08:30", False),
        ("2026-10-09T18:00", 1, "2026-10-10T08:30", False),
        ("2026-12-31T10:00", 1, "2027-01-04T08:30", True),
    ],
)
def test_notices_go_out_on_working_days(at, days, opens, assumed):
    found = WorkingTime().next_working_day(local(at), days)
    assert (found.at, found.assumed) == (local(opens), assumed)


def test_an_assumed_day_is_told_also_when_the_days_after_it_are_known():
    county = WorkingTime(days={date(2027, 2, 20): True, date(2027, 2, 22): True})
    friday, saturday = local("2027-02-19T17:00"), local("2027-02-20T09:00")
    assert county.after(friday, 30 * MINUTE).assumed
    found = county.after(friday, 60 * MINUTE)
    assert (found.at, found.assumed) == (local("2027-02-20T09:00"), True)
    assert county.next_working_day(friday).assumed is False
    assert county.next_working_day(saturday) == working_time.Moment(local("2027-02-22T08:30"), True)
    assert not county.after(saturday, 60 * MINUTE).assumed
    assert county.is_known(saturday, saturday)
    assert not county.is_known(friday, saturday)


@pytest.mark.parametrize("days", [0, -1])
def test_a_working_day_that_is_not_after_today_is_refused(days):
    with pytest.raises(ValueError, match="days: "):
        WorkingTime().next_working_day(local("2026-11-23T09:00"), days)


def test_no_amount_ends_where_it_starts_even_at_night():
    night = local("2027-10-01T23:00")
    for amount in (timedelta(), -MINUTE):
        found = WorkingTime().after(night, amount)
        assert (found.at, found.assumed) == (night, False)


def test_every_day_of_the_known_years_is_as_the_state_council_says():
    county, minutes, day = WorkingTime(), Minutes(), date(2004, 1, 1)
    while day.year <= 2026:
        assert county.is_working(day) == (not minutes.free(day), True), day
        day += timedelta(1)


def test_a_year_whose_make_up_days_are_not_announced_has_its_statutory_days_and_is_assumed():
    county, minutes, day = WorkingTime(), Minutes(), date(2027, 1, 1)
    while day <= date(2028, 2, 29):
        assert county.is_working(day) == (not minutes.free(day), False), day
        day += timedelta(1)


@pytest.mark.parametrize("year", [2014, 2020, 2025, 2026])
def test_a_year_that_only_the_other_calendar_knows_with_its_make_up_days_is_known(
    monkeypatch, year
):
    def unknown(day):
        raise NotImplementedError

    expected = {
        day
        for day in (date(year, 1, 1) + timedelta(number) for number in range(366))
        if day.year == year and chinese_calendar.is_workday(day)
    }
    monkeypatch.setattr(chinese_calendar, "is_workday", unknown)
    assert working_time._national.__wrapped__(year) == (expected, True)


@pytest.mark.parametrize("day", [date(2150, 10, 1), date(2150, 10, 3), date(1949, 10, 1)])
def test_a_year_beyond_every_calendar_is_plain_weekdays_and_assumed(day):
    assert WorkingTime().is_working(day) == (day.weekday() < 5, False)


@given(st.dates(date(2004, 1, 1), date(2200, 1, 1)), st.booleans())
@patient
def test_the_countys_own_ruling_decides_and_is_known(day, works):
    assert WorkingTime(days={day: works}).is_working(day) == (works, True)
    after = day + timedelta(1)
    assert WorkingTime(days={day: works}).is_working(after) == WorkingTime().is_working(after)


def test_a_day_is_as_long_as_its_hours():
    assert WorkingTime().day_length == timedelta(hours=7)
    spans = [(time(0), time(1)), (time(1), time(2, 30)), (time(22), time(23, 59))]
    assert WorkingTime(spans).day_length == timedelta(hours=4, minutes=29)


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        ([], "hours: "),
        ([(time(9), time(9))], "hours.0: closes"),
        ([(time(22), time(6))], "hours.0: closes"),
        ([(time(8), time(12)), (time(11, 59), time(17))], "hours.1: opens"),
        ([(time(14), time(17)), (time(8), time(12))], "hours.1: opens"),
    ],
)
def test_hours_that_cannot_be_are_refused(hours, fault):
    with pytest.raises(ValueError, match=f"^{fault}"):
        WorkingTime(hours)


def test_the_shipped_setting_is_the_default():
    county = read_working_time(ROOT / "data" / "working_time.json")
    assert county.hours == HOURS == tuple(NOMINAL)
    assert county.days == {}


@pytest.fixture
def write(tmp_path):
    def write(setting):
        path = tmp_path / "working_time.json"
        path.write_text(setting if isinstance(setting, str) else json.dumps(setting))
        return path

    return write


def test_a_countys_setting_is_read(write):
    days = [
        {"date": "2027-02-20", "working": True, "why": "调休"},
        {"date": "2026-11-24", "working": False},
    ]
    county = read_working_time(write({"hours": [["09:00", "17:15"]], "days": days, "note": "…"}))
    assert county.hours == ((time(9), time(17, 15)),)
    assert county.days == {date(2027, 2, 20): True, date(2026, 11, 24): False}


DAY = {"date": "2026-11-24", "working": False}


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("{", "Expecting"),
        ([], "body: "),
        ({}, "hours: Missing"),
        ({"hours": []}, "hours: "),
        ({"hours": [["08:30", "12:00"], ["11:00", "17:30"]]}, "hours.1: opens"),
        ({"hours": [["17:30", "08:30"]]}, "hours.0: closes"),
        ({"hours": [["08:30", "24:00"]]}, "hours.0.1: "),
        ({"hours": [["08:30"]]}, "hours.0: "),
        ({"hours": [["08:30", "12:00"]], "day": []}, "day: Unknown"),
        ({"days": [DAY, {**DAY, "date": "2026-02-30"}]}, "days.1.date: "),
        (
            {"days": [DAY, {**DAY, "date": "2026-11-25"}, DAY]},
            "days.2.date: 2026-11-24 is .* twice",
        ),
        ({"days": [{**DAY, "working": "perhaps"}]}, "days.0.working: "),
        ({"days": [{"date": "2026-11-24"}]}, "days.0.working: Missing"),
        ({"days": [{"working": False}]}, "days.0.date: Missing"),
        ({"days": [{**DAY, "reason": "…"}]}, "days.0.reason: Unknown"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_field(write, setting, fault):
    if isinstance(setting, dict) and "days" in setting:
        setting = {"hours": [["08:30", "12:00"]], **setting}
    with pytest.raises(ValueError, match=f"^working_time.json: {fault}"):
        read_working_time(write(setting))


def test_a_setting_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_working_time(tmp_path / "working_time.json")
