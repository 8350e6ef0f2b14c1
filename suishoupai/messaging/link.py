"""Staying connected to the broker and waiting for the database, whatever goes away."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import eventlet
import structlog

from suishoupai import metrics
from suishoupai.messaging.topology import connect, declare_all
from suishoupai.mongo import is_unavailable

HEARTBEAT = 30
"""Seconds between heartbeats; the broker drops a consumer that misses two."""
READ_SECONDS = 0.5
"""How long one read waits, and so how soon a stop is noticed."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries of anything."""

log = structlog.get_logger(__name__)


class Link:
    """One consumer's connection: made again whenever it breaks, until told to stop."""

    def __init__(self, purpose: str, consume: Callable[[Any], None]) -> None:
        """``consume``: called with each new connection; returns when ``stopping``."""
        self.purpose = purpose
        self._consume = consume
        self.stopping = False
        self.failure: str | None = "not connected yet"
        """Why nothing is consumed now, or None."""

    def run(self, uri: str, namespace: str) -> None:
        """Connects and consumes, again and again, until ``stopping``."""
        pause = 0.0
        while not self.stopping:
            try:
                with connect(uri, heartbeat=HEARTBEAT) as connection:
                    connection.ensure_connection(max_retries=1, timeout=5)
                    declare_all(connection, namespace)
                    self._consume(connection)
            except Exception as error:  # a broker can fail in many ways; all mean: connect again
                was_connected = self.failure is None
                pause = 0.5 if was_connected else min(LONGEST_PAUSE, pause * 2 or 0.5)
                self._lost(f"{type(error).__name__}: {error}")
                eventlet.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret

    def consuming(self) -> None:
        """Told by ``consume`` once messages can come."""
        self.failure = None
        metrics.CONSUMER_CONNECTED.labels(self.purpose).set(1)

    def _lost(self, failure: str) -> None:
        self.failure = failure
        log.warning("consumer lost its broker", purpose=self.purpose, error=failure)
        metrics.CONSUMER_CONNECTED.labels(self.purpose).set(0)

    def when_available(self, action: Callable[[], None]) -> None:
        """Does something in the database, again and again while that is not there.

        Raises what the action raises otherwise, and when stopping even that.
        """
        pause = 0.25
        while True:
            try:
                action()
                self.failure = None
                return
            except Exception as error:
                if not is_unavailable(error) or self.stopping:
                    raise
                self.failure = f"database: {error}"
                eventlet.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)


def read_frames(connection: Any) -> None:
    """Reads what the broker sent, waiting at most ``READ_SECONDS``."""
    with contextlib.suppress(TimeoutError):
        connection.drain_events(timeout=READ_SECONDS)
