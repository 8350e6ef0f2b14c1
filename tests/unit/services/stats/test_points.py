"""How many points a trend has, against going through them one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.periods import PERIODS, starts
from services.stats.points import MOST, finest, points
from suishoupai.clock import parse_instant
from suishoupai.contracts import trend_questions

BEGIN = datetime(2023, 12, 25, tzinfo=UTC)


@given(
    st.sampled_from(PERIODS),
    st.integers(0, 1000 * 24 * 60),
    st.integers(1, 900 * 24 * 60),
    st.sampled_from([1, 60, 24 * 60]),
)
@settings(max_examples=300, deadline=None)
def test_as_many_points_as_there_are_periods(period, begin, length, grain):
    since = BEGIN + timedelta(minutes=begin // grain * grain)
    until = since + timedelta(minutes=length if period != "hour" else length % 5000 + 1)
    assert points(period, since, until) == len(starts(period, since, until))


@given(st.integers(0, 10**6), st.integers(1, 3653 * 24 * 60), st.integers(1, 900))
@settings(max_examples=300, deadline=None)
def test_the_finest_period_is_the_first_that_fits(begin, length, most):
    since = BEGIN + timedelta(minutes=begin)
    until = since + timedelta(minutes=length)
    found = finest(since, until, most)
    place = PERIODS.index(found)
    assert all(points(period, since, until) > most for period in PERIODS[:place])
    assert points(found, since, until) <= most or found == PERIODS[-1]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-10-01", "2026-11-01", "hour"),
        ("2025-01-01", "2027-01-01", "day"),
        ("2024-01-01", "2027-01-01", "week"),
        ("2017-01-01", "2027-01-01", "week"),
        ("0003-01-01", "0004-01-01", "day"),
    ],
)
def test_the_finest_period_of_spans_that_are_often_asked_for(since, until, expected):
    assert finest(parse_instant(since), parse_instant(until)) == expected


def test_a_month_has_room_by_the_hour_and_two_years_by_the_day():
    assert MOST >= 31 * 24
    assert MOST >= 366 + 365


def test_a_trend_is_asked_for_by_the_periods_there_are():
    assert trend_questions.PERIODS == PERIODS
