"""Learns which sessions ended elsewhere: on another replica, or at the command line."""

from __future__ import annotations

from typing import Any

import eventlet
import structlog
from nameko.extensions import DependencyProvider

from services.gateway.accounts.ended import EndedSessions
from suishoupai import clock
from suishoupai.mongo import is_unavailable, store_of

POLL_SECONDS = 1.0
"""How long an access token is still good here after its session ended elsewhere."""

log = structlog.get_logger(__name__)


class SessionWatch(DependencyProvider):
    """Asks the database once a second; while it is away, what is known stays known."""

    def __init__(self, ended: EndedSessions) -> None:
        """``ended``: the memory that is told."""
        self._ended = ended
        self._failing = False

    def start(self) -> None:
        """Watches until the container stops and ends its threads."""
        self.container.spawn_managed_thread(self._watch, identifier="ended sessions")

    def get_dependency(self, worker_ctx: Any) -> EndedSessions:
        """What is known."""
        return self._ended

    def _watch(self) -> None:
        sessions = store_of(self.container).store.sessions
        while True:
            try:
                now = clock.now()
                self._ended.learn(sessions.ended_since(self._ended.since(now)), now)
                self._failing = False
            except Exception as error:
                if not is_unavailable(error):
                    raise
                if not self._failing:
                    log.warning("ended sessions are learnt when the database is back")
                self._failing = True
            eventlet.sleep(POLL_SECONDS)
