"""Dates: any offset is the same instant, and a span is of what is shown."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.open311 import dates
from suishoupai.contracts.problems import Problem

NOW = datetime(2026, 11, 24, 4, 5, 6, 789000, UTC)
MINUTES = st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n)))
INSTANTS = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@given(INSTANTS, MINUTES, st.sampled_from(["seconds", "milliseconds"]))
def test_an_instant_is_the_same_with_any_offset(at, zone, exactness):
    at = at.replace(microsecond=0) if exactness == "seconds" else at
    assert dates.parse("start_date", at.astimezone(zone).isoformat(timespec=exactness)) == at
    written = at.replace(tzinfo=None).isoformat(timespec=exactness)
    assert dates.parse("start_date", written + "Z") == at


@given(INSTANTS, INSTANTS)
def test_a_span_holds_what_is_shown_as_lying_in_it(at, bound):
    shown, limit = (datetime.fromisoformat(dates.shown(each.isoformat())) for each in (at, bound))
    assert (at >= dates.from_of(limit)) == (shown >= limit)
    assert (at < dates.before_of(limit)) == (shown <= limit)
    # A limit with a fraction leaves the second out that began before it.
    assert (at >= dates.from_of(bound)) == (shown >= bound)


def test_a_plus_that_was_not_escaped_is_read():
    at = dates.parse("end_date", "2026-11-24T12:05:06 08:00")
    assert at == datetime(2026, 11, 24, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "2026-11-24T12:00:00",
        "2026-13-24T12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-11-24T12:00:00+99:99",
        "2026-W48-1T12:00:00Z",
        "1969-12-31T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "yesterday",
        "٢٠٢٦-11-24T12:00:00Z",
        "2026-11-24T12:00:00Z; drop",
    ],
)
def test_what_is_no_date_with_an_offset_is_refused(text):
    with pytest.raises(Problem) as refusal:
        dates.parse("start_date", text)
    assert refusal.value.errors[0]["field"] == "start_date"


def spans(start, end):
    return dates.span(start, end, NOW, timedelta(days=90), timedelta(days=1))


def test_a_span_that_is_half_said_is_as_long_as_one_may_be():
    whole = NOW.replace(microsecond=0) + timedelta(seconds=1)
    first, last = spans(None, None)
    assert (last, whole - first) == (whole, timedelta(days=1))
    first, last = spans("2026-01-01T00:00:00Z", None)
    assert last - first == timedelta(days=90, seconds=1)
    first, last = spans(None, "2026-01-01T00:00:00Z")
    assert last - first == timedelta(days=90, seconds=1)


@given(st.integers(-3, 94))
def test_a_span_is_at_most_so_long_and_not_backwards(days):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(days=days)
    if 0 <= days <= 90:
        first, last = spans(start.isoformat(), end.isoformat())
        assert (first, last) == (start, end + timedelta(seconds=1))
    else:
        with pytest.raises(Problem):
            spans(start.isoformat(), end.isoformat())


def test_the_shown_date_has_its_offset():
    assert dates.shown("2026-11-24T04:05:06.789000+00:00") == "2026-11-24T12:05:06+08:00"
