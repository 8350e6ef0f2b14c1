"""When a consumer calls its service not ready."""

import pytest

from suishoupai.messaging import consumer
from suishoupai.messaging.consumer import EventConsumer


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(consumer.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("vital", [True, False])
def test_a_handler_that_never_returns_fails_readiness_vital_or_not(clock, vital):
    entrypoint = EventConsumer("issue.reported", purpose="assign", vital=vital)
    entrypoint.link.failure = None
    assert entrypoint.not_ready() is None
    entrypoint.progress.busy()
    clock[0] += consumer.STALL_SECONDS - 1
    assert entrypoint.not_ready() is None
    clock[0] += 2
    assert "assign: at the same events for 61 s" in entrypoint.not_ready()
    entrypoint.progress.idle()
    assert entrypoint.not_ready() is None


def test_a_broker_that_is_away_blocks_only_a_vital_consumer():
    vital, other = (EventConsumer("t", purpose="p", vital=vital) for vital in (True, False))
    assert "not connected yet" in vital.not_ready()
    assert other.not_ready() is None
    assert "not connected yet" in other.degraded()
