"""How often somebody may ask: counted by address, by account and by program.

A limit is so many requests in any minute. A low one is exact: the instant of each request is kept.
A high one is counted in two numbers, this minute's and the one before, which weighs as much as it
still reaches into the last 60 seconds.

Where replicas count together in a database that is away, each counts by itself meanwhile: no
request waits for it or is refused for it, and nobody gets more tries at a password than the limit
times the number of replicas.
"""

from __future__ import annotations

import math
import time

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from suishoupai import metrics
from suishoupai.contracts.problems import Problem
from suishoupai.settings import Settings

EXACT = 200
"""The highest limit for which the instant of each request is kept."""
PAUSE = 5.0
"""Seconds for which a storage that failed is not asked again."""
PATIENCE = 300
"""Milliseconds a shared storage may take to answer."""

log = structlog.get_logger(__name__)


class Rates:
    """Counts, and refuses what is over a limit."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before the first request; raises ``ConfigurationError`` for a
        storage that there is not."""
        self._shared = _Counts(_storage(settings))
        self._own = _Counts(MemoryStorage())
        self._away_until = 0.0

    def count(self, limit: str, who: str, most: int, times: int = 1) -> None:
        """Counts a request of ``who``, or one that is worth so many; raises ``Problem`` (429) when
        the last minute had ``most`` of them, with the seconds until there is room."""
        counts = self._own if time.monotonic() < self._away_until else self._shared
        try:
            wait = counts.hit(limit, who, most, times)
        except StorageError as error:
            self._missed(error)
            wait = self._own.hit(limit, who, most, times)
        if wait is not None:
            raise Problem("too-many-requests", f"{limit}: at most {most} a minute", (), wait)

    def _missed(self, error: StorageError) -> None:
        self._away_until = time.monotonic() + PAUSE
        metrics.LIMITS_STORAGE_FAILURES.inc()
        log.warning(
            "the shared counts of requests are away: counting alone",
            error=str(error.storage_error),
        )


class _Counts:
    """What is counted in one storage, exactly or in two numbers."""

    def __init__(self, storage: Storage) -> None:
        self._exact = MovingWindowRateLimiter(storage)
        self._rough = SlidingWindowCounterRateLimiter(storage)

    def hit(self, limit: str, who: str, most: int, times: int) -> int | None:
        """None after a request was counted; otherwise the whole seconds until one can be."""
        exact = most <= EXACT
        limiter = self._exact if exact else self._rough
        item = RateLimitItemPerMinute(most)
        # Each way of counting has records of its own: a program's limit may be changed.
        names = (limit, who, "exact" if exact else "rough")
        if limiter.hit(item, *names, cost=times):
            return None
        room_at = limiter.get_window_stats(item, *names).reset_time
        return max(1, math.floor(room_at - time.time()) + 1)


def _storage(settings: Settings) -> Storage:
    options: dict[str, float | str | bool] = {}
    if settings.limits_storage.startswith("mongodb"):
        options = {
            "database_name": f"{settings.namespace}_limits",
            "serverSelectionTimeoutMS": PATIENCE,
            "connectTimeoutMS": PATIENCE,
            "socketTimeoutMS": PATIENCE,
            "maxPoolSize": 20,
            "waitQueueTimeoutMS": PATIENCE,
            "retryWrites": False,
            "w": 1,
        }
    storage = storage_from_string(settings.limits_storage, wrap_exceptions=True, **options)
    if not isinstance(storage, Storage):
        raise TypeError(f"{settings.limits_storage}: not a storage for this program")
    return storage
