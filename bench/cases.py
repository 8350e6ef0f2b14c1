"""All the cases: the same for the same seed, amount and last instant, however they are paged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.arrivals import Arrivals
from bench.county import DemoCounty
from bench.habits import Temperaments
from bench.life import Life
from bench.reports import Report, Reports
from bench.walking import Walk
from services.issues import truth
from suishoupai.truth.records import Case, Notice

TELLING = {"dispatch": "dispatched", "redispatch": "dispatched", "hand_down": "handed_down"}
"""Action that gives a case to a party → the kind of notice that tells the party."""


@dataclass(frozen=True)
class Wanted:
    """What decides all of it."""

    cases: int
    seed: int
    until: datetime
    """The last instant that is told of, UTC: what was not done by then is open."""


@dataclass(frozen=True)
class Page:
    """Cases that were reported one after the other, by id, and who was told of them."""

    cases: list[Case]
    notices: dict[str, list[Notice]]


class Cases:
    """Makes the cases of a county, day by day."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        """``folder``: the county's. Raises ``OSError`` when there is no demo map in it."""
        self._county = DemoCounty(folder)
        self._wanted = wanted
        self._reports = Reports(self._county)
        self._temperaments = Temperaments(wanted.seed)
        self.arrivals = Arrivals(wanted.seed, wanted.cases, wanted.until, self._county.hours)

    def spans(self, done: int, page: int) -> list[range]:
        """What is left after the first ``done`` cases: runs of whole days with at least so many
        cases each, but for the last."""
        days = self.arrivals.days
        first = self.arrivals.day_of(done) if done < self._wanted.cases else len(days)
        found: list[range] = []
        amount = 0
        for position in range(first, len(days)):
            amount += days[position].amount
            if amount >= page:
                found.append(range(first, position + 1))
                first, amount = position + 1, 0
        return [*found, range(first, len(days))] if amount else found

    def page(self, days: range) -> Page:
        """The cases of a run of days."""
        walks = [walk for position in days for walk in self.walks(position)]
        cases = [truth.case(walk.case) for walk in walks]
        return Page(cases, {case.id: list(notices(case)) for case in cases})

    def walks(self, position: int) -> Iterator[Walk]:
        """The cases of a day with all that happened to them, in the order of their ids."""
        day = self.arrivals.days[position].date
        chance = random.Random(f"{self._wanted.seed}|{day}")
        instants = self.arrivals.instants(position, chance)
        reports = self._reports.of_day(day, instants, chance)
        doubles = {report.main.id: report for report in reports if report.main}
        absorbing: set[str] = set()
        for report in reports:
            double = doubles.get(report.id)
            life = self._life(report, double)
            life.live(is_merged=report.id in absorbing)
            if double is not None and life.walk.absorbed:
                absorbing.add(double.id)
            yield life.walk

    def _life(self, report: Report, double: Report | None) -> Life:
        # Of its own: what becomes of one case does not hang on what became of another.
        chance = random.Random(f"{self._wanted.seed}|{report.id}")
        until = self._wanted.until
        return Life(report, self._county, self._temperaments, chance, until, double)


def notices(case: Case) -> Iterator[Notice]:
    """How each party that got a case was told of it."""
    for step in case.steps:
        if step.action in TELLING:
            recipient = f"party:{step.party}"
            id = f"{case.id}-{step.sequence}-{recipient}"
            yield Notice(id, TELLING[step.action], step.sequence, recipient)
