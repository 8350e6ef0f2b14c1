"""The figures of a division at a glance: how many cases, where they are, whose, of what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.stats.asked import Asked
from services.stats.handlers import division_seen
from services.stats.periods import end_of
from services.stats.progress import marks
from services.stats.sources import Sources
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import SummaryFilter
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load

Document = dict[str, Any]

SUMMARY_FILTER = SummaryFilter()
BEGINNING = datetime(2000, 1, 1, tzinfo=clock.LOCAL)
"""Before every case."""
GROUPS = ("category", "party")


def summary(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The figures of the cases that were reported in a span of time, of a division; raises
    ``Problem`` outside the reach."""
    wanted = load(SUMMARY_FILTER, filters)
    since, until = wanted["from_"], wanted["to"]
    if since and until and since >= until:
        raise invalid("to", "must be after from")
    division = division_seen(caller, wanted["division"], sources.county.code)
    tallies, progress = sources.tallies, sources.progress
    first = progress.stages[0]
    figures = {"reported": first, "assigned": progress.assigned, "noticed": progress.told}
    asked = Asked(
        division,
        since or BEGINNING,
        until or end_of("year", clock.now()),
        marks([*figures.values(), *progress.states.values()]),
    )
    total = tallies.tallied(asked).get("", Counter())
    reported = replace(asked, marks=[first.mark])
    states = sorted(progress.states.items())
    return {
        "division": division,
        "from": since.isoformat() if since else None,
        "to": until.isoformat() if until else None,
        **{figure: total[each.mark] for figure, each in figures.items()},
        "by_state": {state: n for state, each in states if (n := total[each.mark])},
        **{f"by_{cut}": _by(tallies.tallied(replace(reported, cut=cut))) for cut in GROUPS},
        "by_division": _by(tallies.children(reported)),
    }


def _by(found: dict[str, Counter[str]]) -> dict[str, int]:
    return {name: counts.total() for name, counts in sorted(found.items())}
