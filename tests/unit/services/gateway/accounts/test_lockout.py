from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.lockout import key, locked_for

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@given(st.integers(0, 20), st.integers(1, 20), st.integers(-5_000, 5_000))
def test_a_name_is_locked_for_as_long_as_it_says(failures, most, milliseconds):
    until = NOW + timedelta(milliseconds=milliseconds)
    wait = locked_for({"failures": failures, "until": until}, most, NOW)
    locked = failures >= most and milliseconds > 0
    assert (wait is not None) == locked
    if wait:
        assert NOW + timedelta(seconds=wait - 1) < until <= NOW + timedelta(seconds=wait)


def test_nobody_is_locked_of_whom_nothing_is_known():
    assert locked_for(None, 1, NOW) is None


def test_a_name_is_not_kept_as_it_was_typed():
    assert "my password" not in key("my password")
    assert key("one") != key("One")
