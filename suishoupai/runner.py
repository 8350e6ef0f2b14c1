"""Work that a service does by itself, beside what it is asked: again and again, whatever fails.

Example::

    runner = Runner("digests", make_digests)
    runner.start(self.container)
    runner.wake()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal

LOOK_SECONDS = 1.0
"""How often it is looked for what has become due."""
PAUSE_SECONDS = 2.0
"""How long it rests after an error of its own, such as a database that is away."""

log = structlog.get_logger(__name__)


class Runner:
    """One greenthread of a service that works off what is due, and then waits for more."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        """``work`` does all that is due now, and ends early when ``stopping``."""
        self.name = name
        self._work = work
        self._wake = Signal()
        self._thread: Any = None
        self.stopping = False
        self.failure: str | None = None
        """Why the work is not done now, or None."""

    def start(self, container: Any) -> None:
        """Works in a thread of the container's until stopped."""
        self._thread = container.spawn_managed_thread(self._run, identifier=self.name)

    def stop(self) -> None:
        """Lets it end once what is in hand is done; ``wait`` waits for that."""
        self.stopping = True
        self.wake()

    def wait(self) -> None:
        """Waits until it has ended."""
        if self._thread is not None:
            self._thread.wait()

    def wake(self) -> None:
        """Lets it look at once, without waiting for it."""
        if not self._wake.ready():
            self._wake.send()

    def _run(self) -> None:
        while not self.stopping:
            try:
                self._work()
                self.failure, pause = None, LOOK_SECONDS
            except Exception as error:  # whatever it is: what waits is kept, the service goes on
                self.failure, pause = f"{self.name}: {type(error).__name__}: {error}", PAUSE_SECONDS
                log.warning("runner failed", runner=self.name, error=repr(error), exc_info=error)
            self._rest(pause)

    def _rest(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._wake.wait()
        self._wake = Signal()
