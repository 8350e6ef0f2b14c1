"""The ages of open cases, against looking at each of them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.ageing import Age, ages, by_age, days_before
from services.stats.periods import start_of
from suishoupai.clock import LOCAL, parse_instant

NOW = datetime(2026, 11, 25, 2, 3, tzinfo=UTC)


def test_bounds_tell_ages_apart():
    assert ages([1, 3]) == [Age(0, 1), Age(1, 3), Age(3, None)]


def test_days_begin_at_the_local_midnight():
    assert days_before(NOW, 0) == parse_instant("2026-11-25")
    assert days_before(parse_instant("2026-11-25T00:30+08:00"), 1) == parse_instant("2026-11-24")
    assert days_before(NOW, -1) == parse_instant("2026-11-26")


@given(
    st.integers(0, 24 * 60 - 1).map(lambda count: NOW - timedelta(minutes=count)),
    st.lists(st.integers(0, 50 * 24 * 60), max_size=40),
    st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True).map(sorted),
)
@settings(max_examples=200, deadline=None)
def test_every_case_has_the_age_of_its_day(at, ago, bounds):
    reported = [at - timedelta(minutes=count) for count in ago]
    expected = Counter()
    for each in reported:
        days = (at.astimezone(LOCAL).date() - each.astimezone(LOCAL).date()).days
        expected[sum(days >= bound for bound in bounds)] += 1
    oldest = days_before(at, bounds[-1] - 1)
    days = Counter(start_of("day", each) for each in reported if each >= oldest)
    older = sum(each < oldest for each in reported)
    found = list(by_age(at, bounds, days, older))
    assert [age for age, _ in found] == ages(bounds)
    assert [cases for _, cases in found] == [expected[n] for n in range(len(bounds) + 1)]
