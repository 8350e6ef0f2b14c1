"""The board of a division: what happened today, what is open, and how near its limit it is.

From the tallies alone, in four reads however many cases there are: today up to now; all months,
for what is open and in which state; the limits that have passed; and those that lie ahead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.stats.asked import Asked
from services.stats.asking import LONGEST
from services.stats.handlers import division_seen
from services.stats.indicators import Set
from services.stats.periods import end_of, start_of
from services.stats.progress import Progress, marks
from services.stats.sources import Sources
from services.stats.tallies_store import TallyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import DivisionFilter
from suishoupai.contracts.questions import load
from suishoupai.contracts.words import LIGHTS, STATES

Document = dict[str, Any]

BOARD_FILTER = DivisionFilter()


def board(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The board of a division as it is now; raises ``Problem`` outside the caller's reach."""
    division = division_seen(caller, load(BOARD_FILTER, filters)["division"], sources.county.code)
    return board_at(sources.tallies, division, clock.now(), sources.progress)


def board_at(tallies: TallyStore, division: str, at: datetime, shown: Progress) -> Document:
    """{division, at, today, open, lights, by_state} of a division at an instant that is now."""
    today = _counted(tallies, Asked(division, start_of("day", at), at, marks(shown.today)))
    ever = _counted(tallies, asked_ever(division, at, [shown.open, *shown.states.values()]))
    overdue = _counted(tallies, asked_overdue(division, at, shown))[shown.red.mark]
    near = _counted(tallies, asked_near(division, at, shown))[shown.yellow.mark]
    return {
        "division": division,
        "at": at.isoformat(),
        "today": [
            {"set": each.id, "name": dict(each.name), "cases": today[each.mark]}
            for each in shown.today
        ],
        "open": ever[shown.open.mark],
        "lights": {
            light: {"cases": cases, "word": LIGHTS[light]}
            for light, cases in lights(ever[shown.open.mark], overdue, near).items()
        },
        "by_state": [
            {"state": state, "name": STATES[state], "cases": ever[each.mark]}
            for state, each in shown.states.items()
        ],
    }


def lights(open_cases: int, overdue: int, near: int) -> dict[str, int]:
    """Light → cases; every open case has one (DOMAIN: indicators). A case that was closed between
    two reads may be missing in one of them: what would be less than none is none."""
    return {"green": max(0, open_cases - overdue - near), "yellow": near, "red": overdue}


def asked_ever(division: str, at: datetime, sets: Sequence[Set]) -> Asked:
    """The cases of all months up to this one: for sets whose cases count by a time that is past,
    and so whole months, which need no counting."""
    return Asked(division, clock.EPOCH, end_of("month", at), marks(sets))


def asked_overdue(division: str, at: datetime, shown: Progress) -> Asked:
    """The unhandled cases whose limit has passed."""
    return Asked(division, clock.EPOCH, at, marks([shown.red]))


def asked_near(division: str, at: datetime, shown: Progress) -> Asked:
    """The unhandled cases that are near a limit which lies ahead."""
    return Asked(division, at, at + LONGEST, marks([shown.yellow]))


def _counted(tallies: TallyStore, asked: Asked) -> Counter[str]:
    return tallies.tallied(asked).get("", Counter())
