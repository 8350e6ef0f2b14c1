"""The county's own metrics at ``/metrics`` (docs/metrics.md).

Counters and times grow by what a committed transaction newly learnt: of several processes each has
its part, and their sum is right. What is open is read from the tallies, which are exact: every
process says the same. Labels are a major class (two digits), a kind of party, a town, a light;
never an account, a party or a case.
"""

from __future__ import annotations

import time
from collections import Counter as Counts
from typing import Any

import eventlet
import structlog
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge, Histogram

from services.stats import board
from services.stats.asked import Asked
from services.stats.definitions import current, current_progress
from services.stats.milestones import Milestone, reached_newly
from services.stats.progress import Progress
from services.stats.sources import edition_of
from services.stats.store import Changes
from services.stats.tallies_store import TallyStore
from suishoupai import clock
from suishoupai.county import county_code
from suishoupai.mongo import store_of
from suishoupai.settings import read_settings

REFRESH_SECONDS = 15.0
"""How old the gauges may be."""
UNPLACED = "unplaced"
"""The town of cases that lie in none yet."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400
BUCKETS = (
    *(5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 15 * DAY, 30 * DAY),
)

REPORTED = Counter("suishoupai_cases_reported_total", "Cases reported", ["major"])
DISPATCHED = Counter(
    "suishoupai_cases_dispatched_total",
    "Cases dispatched, each by its first dispatch",
    ["major", "party_kind"],
)
OVERDUE = Counter(
    "suishoupai_cases_overdue_total",
    "Limits of cases (verification, disposal, check) that passed, by who had the case then",
    ["major", "party_kind"],
)
RESPONSE = Histogram(
    "suishoupai_case_response_seconds",
    "Time from a case's first dispatch until it was taken first",
    ["party_kind"],
    buckets=BUCKETS,
)
HANDLING = Histogram(
    "suishoupai_case_handling_seconds",
    "Time from a case's first dispatch until it was handled first",
    ["party_kind"],
    buckets=BUCKETS,
)
OPEN = Gauge(
    "suishoupai_cases_open",
    "Open cases by town and light; every replica says the same",
    ["town", "light"],
)
READ_AT = Gauge(
    "suishoupai_cases_open_read_timestamp_seconds",
    "When suishoupai_cases_open was read from the tallies",
)

log = structlog.get_logger(__name__)


def measure(changes: Changes) -> None:
    """Counts what was newly reached by what a committed transaction changed."""
    for fact in changes.facts:
        for milestone in reached_newly(changes.before.get(fact["_id"]), fact):
            _count(milestone)


def _count(reached: Milestone) -> None:
    if reached.name == "reported":
        REPORTED.labels(reached.major).inc()
    elif reached.name in ("dispatched", "overdue"):
        counter = DISPATCHED if reached.name == "dispatched" else OVERDUE
        counter.labels(reached.major, reached.party_kind).inc()
    elif reached.seconds is not None:
        histogram = RESPONSE if reached.name == "responded" else HANDLING
        histogram.labels(reached.party_kind).observe(reached.seconds)


class OpenCases(DependencyProvider):
    """Reads what is open now and then; what it said last stays while that cannot be read.

    Example::

        open_cases = OpenCases()
    """

    def start(self) -> None:
        """Reads until the container stops and ends its threads."""
        self._store = store_of(self.container).store
        self._county = county_code(read_settings().county)
        self.container.spawn_managed_thread(self._run, identifier="open cases")

    def get_dependency(self, worker_ctx: Any) -> OpenCases:
        """This provider: it holds no state of a single request."""
        return self

    def _run(self) -> None:
        while True:
            try:
                self._read()
            except Exception as error:  # a database that is away, or figures of other definitions
                log.warning("open cases cannot be read", error=str(error))
            eventlet.sleep(REFRESH_SECONDS)

    def _read(self) -> None:
        known = open_by_town(
            edition_of(self._store, current()).tallies, self._county, current_progress()
        )
        OPEN.clear()
        for (town, light), cases in known.items():
            OPEN.labels(town, light).set(cases)
        READ_AT.set(time.time())


def open_by_town(tallies: TallyStore, county: str, shown: Progress) -> dict[tuple[str, str], int]:
    """(Code of a town, or ``unplaced``; light) → open cases; towns without a case are left out."""
    at = clock.now()
    sets = (shown.open, shown.red, shown.yellow)
    asked = (
        board.asked_ever(county, at, [shown.open]),
        board.asked_overdue(county, at, shown),
        board.asked_near(county, at, shown),
    )
    counts = [_by_town(tallies, each, of.mark) for each, of in zip(asked, sets, strict=True)]
    towns = sorted({town for count in counts for town in count})
    return {
        (town, light): cases
        for town in towns
        for light, cases in board.lights(*(count.get(town, 0) for count in counts)).items()
    }


def _by_town(tallies: TallyStore, asked: Asked, mark: str) -> dict[str, int]:
    whole = tallies.tallied(asked).get("", Counts())[mark]
    towns = {town: counts[mark] for town, counts in tallies.children(asked).items()}
    unplaced = whole - sum(towns.values())
    return {**towns, **({UNPLACED: unplaced} if unplaced > 0 else {})}
