"""The figures of every division that a stream of this process tells.

Of each such division one greenthread asks for them: at once when somebody wants them first, when
they are said to have changed (never sooner than ``APART`` after the last time: what changes
meanwhile is told together), when a local day ends, and otherwise once in a while, so that what
nobody heard of does not stay wrong. However many listen, it is asked once, and kept are the newest
figures only: a slow client misses the ones between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from eventlet.semaphore import Semaphore

from services.gateway.live import frames
from services.gateway.live.schemas import FIGURES
from suishoupai import clock
from suishoupai.access import Caller

Document = dict[str, Any]
Ask = Callable[[str, Caller], Document]
"""From a division and who wants its figures to them; may raise anything."""

APART = 0.3
"""Seconds between two questions about one division."""
AGAIN = 2.0
"""Seconds before it is asked again what could not be answered."""
AT_ONCE = 8
"""Most questions of this process at a time."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Watched:
    """A division whose figures are told."""

    division: str
    members: dict[Any, Caller] = field(default_factory=dict)
    """Who is told, and on whose behalf it is asked."""
    frame: bytes = b""
    """The newest figures, ready to be sent; empty before the first."""
    edition: int = 0
    """How often they were told."""
    shown: Document | None = None
    """What they say, but for the time."""
    told_at: float = 0.0
    changed: Signal = field(default_factory=Signal)
    """Sent when there is a reason to look since they were asked for last."""

    def look(self) -> None:
        """They may have changed, or nobody listens any more."""
        if not self.changed.ready():
            self.changed.send(None)


class Figures:
    """All that are watched in this process."""

    def __init__(self, ask: Ask, every: float, apart: float = APART, again: float = AGAIN) -> None:
        """``every``: seconds after which figures are asked for again, changed or not; ``again``:
        after which it is asked again what could not be answered."""
        self._ask, self._every, self._apart, self._again = ask, every, apart, again
        self._watched: dict[str, Watched] = {}
        self._asking = Semaphore(AT_ONCE)

    def join(self, division: str, member: Any, caller: Caller) -> Watched:
        """Has a member told the figures of a division that ``caller`` may see."""
        watched = self._watched.get(division)
        if watched is None:
            watched = self._watched[division] = Watched(division)
            eventlet.spawn_n(self._follow, watched)
        watched.members[member] = caller
        return watched

    def leave(self, watched: Watched, member: Any) -> None:
        """Tells a member no more; leaving again changes nothing."""
        watched.members.pop(member, None)
        if not watched.members and self._watched.get(watched.division) is watched:
            del self._watched[watched.division]
            watched.look()

    def changed(self, divisions: Iterable[str] | None) -> None:
        """The figures of these may have changed; None: those of any."""
        for division in self._watched if divisions is None else divisions:
            if watched := self._watched.get(division):
                watched.look()

    def _follow(self, watched: Watched) -> None:
        """Asks until nobody listens any more."""
        while watched.members:
            watched.changed = Signal()  # what changes while it is asked is asked for again
            if self._refresh(watched):
                eventlet.sleep(self._apart)
                longest = min(self._every, _until_midnight(clock.now()))
                watched.changed.wait(timeout=max(0.0, longest - self._apart))
            else:
                eventlet.sleep(self._again)

    def _refresh(self, watched: Watched) -> bool:
        """Asks, and tells what is new; whether there was an answer."""
        caller = next(iter(watched.members.values()))
        try:
            with self._asking:
                figures = self._ask(watched.division, caller)
        except Exception as error:  # whatever it is: it is asked again while somebody listens
            log.warning("figures cannot be had", division=watched.division, error=str(error))
            return False
        self._tell(watched, figures)
        return True

    def _tell(self, watched: Watched, figures: Document) -> None:
        shown = {name: value for name, value in figures.items() if name != "at"}
        silent_for = time.monotonic() - watched.told_at
        # Told again now and then, changed or not: who sees no newer `at` knows them to be old.
        if shown == watched.shown and silent_for < self._every - self._apart:
            return
        watched.shown, watched.told_at = shown, time.monotonic()
        watched.frame = frames.unnumbered(FIGURES, figures)
        watched.edition += 1
        for member in list(watched.members):
            member.wake()


def _until_midnight(now: datetime) -> float:
    """Seconds until the local day is over."""
    local = now.astimezone(clock.LOCAL)
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - local).total_seconds()
