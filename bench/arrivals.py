"""When reports come: two years of hours, more on weekdays and by day than at night and on days off
(DOMAIN: demo realism), more in summer, and every year some more than in the last."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from services.issues.working_time import WorkingTime
from suishoupai.clock import LOCAL, local_day

DAYS = 730
HOUR = timedelta(hours=1)

BY_HOUR = (
    *(3, 2, 1, 1, 1, 4, 12, 34, 74, 96, 98, 84),
    *(58, 58, 84, 96, 92, 76, 54, 44, 34, 24, 13, 6),
)
"""Local hour → how many reports come on a working day, among each other."""
ON_A_DAY_OFF = 0.5
BY_MONTH = (0.85, 0.7, 0.95, 1.0, 1.05, 1.15, 1.2, 1.2, 1.05, 1.0, 0.95, 0.9)
GROWTH_A_YEAR = 0.25
WEATHER = 0.15
"""How unequal days are, besides (sigma of a log-normal distribution)."""


@dataclass(frozen=True)
class Day:
    """A local day and how many cases are reported before it and on it."""

    date: date
    before: int
    amount: int


class Arrivals:
    """The instants of a number of reports over two years up to an instant."""

    def __init__(self, seed: int, amount: int, until: datetime, hours: WorkingTime) -> None:
        self._seed, self._until, self._hours = seed, until, hours
        first = local_day(until) - timedelta(days=DAYS)
        dates = [first + timedelta(days=n) for n in range(DAYS + 1)]
        by_day = [self._by_hour(n, day) for n, day in enumerate(dates)]
        sums = list(accumulate((weight for row in by_day for weight in row), initial=0.0))
        # Each hour gets what the rounded sums differ by: together they are the amount.
        upto = [round(each / sums[-1] * amount) for each in sums]
        self._upto = upto
        self.days = [
            Day(day, upto[24 * n], upto[24 * n + 24] - upto[24 * n]) for n, day in enumerate(dates)
        ]
        self._before = [day.before for day in self.days]

    def day_of(self, case: int) -> int:
        """Position of the day on which the case of this number (from 0) is reported."""
        return bisect_right(self._before, case) - 1

    def instants(self, position: int, chance: random.Random) -> list[datetime]:
        """The instants of a day's reports."""
        found: list[datetime] = []
        for hour in range(24 * position, 24 * position + 24):
            start = self._start(hour)
            length = min(HOUR, self._until - start) / timedelta(milliseconds=1)
            for _ in range(self._upto[hour + 1] - self._upto[hour]):
                found.append(start + timedelta(milliseconds=int(chance.random() * length)))
        return found

    def _start(self, hour: int) -> datetime:
        midnight = datetime.combine(self.days[hour // 24].date, time(), LOCAL).astimezone(UTC)
        return midnight + hour % 24 * HOUR

    def _by_hour(self, position: int, day: date) -> list[float]:
        chance = random.Random(f"{self._seed}|weather|{day}")
        weight = chance.lognormvariate(0, WEATHER) * BY_MONTH[day.month - 1]
        weight *= (1 + GROWTH_A_YEAR) ** (position / 365)
        works, _ = self._hours.is_working(day)
        weight *= 1 if works else ON_A_DAY_OFF
        midnight = datetime.combine(day, time(), LOCAL).astimezone(UTC)
        return [
            weight * each * self._passed(midnight + hour * HOUR)
            for hour, each in enumerate(BY_HOUR)
        ]

    def _passed(self, hour: datetime) -> float:
        """How much of an hour has passed by the last instant."""
        return min(max((self._until - hour) / HOUR, 0.0), 1.0)
