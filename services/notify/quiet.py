"""Quiet hours: when a message that is not urgent may go out. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from suishoupai.clock import LOCAL

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Quiet:
    """A span of every day in Asia/Shanghai, over midnight where it begins later than it ends."""

    begins: time
    ends: time

    def until(self, at: datetime) -> datetime | None:
        """When the quiet hours that hold at an instant end; None when it is in none."""
        local = at.astimezone(LOCAL)
        now = local.time()
        over_midnight = self.begins > self.ends
        if over_midnight:
            inside = now >= self.begins or now < self.ends
        else:
            inside = self.begins <= now < self.ends
        if not inside:
            return None
        tomorrow = over_midnight and now >= self.begins
        day = local.date() + timedelta(days=1 if tomorrow else 0)
        return datetime.combine(day, self.ends, LOCAL)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


def read_quiet(text: str) -> Quiet | None:
    """Quiet hours from ``22:00-07:00``; None from an empty text. Raises ``ValueError``."""
    if not text:
        return None
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError(f"quiet hours are written 22:00-07:00, not {text!r}")
    begins_hour, begins_minute, ends_hour, ends_minute = map(int, match.groups())
    return Quiet(time(begins_hour, begins_minute), time(ends_hour, ends_minute))
