"""The figures of a division at a glance: how many cases, where they are, whose, of what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.stats.asking import tallies_of
from services.stats.handlers import division_seen
from services.stats.indicators import Indicators
from services.stats.periods import end_of
from services.stats.store import StatsStore
from services.stats.tallies_store import Asked
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import SummaryFilter
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.words import STATES

Document = dict[str, Any]

SUMMARY_FILTER = SummaryFilter()
BEGINNING = datetime(2000, 1, 1, tzinfo=clock.LOCAL)
"""Before every case."""
REPORTED = "reported/reported"
FIGURES = {"reported": REPORTED, "assigned": "reported/assigned", "noticed": "reported/told"}
"""Figure → the mark of the cases that it counts."""
BY_STATE = {state: f"standing/now_{state}" for state in STATES}
"""State → the mark of the cases that are in it."""
GROUPS = ("category", "party")


def summary(
    caller: Caller, filters: Document, store: StatsStore, known: Indicators, county: str
) -> Document:
    """The figures of the cases that were reported in a span of time, of a division; raises
    ``Problem`` outside the reach."""
    wanted = load(SUMMARY_FILTER, filters)
    since, until = wanted["from_"], wanted["to"]
    if since and until and since >= until:
        raise invalid("to", "must be after from")
    division = division_seen(caller, wanted["division"], county)
    tallies = tallies_of(store, known)
    asked = Asked(
        division,
        since or BEGINNING,
        until or end_of("year", clock.now()),
        [*FIGURES.values(), *BY_STATE.values()],
    )
    total = tallies.tallied(asked).get("", Counter())
    reported = replace(asked, marks=[REPORTED])
    return {
        "division": division,
        "from": since.isoformat() if since else None,
        "to": until.isoformat() if until else None,
        **{figure: total[mark] for figure, mark in FIGURES.items()},
        "by_state": {state: n for state, mark in sorted(BY_STATE.items()) if (n := total[mark])},
        **{f"by_{cut}": _by(tallies.tallied(replace(reported, cut=cut))) for cut in GROUPS},
        "by_division": _by(tallies.children(reported)),
    }


def _by(found: dict[str, Counter[str]]) -> dict[str, int]:
    return {name: counts[REPORTED] for name, counts in sorted(found.items())}
