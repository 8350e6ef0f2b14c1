from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suishoupai.clock import milliseconds, parse_instant
from suishoupai.ids import first_id, new_id

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)


def test_a_date_is_its_local_midnight():
    assert parse_instant("2026-11-23") == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_a_date_time_keeps_its_instant():
    assert parse_instant("2026-11-23T08:00:00+08:00") == datetime(2026, 11, 23, tzinfo=UTC)
    assert parse_instant("2026-11-23T00:00:00Z") == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23T08:00:00", "2026-13-01", "20261"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        parse_instant(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_is_no_date_somewhere_is_refused(text):
    with pytest.raises(ValueError, match="9998"):
        parse_instant(text)


@given(st.datetimes(timezones=st.timezones()))
def test_ids_begin_at_every_instant_that_is_taken(at):
    try:
        taken = parse_instant(at.isoformat())
    except ValueError:
        return
    assert (first_id(taken) == "0" * 26) == (taken <= datetime(1970, 1, 1, tzinfo=UTC))


@given(INSTANTS)
def test_milliseconds_round_up(at):
    exact = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds(at))
    assert timedelta(0) <= exact - at < timedelta(milliseconds=1)


@given(INSTANTS, INSTANTS)
def test_ids_sort_by_time(one, other):
    first, second = sorted([one, other])
    assert first_id(first) <= new_id(first)
    if milliseconds(first) < milliseconds(second):
        assert new_id(first) < first_id(second)
