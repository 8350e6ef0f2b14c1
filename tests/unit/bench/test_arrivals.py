import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.arrivals import Arrivals
from services.issues.working_time import WorkingTime
from suishoupai.clock import local_day

UNTIL = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
HOURS = WorkingTime()


@given(st.integers(1, 3000), st.integers(0, 9), st.integers(0, 100_000))
@settings(max_examples=25, deadline=None)
def test_every_report_has_its_instant_on_its_day(amount, seed, minutes):
    until = UNTIL - timedelta(minutes=minutes)
    arrivals = Arrivals(seed, amount, until, HOURS)
    assert sum(day.amount for day in arrivals.days) == amount
    before = 0
    for position, day in enumerate(arrivals.days):
        assert day.before == before
        before += day.amount
        if day.amount and position % 50 == 0:
            instants = arrivals.instants(position, random.Random(1))
            assert len(instants) == day.amount
            assert {local_day(at) for at in instants} == {day.date}
            assert max(instants) <= until
            assert arrivals.day_of(day.before) == position
            assert arrivals.day_of(day.before + day.amount - 1) == position


def test_it_grows_from_year_to_year():
    days = Arrivals(1, 100_000, UNTIL, HOURS).days
    first, second = (sum(day.amount for day in some) for some in (days[:365], days[365:730]))
    assert second / first == pytest.approx(1.25, abs=0.05)


def test_holidays_are_quiet():
    days = {day.date.isoformat(): day.amount for day in Arrivals(1, 200_000, UNTIL, HOURS).days}
    holiday = sum(days[f"2025-10-0{day}"] for day in (1, 2, 3)) / 3
    before = sum(days[f"2025-09-2{day}"] for day in (3, 4, 5)) / 3
    assert holiday < 0.75 * before
