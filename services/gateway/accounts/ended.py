"""The sessions that ended so lately that an access token of theirs may still be about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

LEEWAY = timedelta(seconds=60)
"""How far the clocks of two replicas may differ, and how late a write may be seen."""


class EndedSessions:
    """Kept in memory, for every request asks; told by this process at once, and by the others
    through the database."""

    def __init__(self, token_seconds: int) -> None:
        """``token_seconds``: how long an access token is good for."""
        self._kept = timedelta(seconds=token_seconds) + LEEWAY
        self._ended: dict[str, datetime] = {}
        self._seen: datetime | None = None

    def __contains__(self, session: str | None) -> bool:
        return session in self._ended

    def __len__(self) -> int:
        return len(self._ended)

    def add(self, sessions: Iterable[str], at: datetime) -> None:
        """Sessions that end now, by this process."""
        self._ended.update(dict.fromkeys(sessions, at))

    def since(self, now: datetime) -> datetime:
        """From when on ended sessions are asked for: what was not seen yet, with leeway."""
        return max(now - self._kept, (self._seen or now - self._kept) - LEEWAY)

    def learn(self, rows: Iterable[tuple[str, datetime]], now: datetime) -> None:
        """What the database said at ``now``: sessions, and when each ended. Forgets those of which
        every access token has expired."""
        self._ended.update(rows)
        self._seen = now
        for session in [each for each, at in self._ended.items() if at < now - self._kept]:
            del self._ended[session]
