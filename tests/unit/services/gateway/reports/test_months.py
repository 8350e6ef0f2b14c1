"""Which month is reported on when, against a slow look through all of them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.reports.months import (
    Timetable,
    after,
    before,
    bounds,
    due,
    due_at,
    month_of,
    said,
)
from suishoupai.clock import LOCAL, local_day

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
TABLES = st.builds(Timetable, st.integers(1, 28), st.times())
MONTHS = [f"{year}-{month:02d}" for year in range(2019, 2041) for month in range(1, 13)]


@given(INSTANTS)
def test_a_month_holds_its_instants_and_no_others(instant):
    since, until = bounds(month_of(instant))
    assert since <= instant < until
    assert month_of(since) == month_of(until - timedelta(microseconds=1)) == month_of(instant)
    assert month_of(until) == after(month_of(instant))


def test_months_follow_each_other():
    for month, following in pairwise(MONTHS):
        assert (after(month), before(following)) == (following, month)
        assert bounds(month)[1] == bounds(following)[0]
        assert bounds(month)[0].astimezone(LOCAL).day == 1


@given(INSTANTS, TABLES)
def test_the_latest_month_whose_day_has_come_is_due(now, table):
    def slowly(month):
        year, number = map(int, month.split("-"))
        following = date(year + number // 12, number % 12 + 1, table.day)
        return datetime.combine(following, table.at, LOCAL)

    assert due(now, table) == max(month for month in MONTHS if slowly(month) <= now)


@given(INSTANTS, TABLES)
def test_what_is_due_has_ended_and_stays_due_until_the_next_is(now, table):
    month = due(now, table)
    assert bounds(month)[1] <= due_at(month, table) <= now < due_at(after(month), table)
    assert local_day(due_at(month, table)).day == table.day


def test_on_the_first_days_the_month_before_is_reported_on():
    table = Timetable(2, time(6, 0))
    assert due(datetime(2026, 11, 2, 5, 59, tzinfo=LOCAL), table) == "2026-09"
    assert due(datetime(2026, 11, 2, 6, 0, tzinfo=LOCAL), table) == "2026-10"
    assert due(datetime(2027, 1, 31, tzinfo=LOCAL), table) == "2026-12"
    assert said("2026-10") == "2026年10月"
