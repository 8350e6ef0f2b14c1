"""A cut span covers exactly the same minutes as the span itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.spans import cut

START = datetime(2026, 11, 23, tzinfo=UTC)
MINUTES = st.one_of(st.none(), st.integers(0, 400))
DAY = range(0, 480)


def minute(at):
    return START + timedelta(minutes=at)


def covered(span):
    """The minutes a cut span reads, each as often as it is read."""
    for at in map(minute, DAY):
        if span.whole is not None:
            hour = at.replace(minute=0)
            since, until = span.whole
            if (since is None or hour >= since) and (until is None or hour < until):
                yield at
        for begin, end in span.broken:
            if begin <= at < end:
                yield at


@given(MINUTES, MINUTES)
def test_every_minute_is_read_once(since, until):
    if since is not None and until is not None and since >= until:
        return
    span = cut(None if since is None else minute(since), None if until is None else minute(until))
    expected = [
        minute(at) for at in DAY if (since is None or at >= since) and (until is None or at < until)
    ]
    assert list(covered(span)) == expected


@pytest.mark.parametrize(("since", "until"), [(60, 120), (0, 60)])
def test_full_hours_need_no_facts(since, until):
    assert cut(minute(since), minute(until)).broken == ()
