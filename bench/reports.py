"""What is reported on one day: where, by whom, of what, and which of it is reported twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from ulid import ULID

from bench.county import PROGRAMS, RESIDENTS, DemoCounty
from bench.habits import (
    CHANCES,
    COURIERS_OWN,
    COURIERS_OWN_TIMES,
    INDOORS,
    SOURCES,
    weights,
)
from services.grid.atlas import Place
from services.grid.routing import Decision
from suishoupai.clock import milliseconds

Document = dict[str, Any]

SAME_PROBLEM = timedelta(hours=8)
"""How long after a report somebody else may report the same."""


@dataclass(frozen=True)
class Report:
    """A report before anything became of it."""

    id: str
    number: str
    at: datetime
    source: str
    """A key of ``SOURCES``."""
    reporter: str
    category: str
    location: Document
    place: Place
    decision: Decision
    main: Report | None = None
    """The report of the same problem into whose case this one is merged."""
    merged_at: datetime | None = None
    unmerged_at: datetime | None = None
    """When the merging is undone; None: never."""

    @property
    def patrol(self) -> bool:
        """Whether a member reported it."""
        return self.source in ("member", "courier")

    @property
    def reference(self) -> Document:
        """As other cases name it."""
        return {"id": self.id, "number": self.number}


class Reports:
    """Draws reports of a county."""

    def __init__(self, county: DemoCounty) -> None:
        self._county = county
        of_all = weights(list(county.categories))
        self._codes = list(of_all)
        self._sums = list(accumulate(of_all.values()))
        own = [
            weight * (COURIERS_OWN_TIMES if code.startswith(COURIERS_OWN) else 1)
            for code, weight in of_all.items()
        ]
        self._couriers_sums = list(accumulate(own))

    def of_day(
        self, day: date, instants: Sequence[datetime], chance: random.Random
    ) -> list[Report]:
        """The reports that come at these instants of a local day, by id."""
        keys = sorted((milliseconds(at), chance.randbytes(10), at) for at in instants)
        reports: list[Report] = []
        for position, (at_milliseconds, tail, at) in enumerate(keys, start=1):
            id = str(ULID.from_bytes(at_milliseconds.to_bytes(6, "big") + tail))
            number = f"{self._county.code}-{day:%Y%m%d}-{position:05d}"
            reports.append(self._report(id, number, at, day, chance))
        return self._doubled(reports, chance)

    def _report(
        self, id: str, number: str, at: datetime, day: date, chance: random.Random
    ) -> Report:
        county = self._county
        source = chance.choices(list(SOURCES), list(SOURCES.values()))[0]
        sums = self._couriers_sums if source == "courier" else self._sums
        code = chance.choices(self._codes, cum_weights=sums)[0]
        if source == "courier":
            reporter, spot = county.courier(chance)
        else:
            spot = county.spot(chance, "compound" if code.startswith(INDOORS) else None)
            reporter = self._reporter(source, chance)
        location = county.location(chance, spot)
        place = county.atlas.locate(location["lng"], location["lat"])
        if source == "member":
            reporter = county.member(chance, place.grid["code"])
        decision = county.decision(code, place, day)
        return Report(id, number, at, source, reporter, code, location, place, decision)

    def _reporter(self, source: str, chance: random.Random) -> str:
        if source == "program":
            return chance.choice(PROGRAMS)
        # Some report often, most once: the square favours the low numbers.
        return f"resident-{int(RESIDENTS * chance.random() ** 2):05d}"

    def _doubled(self, reports: list[Report], chance: random.Random) -> list[Report]:
        """The reports, some of them of a problem that was reported a while before."""
        taken: set[str] = set()
        found: list[Report] = []
        for drawn in reports:
            report = drawn
            mains = [
                each
                for each in found[-20:]
                if each.id not in taken
                and each.main is None
                and report.at - each.at <= SAME_PROBLEM
                and not self._county.categories[each.category]["confidential"]
            ]
            if mains and report.source != "courier" and chance.random() < CHANCES.duplicate:
                main = chance.choice(mains)
                taken.add(main.id)
                report = self._double(report, main, chance)
            found.append(report)
        return found

    def _double(self, report: Report, main: Report, chance: random.Random) -> Report:
        hours = self._county.hours
        minutes = timedelta(minutes=chance.randint(5, 90))
        merged_at = hours.after(report.at, minutes).at
        undone = chance.random() < CHANCES.unmerged
        return replace(
            report,
            source="resident",
            reporter=self._reporter("resident", chance),
            category=main.category,
            location=main.location,
            place=main.place,
            decision=main.decision,
            main=main,
            merged_at=merged_at,
            unmerged_at=hours.next_working_day(merged_at).at if undone else None,
        )
