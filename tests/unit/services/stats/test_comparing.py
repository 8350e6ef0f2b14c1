"""With which span a span is compared, and how a change is told."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.stats.comparing import (
    Span,
    difference,
    direction,
    earlier,
    previous,
    relative,
    year_before,
)
from suishoupai.clock import LOCAL, parse_instant

DAY = timedelta(days=1)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
BEGIN = datetime(2023, 12, 30, 16, tzinfo=UTC)
"""A local midnight; random instants lie in the years after it, among them a leap year."""
minutes = st.integers(0, 900 * 24 * 60)
instants = st.one_of(
    minutes.map(lambda count: BEGIN + timedelta(minutes=count)),
    st.integers(0, 900).map(lambda days: BEGIN + days * DAY),
)


def span(since, until):
    return Span(parse_instant(since), parse_instant(until))


def midnight(day):
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "now", "expected"),
    [
        # Whole months, whatever their lengths.
        (("2026-03-01", "2026-04-01"), False, ("2026-02-01", "2026-03-01")),
        (("2026-03-01", "2026-04-01"), True, ("2026-02-01", "2026-03-01")),
        (("2026-01-01", "2026-02-01"), False, ("2025-12-01", "2026-01-01")),
        (("2026-02-01", "2026-04-01"), False, ("2025-12-01", "2026-02-01")),
        (("2026-04-01", "2026-07-01"), False, ("2026-01-01", "2026-04-01")),
        (("2024-01-01", "2025-01-01"), False, ("2023-01-01", "2024-01-01")),
        # What has begun and ends now: as far into the period before.
        (("2026-11-01", "2026-11-25T10:02+08:00"), True, ("2026-10-01", "2026-10-25T10:02+08:00")),
        (("2026-03-01", "2026-03-31T09:00+08:00"), True, ("2026-02-01", "2026-03-01")),
        (("2026-03-01", "2026-03-29"), True, ("2026-02-01", "2026-03-01")),
        (("2026-04-01", "2026-05-31T09:00+08:00"), True, ("2026-01-01", "2026-03-01")),
        (("2026-10-01", "2026-11-25"), True, ("2026-07-01", "2026-08-25")),
        (("2026-01-01", "2026-11-25"), True, ("2025-01-01", "2025-11-25")),
        (("2026-11-23", "2026-11-25T10:00+08:00"), True, ("2026-11-16", "2026-11-18T10:00+08:00")),
        (
            ("2026-11-25", "2026-11-25T10:00+08:00"),
            True,
            ("2026-11-24", "2026-11-24T10:00+08:00"),
        ),
        # Anything else: as long a time just before.
        (("2026-11-01", "2026-11-15"), False, ("2026-10-18", "2026-11-01")),
        (("2026-11-02", "2026-11-15"), True, ("2026-10-20", "2026-11-02")),
        (
            ("2026-11-25T08:00+08:00", "2026-11-25T10:00+08:00"),
            True,
            ("2026-11-25T06:00+08:00", "2026-11-25T08:00+08:00"),
        ),
    ],
)
def test_the_span_just_before(asked, now, expected):
    found = span(*asked)
    assert previous(found, found.until if now else LATER) == span(*expected)


@pytest.mark.parametrize("now", ["2026-11-20T09:00+08:00", "2026-11-30T23:59+08:00"])
def test_a_month_that_is_not_over_is_compared_as_far_as_it_is_asked_for(now):
    found = previous(span("2026-11-01", "2026-11-20"), parse_instant(now))
    assert found == span("2026-10-01", "2026-10-20")


def test_what_is_over_is_no_beginning_of_something_longer():
    """January is over, though the quarter it begins is not."""
    found = previous(span("2026-01-01", "2026-01-15"), parse_instant("2026-02-10"))
    assert found == span("2025-12-18", "2026-01-01")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("2026-11-01", "2026-12-01"), ("2025-11-01", "2025-12-01")),
        (("2024-02-29", "2024-03-01"), ("2023-02-28", "2023-03-01")),
        (("2024-02-28", "2024-02-29"), ("2023-02-28", "2023-03-01")),
        (("2024-02-01", "2024-03-01"), ("2023-02-01", "2023-03-01")),
        (("2025-02-01", "2025-03-01"), ("2024-02-01", "2024-03-01")),
        (("2024-02-01", "2024-02-29T12:00+08:00"), ("2023-02-01", "2023-03-01")),
        (
            ("2024-02-29T08:00+08:00", "2024-02-29T12:00+08:00"),
            ("2023-02-28T08:00+08:00", "2023-02-28T12:00+08:00"),
        ),
    ],
)
def test_the_span_a_year_earlier(asked, expected):
    assert year_before(span(*asked)) == span(*expected)


@given(instants, st.integers(1, 400), st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_days_that_both_months_have_are_the_same_days(begin, length, months):
    """Going back month by month through the calendar, and looking at what stands there."""
    asked = Span(begin, begin + length * timedelta(hours=7))
    found = earlier(asked, months)
    for at, other in ((asked.since, found.since), (asked.until, found.until)):
        local, there = at.astimezone(LOCAL), other.astimezone(LOCAL)
        year, month = local.year, local.month
        for _ in range(months):
            year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        if asked.since.astimezone(LOCAL).day > 28 or local.day > monthrange(year, month)[1]:
            continue
        assert (there.year, there.month, there.day) == (year, month, local.day)
        assert there.time() == local.time()


@given(instants, instants, instants, st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_a_span_that_grows_never_shrinks_in_its_comparison(one, other, third, months):
    since, sooner, later = sorted((one, other, third))
    assume(since < sooner)
    before = earlier(Span(since, sooner), months)
    after = earlier(Span(since, later), months)
    assert before.since == after.since < before.until <= after.until


@given(instants, instants, st.integers(0, 400))
@settings(max_examples=400, deadline=None)
def test_the_span_before_ends_no_later_than_the_span_begins(one, other, days):
    since, until = sorted((one, other))
    assume(since < until)
    found = previous(Span(since, until), until + days * DAY)
    assert found.since < found.until <= since


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(1, 14))
@settings(max_examples=300, deadline=None)
def test_whole_months_are_compared_with_as_many_just_before(day, months):
    """By walking from the first of a month to the first of another one, day by day."""

    def first(day, steps, way):
        day = day.replace(day=1)
        for _ in range(steps):
            day += way * DAY
            while day.day != 1:
                day += way * DAY
        return day

    asked = Span(midnight(first(day, 0, 1)), midnight(first(day, months, 1)))
    expected = Span(midnight(first(day, months, -1)), asked.since)
    assert previous(asked, asked.until) == previous(asked, LATER) == expected


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        (3, 2, ("up", 0.5, 1)),
        (1, 2, ("down", -0.5, -1)),
        (2, 2, ("same", 0.0, 0)),
        (2, 0, ("up", None, 2)),
        (0, 0, ("same", None, 0)),
        (0, 4, ("down", -1.0, -4)),
        (None, 2, ("unknown", None, None)),
        (2, None, ("unknown", None, None)),
        (30 * 0.1 + 30 * 0.2, 30 * 0.3, ("same", pytest.approx(0), pytest.approx(0))),
    ],
)
def test_which_way_it_went_and_by_how_much(value, other, expected):
    told = (direction(value, other), relative(value, other), difference(value, other))
    assert told == expected
