from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.quiet import Quiet, read_quiet
from suishoupai.clock import LOCAL

MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC)
)


def holds(quiet, at):
    """Slow and obvious: walk back minute by minute to the last edge of the span."""
    if quiet.begins == quiet.ends:
        return False
    at = at.astimezone(LOCAL).replace(second=0, microsecond=0)
    while at.time() not in (quiet.begins, quiet.ends):
        at -= timedelta(minutes=1)
    return at.time() == quiet.begins


@given(MINUTES, MINUTES, INSTANTS)
def test_quiet_hours_hold_from_their_beginning_to_their_end_also_over_midnight(begins, ends, at):
    quiet = Quiet(begins, ends)
    until = quiet.until(at)
    assert (until is not None) == holds(quiet, at)
    if until:
        assert timedelta() < until - at <= timedelta(days=1)
        assert until.astimezone(LOCAL).time() == ends
        assert quiet.until(until) is None
        assert quiet.until(until - timedelta(microseconds=1)) == until


def test_they_are_written_as_a_span():
    assert read_quiet("22:00-07:00") == Quiet(time(22), time(7))
    assert str(read_quiet("22:00-07:30")) == "22:00-07:30"
    assert read_quiet("") is None


@pytest.mark.parametrize("text", ["22-7", "24:00-07:00", "22:00", "22:00-07:60", "x"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="quiet hours"):
        read_quiet(text)
