"""When a delivery is tried again, and when a receiver is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.webhooks.retrying import (
    FAILING_FOR,
    FAILURES_IN_A_ROW,
    JITTER,
    PAUSES,
    Failing,
    pause_after,
)

START = datetime(2026, 11, 25, tzinfo=UTC)
STEPS = st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=60)
"""Minutes until each try, and whether it was taken."""


def test_the_pauses_are_those_that_are_promised():
    seconds = [pause_after(n + 1, 30.0, 0.5).total_seconds() for n in range(len(PAUSES))]
    assert seconds == [5, 30, 300, 1800, 7200, 18000, 36000, 36000]
    assert pause_after(len(PAUSES) + 1, 30.0, 0.5) is None


@given(st.integers(1, len(PAUSES)), st.floats(0, 1), st.floats(0.01, 100))
def test_luck_makes_a_pause_a_quarter_longer_or_shorter(failures, luck, base):
    pause = pause_after(failures, base, luck).total_seconds()
    middle = PAUSES[failures - 1] * base
    assert middle * (1 - JITTER) - 1e-5 <= pause <= middle * (1 + JITTER) + 1e-5


@given(STEPS)
def test_a_receiver_is_switched_off_by_its_failures_since_the_last_success(steps):
    failing, at, tries = Failing(), START, []
    for minutes, is_taken in steps:
        at += timedelta(minutes=minutes)
        tries.append((at, is_taken))
        failing = failing.after(is_taken, at)
        # The slow way: look back over every try there was.
        run = []
        for when, taken in reversed(tries):
            if taken:
                break
            run.insert(0, when)
        assert failing == Failing(len(run), run[0] if run else None)
        hopeless = len(run) >= FAILURES_IN_A_ROW and at - run[0] >= FAILING_FOR
        assert failing.is_hopeless(at) == hopeless


@pytest.mark.parametrize(
    ("tries", "hours", "is_hopeless"),
    [(19, 48, False), (20, 23.9, False), (20, 24, True), (500, 23, False), (0, 48, False)],
)
def test_neither_many_failures_nor_a_day_alone_are_enough(tries, hours, is_hopeless):
    failing = Failing(tries, START if tries else None)
    assert failing.is_hopeless(START + timedelta(hours=hours)) == is_hopeless


def test_a_receiver_that_fails_is_left_alone_for_longer_up_to_five_minutes():
    rests = [Failing(tries, START).rest(30.0, 0.5).total_seconds() for tries in (1, 2, 3, 4, 99)]
    assert rests == [5, 30, 300, 300, 300]
