"""When a delivery is tried again, when a receiver is left alone, when it is given up. Pure.

All pauses are multiples of the setting ``retry_seconds`` (30 s): a delivery is tried again after
5 s, 30 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, and then given up. A receiver that failed is left
alone for 5 s, one that failed twice in a row for 30 s, and after that for 5 min at a time, so that
it hears of what waits soon after it is back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = (1 / 6, 1, 10, 60, 240, 600, 1200, 1200)
"""After the first failure, the second …"""
RESTS = PAUSES[:3]
JITTER = 0.25
"""Share by which a pause is longer or shorter, so that what failed together does not come back
together."""
FAILURES_IN_A_ROW = 20
FAILING_FOR = timedelta(days=1)
"""A receiver that failed so often without one success in between, for so long, is switched off."""
GONE = 410
"""The answer by which a receiver asks to be switched off."""


@dataclass(frozen=True)
class Failing:
    """The failures in a row of one receiver."""

    tries: int = 0
    since: datetime | None = None

    def after(self, is_taken: bool, at: datetime) -> Failing:
        """The run after one more try."""
        return Failing() if is_taken else Failing(self.tries + 1, self.since or at)

    def is_hopeless(self, at: datetime) -> bool:
        """Whether the receiver is to be switched off."""
        if self.since is None or self.tries < FAILURES_IN_A_ROW:
            return False
        return at - self.since >= FAILING_FOR

    def rest(self, base: float, luck: float) -> timedelta:
        """How long the receiver is left alone after its last failure."""
        return _pause(RESTS[min(self.tries, len(RESTS)) - 1], base, luck)


def pause_after(failures: int, base: float, luck: float) -> timedelta | None:
    """How long a delivery waits after its n-th failure, or None when it is given up; ``luck`` from
    0 to 1 makes it shorter or longer."""
    return _pause(PAUSES[failures - 1], base, luck) if failures <= len(PAUSES) else None


def _pause(multiple: float, base: float, luck: float) -> timedelta:
    return timedelta(seconds=multiple * base * (1 - JITTER + 2 * JITTER * luck))
