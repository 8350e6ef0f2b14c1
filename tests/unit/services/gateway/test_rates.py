"""Limits hold, say truly when there is room again, and need no storage that is away."""

from dataclasses import replace
from typing import ClassVar

import pytest
from limits.storage import MemoryStorage
from limits.storage import memory as counting
from pymongo.errors import ServerSelectionTimeoutError

from services.gateway import rates
from services.gateway.rates import EXACT, Rates
from suishoupai.contracts.problems import Problem
from suishoupai.settings import read_settings


class Clock:
    """A clock that stands until it is put on."""

    def __init__(self):
        self.now = 1_700_000_040.3

    def time(self):
        return self.now

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in (rates, counting):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr("limits.strategies.time", clock)
    return clock


@pytest.fixture
def counted(clock):
    return Rates(replace(read_settings(), limits_storage="memory://"))


def refusal(counted, who, most, limit="reads"):
    with pytest.raises(Problem) as caught:
        counted.count(limit, who, most)
    assert caught.value.status == 429
    return caught.value


@pytest.mark.parametrize("most", [1, 3, EXACT, EXACT + 1, 1000])
@pytest.mark.parametrize("spread", [0.0, 0.05, 7.3])
def test_a_refusal_says_truly_when_there_is_room(counted, clock, most, spread):
    taken = 0
    while taken < 3 * most:
        try:
            counted.count("reads", "a", most)
        except Problem as problem:
            before = problem.retry_after
            clock.now += before
            counted.count("reads", "a", most)
            assert 1 <= before <= 61
        taken += 1
        clock.now += spread / most


@pytest.mark.parametrize("most", [1, 3, 20])
def test_a_low_limit_holds_in_any_minute(counted, clock, most):
    admitted = []
    for _ in range(600):
        clock.now += 0.37
        try:
            counted.count("logins", "a", most)
        except Problem:
            continue
        admitted.append(clock.now)
    for instant in admitted:
        assert sum(instant - 60 < other <= instant for other in admitted) <= most


def test_each_is_counted_by_itself(counted):
    for limit, who in (("reads", "a"), ("reads", "b"), ("reports", "a")):
        counted.count(limit, who, 1)
        assert f"{limit}: at most 1 a minute" in refusal(counted, who, 1, limit).detail


class Away(MemoryStorage):
    """A storage that is away while ``away`` is true."""

    STORAGE_SCHEME: ClassVar = ["away"]
    away = True
    asked = 0

    def acquire_entry(self, *args, **options):
        type(self).asked += 1
        if self.away:
            raise ServerSelectionTimeoutError("no server")
        return super().acquire_entry(*args, **options)

    @property
    def base_exceptions(self):
        return ServerSelectionTimeoutError


def test_while_the_storage_is_away_each_process_counts_alone(clock):
    Away.asked, Away.away = 0, True
    counted = Rates(replace(read_settings(), limits_storage="away://"))
    for _ in range(3):
        counted.count("logins", "a", 3)
    refusal(counted, "a", 3, "logins")
    assert Away.asked == 1, "every request would wait for it"
    Away.away = False
    clock.now += rates.PAUSE
    counted.count("logins", "a", 3)
    assert Away.asked == 2


def test_a_storage_that_there_is_not_is_told_at_the_start():
    with pytest.raises(Exception, match="nonsense"):
        Rates(replace(read_settings(), limits_storage="nonsense://"))
