"""Time: instants in UTC to the millisecond (as MongoDB keeps them), days in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between them an instant is a date in every time zone."""


def now() -> datetime:
    """This instant, in UTC, cut to milliseconds so that it reads back from MongoDB unchanged."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def local_day(instant: datetime) -> date:
    """The date of an instant in Asia/Shanghai."""
    return instant.astimezone(LOCAL).date()


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970, rounded up: the first millisecond not before ``instant``."""
    return -((EPOCH - instant) // timedelta(milliseconds=1))


def parse_instant(text: str) -> datetime:
    """An instant from ISO 8601: a date (its local midnight) or a date-time with its offset.

    Raises ``ValueError`` for anything else; a time without an offset is not guessed at.
    """
    if len(text) == 10:
        instant = datetime.combine(datetime.fromisoformat(text), time(), LOCAL)
    else:
        instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a date-time needs its offset, such as +08:00 or Z")
    if not FIRST <= instant <= LAST:
        raise ValueError("lies before the year 2 or after 9998")
    return instant.astimezone(UTC)
