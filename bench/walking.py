"""One case, and its time: every step by the rules of the issues service, and everything that time
brings about on the way.

Nothing here decides what is allowed, when a limit passes or what a step leaves behind.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from bench.county import DemoCounty
from bench.reports import Report
from services.issues.cases import Actor, Change, assigned_case, new_case, rung_case, stepped_case
from services.issues.deadlines import URGENT
from services.issues.lifecycle import SYSTEM, NotAllowed, find_transition
from services.issues.merging import MERGING
from services.issues.telling import told_category
from suishoupai.clock import LOCAL
from suishoupai.contracts.events import CURRENT, Event, schema_name
from suishoupai.tracing import new_trace

Document = dict[str, Any]

REPORTED: Document = {
    "description": "",
    "address": "",
    "photos": [],
    "photo_hashes": [],
    "observed_at": None,
}
COMPOUND = ("id", "name")
MILLISECOND = timedelta(milliseconds=1)
SWEEP_SECONDS = 5.0
"""How long an alarm may wait until it is rung."""


class Over(Exception):
    """The next step lies after the last instant that is told of."""


class Walk:
    """A case and the changes that led to it, up to an instant."""

    def __init__(
        self,
        report: Report,
        county: DemoCounty,
        chance: random.Random,
        until: datetime,
        double: Report | None = None,
    ) -> None:
        """``double``: the report that is merged into this case, if it is still open by then."""
        self.report, self.county, self.chance, self.until = report, county, chance, until
        self._double = double
        self._trace = new_trace(report.id)
        self.changes: list[Change] = []
        self.assignments: list[Event] = []
        """What grid told of it."""
        self.absorbed = False
        """Whether the double went into this case."""
        self.at = report.at

    @property
    def case(self) -> Document:
        """The case as it is by now."""
        return self.changes[-1].case

    def begin(self) -> None:
        """It is reported, and grid says where it lies."""
        report = self.report
        row = self.county.categories[report.category]
        self._took(
            new_case(
                case_id=report.id,
                number=report.number,
                report=REPORTED,
                category=row,
                location=report.location,
                county=self.county.code,
                reporter=Actor(report.reporter, "reporter"),
                patrol=report.patrol,
                courier=report.source == "courier",
                emergency=self.county.danger.emergency("", row),
                similar=[],
                at=report.at,
                trace=self._trace,
            )
        )
        self.wait_until(_cut(self.at + timedelta(seconds=self.chance.uniform(0.05, 1.5))))
        self.place()

    def place(self) -> None:
        """Grid says where it lies and whose it is."""
        told = self._assignment()
        self.assignments.append(told)
        self._took(assigned_case(self.case, told, self.at, self.county.hours))

    def _assignment(self) -> Event:
        report, case = self.report, self.case
        place = report.place
        code = case["category"]["code"]
        day = report.at.astimezone(LOCAL).date()
        decision = self.county.decision(code, place, day)
        return Event(
            id=f"{report.id}-{case['version']}",
            source="/grid",
            type="issue.assigned",
            subject=report.id,
            time=self.at.isoformat(),
            sequence=case["version"],
            dataschema=schema_name("issue.assigned", CURRENT["issue.assigned"]),
            data={
                "number": report.number,
                "category": told_category(case["category"]),
                "address": case["address"],
                "reported_at": report.at.isoformat(),
                **{
                    level: getattr(place, level)
                    for level in ("grid", "community", "town", "county")
                },
                "compound": place.compound and {name: place.compound[name] for name in COMPOUND},
                "responsible": decision.party,
                "rule": decision.rule,
                "why": decision.why,
                "barred": decision.barred,
                "barred_kinds": decision.barred_kinds,
                "clear": decision.clear,
            },
            correlationid=self._trace.correlation,
            traceparent=self._trace.traceparent,
        )

    def do(self, action: str, role: str, **given: Any) -> None:
        """Somebody in a role takes an action now; raises ``NotAllowed``."""
        row = find_transition(action, self.case, [role], given, self.at)
        actor = Actor(self._account(role), role)
        self._took(
            stepped_case(self.case, row, actor, given, self.at, self.county.hours, self._trace)
        )

    def _account(self, role: str) -> str:
        responsible = self.case.get("responsible") or {"id": ""}
        place = self.report.place
        return {
            "reporter": self.report.reporter,
            "handler": f"handler:{responsible['id']}",
            "dispatcher": f"dispatcher:{place.community['code']}",
            "supervisor": f"supervisor:{place.town['code']}",
        }[role]

    def _took(self, change: Change | None) -> None:
        if change is not None:
            self.changes.append(change)

    def maybe(self, share: float) -> bool:
        """Whether what happens to such a share of the cases happens to this one."""
        return self.chance.random() < share

    def is_in(self, *states: str) -> bool:
        """Whether the case is in one of these states."""
        return self.case["state"] in states

    def wait_until(self, at: datetime) -> None:
        """Time passes, and what it brings about happens; raises ``Over`` after the last instant."""
        at = _cut(max(at, self.at + MILLISECOND))
        self.let_happen(min(at, self.until))
        if at > self.until:
            raise Over
        self.at = at

    def wait(self, minutes: float, spread: float = 0.7) -> None:
        """About so many minutes pass: of working time, unless the category is an urgent one."""
        amount = timedelta(minutes=minutes * self.chance.lognormvariate(0, spread))
        self.wait_until(self.later(self.at, amount))

    def later(self, at: datetime, amount: timedelta) -> datetime:
        """When so much time has passed, of the kind that the case is measured in."""
        if self.is_urgent:
            return _cut(at + amount)
        return _cut(self.county.hours.after(at, amount).at)

    def left(self, due: datetime | None) -> timedelta:
        """How much of that kind of time is left until a limit; none without one."""
        if due is None or due <= self.at:
            return timedelta()
        return due - self.at if self.is_urgent else self.county.hours.between(self.at, due)

    @property
    def is_urgent(self) -> bool:
        """Whether its limits run round the clock."""
        unit: str = self.case["category"]["limit_unit"]
        return unit.startswith(URGENT)

    def let_happen(self, until: datetime) -> None:
        """The alarms and the merging that are due by then, in their order."""
        while True:
            alarm = self.case["alarms"][0]["at"] if self.case["alarms"] else None
            merging = self._next_merging()
            due = min((at for at in (alarm, merging) if at is not None), default=None)
            if due is None or due > until:
                return
            if self._double is not None and due == merging:
                self.at = max(self.at, due)
                self._follow_merging(self._double)
            else:
                late = timedelta(seconds=self.chance.random() * SWEEP_SECONDS)
                self.at = max(self.at, min(_cut(due + late), until))
                self._took(rung_case(self.case, self.at, self.county.hours))

    def _next_merging(self) -> datetime | None:
        if self._double is None:
            return None
        return self._double.unmerged_at if self.absorbed else self._double.merged_at

    def _follow_merging(self, double: Report) -> None:
        action = "release" if self.absorbed else "absorb"
        followers = [] if self.absorbed else [double.reporter]
        given = {"followers": followers, "other": double.reference}
        try:
            row = find_transition(action, self.case, [SYSTEM], given, self.at)
        except NotAllowed:  # it has ended before
            self._double = None
            return
        hours = self.county.hours
        self._took(stepped_case(self.case, row, MERGING, given, self.at, hours, self._trace))
        if action == "release" or double.unmerged_at is None:
            self._double = None
        self.absorbed = True


def _cut(at: datetime) -> datetime:
    """To the millisecond, as MongoDB keeps it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
