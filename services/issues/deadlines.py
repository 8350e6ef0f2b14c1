"""When a case is due: by when its clock has used the limit of its catalogue row and the extensions
granted, and how much it has used (DOMAIN: catalogue, life of a case).

The clock runs in runs, and stands between them. Ordinary units run in the county's working time,
urgent ones (紧急…) round the clock; the row's own unit says which, whatever an extension adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.issues.working_time import Moment, WorkingTime
from suishoupai.clock import EPOCH, milliseconds
from suishoupai.contracts.words import LIMIT_UNITS

URGENT = "紧急"
"""How the units begin that run round the clock."""

DAYS = "日"
"""How the units end that are whole days: the county's hours of one, or 24 of an urgent unit."""

HOUR = timedelta(hours=1)

MOST = 10_000
"""The largest number of a limit: what is more is a slip, and would reach past the calendar."""

WARNED_AFTER = 3
"""Quarters of the whole amount that have passed when a case is due soon."""


@dataclass(frozen=True)
class Limit:
    """How long something may take; raises ``ValueError`` for a unit that is none of
    ``LIMIT_UNITS`` or a number that is not from 1 to ``MOST``."""

    number: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in LIMIT_UNITS:
            raise ValueError(f"unit: must be one of: {', '.join(LIMIT_UNITS)}")
        if not 1 <= self.number <= MOST:
            raise ValueError(f"number: must be from 1 to {MOST}")


@dataclass(frozen=True)
class Run:
    """A span during which the clock runs; without an end it is still running."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Deadline:
    """When a case is due and due soon, in UTC; ``assumed`` as in ``Moment``.

    Both are the first millisecond by which the time is used: never earlier than exact, so that
    nobody is late before, and MongoDB keeps them unchanged.
    """

    due_at: datetime
    due_soon_at: datetime
    assumed: bool


class RoundTheClock:
    """The time of urgent units: every hour of every day, which is always known."""

    day_length = timedelta(hours=24)

    def is_known(self, start: datetime, end: datetime) -> bool:
        """True: no day has to be looked up."""
        return True

    def after(self, start: datetime, amount: timedelta) -> Moment:
        """The instant that lies ``amount`` after ``start``."""
        return Moment((start + max(amount, timedelta())).astimezone(UTC), False)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time from ``start`` to ``end``; none when that is not later."""
        return max(end - start, timedelta())


Clock = WorkingTime | RoundTheClock


def deadline_of(
    limits: Sequence[Limit], runs: Sequence[Run], working_time: WorkingTime
) -> Deadline | None:
    """When the runs, in their order, have used the limits together: the row's limit first, then
    each extension. None when the clock does not run now.

    What earlier runs used up already lies in the past: the instant at which they did.
    """
    if not runs or runs[-1].end is not None:
        return None
    clock, amount = _clock(limits[0], working_time), allowed(limits, working_time)
    due = _used_up(amount, runs, clock)
    soon = _used_up(amount * WARNED_AFTER / 4, runs, clock)
    return Deadline(_to_millisecond(due.at), _to_millisecond(soon.at), due.assumed)


def spent(
    limits: Sequence[Limit], runs: Sequence[Run], at: datetime, working_time: WorkingTime
) -> timedelta:
    """The time that the runs have used up to ``at``, in the kind of time of the first limit."""
    clock = _clock(limits[0], working_time)
    used = (clock.between(run.start, min(run.end or at, at)) for run in runs)
    return sum(used, timedelta())


def allowed(limits: Sequence[Limit], working_time: WorkingTime) -> timedelta:
    """The whole amount of the limits, each turned from its own unit."""
    return sum((_amount(limit, working_time) for limit in limits), timedelta())


def _clock(limit: Limit, working_time: WorkingTime) -> Clock:
    return RoundTheClock() if limit.unit.startswith(URGENT) else working_time


def _amount(limit: Limit, working_time: WorkingTime) -> timedelta:
    whole_days = limit.unit.endswith(DAYS)
    return limit.number * (_clock(limit, working_time).day_length if whole_days else HOUR)


def _used_up(amount: timedelta, runs: Sequence[Run], clock: Clock) -> Moment:
    """The first instant by which the runs, the last of which goes on, have used ``amount``."""
    assumed = False
    for run in runs:
        used = clock.between(run.start, run.end) if run.end else amount
        if run.end is None or used >= amount:
            end = clock.after(run.start, amount)
            return Moment(end.at, assumed or end.assumed)
        amount -= used
        assumed = assumed or not clock.is_known(run.start, run.end)
    raise AssertionError("the last run goes on")


def _to_millisecond(at: datetime) -> datetime:
    """The first millisecond not before an instant."""
    return EPOCH + timedelta(milliseconds=milliseconds(at))
