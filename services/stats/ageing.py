"""How old open cases are, in days of the local calendar: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from suishoupai.clock import LOCAL, local_day


@dataclass(frozen=True)
class Age:
    """From ``least`` days on to before ``below``; None: however old. Of today: 0 days."""

    least: int
    below: int | None


def ages(bounds: Sequence[int]) -> list[Age]:
    """The ages between bounds that rise, the first one from 0 on and the last one without an
    end."""
    return [Age(least, below) for least, below in zip((0, *bounds), (*bounds, None), strict=True)]


def days_before(at: datetime, days: int) -> datetime:
    """The start of the local day some days before the one of an instant (UTC)."""
    day: date = local_day(at) - timedelta(days=days)
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def by_age(
    at: datetime, bounds: Sequence[int], by_day: Mapping[datetime, int], older: int
) -> Iterable[tuple[Age, int]]:
    """Each age with its cases, from those of each day (by its start, in UTC) since the last bound
    and those that are older."""
    today = local_day(at)
    for age in ages(bounds):
        young = sum(
            cases
            for start, cases in by_day.items()
            if age.below is not None and age.least <= (today - local_day(start)).days < age.below
        )
        yield age, young if age.below is not None else older
