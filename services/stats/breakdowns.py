"""What is asked of the cases of a division: how far they got, how old the open ones are, and which
value most of them have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.stats import board
from services.stats.ageing import by_age, days_before
from services.stats.asked import Asked
from services.stats.asking import LONGEST, Question, is_wide, one_value
from services.stats.indicators import Indicators, Set
from services.stats.most import most
from services.stats.progress import Progress
from services.stats.sources import Sources
from services.stats.tallies_store import TallyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import IndicatorFilter
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.trend_questions import AgeingFilter, TopFilter
from suishoupai.contracts.words import LIGHTS, SOURCES
from suishoupai.divisions import LEVELS

Document = dict[str, Any]

FUNNEL_FILTER, AGEING_FILTER, TOP_FILTER = IndicatorFilter(), AgeingFilter(), TopFilter()


def funnel(caller: Caller, filters: Document, sources: Sources) -> Document:
    """How far the cases reported in the span got, and in which state they are now.

    States are counted of all cases only: with a cut, ``states`` is None.
    """
    question = one_value(Question(caller, load(FUNNEL_FILTER, filters), sources.county.code))
    tallies, progress = sources.tallies, sources.progress
    sets = [*progress.stages, *(() if question.cut else progress.states.values())]
    tallied = _tallied(tallies, question, sets)
    first = tallied[progress.stages[0].mark]
    states = [
        {"state": state, **_counted(each, tallied)} for state, each in progress.states.items()
    ]
    return {
        **question.to_dict(),
        "stages": [
            {
                "set": each.id,
                **_counted(each, tallied),
                "of_first": tallied[each.mark] / first if first else None,
            }
            for each in progress.stages
        ],
        "states": None if question.cut else states,
    }


def ageing(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The open cases of now by the local days since their report, and by their lights."""
    wanted = {**load(AGEING_FILTER, filters), "from_": None, "to": None}
    question = one_value(Question(caller, wanted, sources.county.code))
    tallies, progress, now = sources.tallies, sources.progress, question.until
    asked = question.asked([progress.open.mark])
    oldest = days_before(now, progress.ages[-1] - 1)
    days = tallies.series(replace(asked, since=oldest, until=days_before(now, -1)), "day")
    older = _between(tallies, question, progress.open, clock.EPOCH, oldest)
    young = {start: cases[progress.open.mark] for start, cases in days.items()}
    buckets = list(by_age(now, progress.ages, young, older))
    total = sum(cases for _, cases in buckets)
    asked_of = question.to_dict()
    return {
        **{name: asked_of[name] for name in ("division", "cut", "cut_value")},
        "at": now.isoformat(),
        "open": total,
        "buckets": [
            {"from_days": age.least, "to_days": age.below, "cases": cases} for age, cases in buckets
        ],
        "lights": _lights(tallies, question, progress, total),
    }


def top(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The values of a cut, or the divisions one level below, that have the most cases of a set.

    Divisions and sources have names; what others are called, their own catalogues say.
    """
    wanted = load(TOP_FILTER, filters)
    question, by = one_value(Question(caller, wanted, sources.county.code)), wanted["by"]
    _require_told_apart(by, question)
    counted = _set(wanted["set_"], sources.known)
    tallies = sources.tallies
    found = _told_apart(tallies, question, by, counted)
    total = _tallied(tallies, question, [counted])[counted.mark]
    items, others = most(found, wanted["limit"])
    names = {"division": sources.county.divisions, "source": SOURCES}.get(by, {})
    return {
        **question.to_dict(),
        "by": by,
        "set": counted.id,
        "set_name": dict(counted.name),
        "cases": total,
        "items": [
            {
                "value": each.value,
                "name": names.get(each.value),
                "cases": each.cases,
                "share": each.cases / total if total else 0.0,
                "tied": each.tied,
            }
            for each in items
        ],
        "others": others,
        "without": total - sum(found.values()),
    }


def _require_told_apart(by: str, question: Question) -> None:
    if by == "member" and is_wide(question.division):
        raise invalid("by", "members are told apart within a community or a grid only")
    if by == "division" and LEVELS[len(question.division)] == "grid":
        raise invalid("by", "no division lies below a grid")
    if by != "division" and question.cut:
        raise invalid("cut", "goes with by=division only")


def _set(id: str, known: Indicators) -> Set:
    if id not in known.sets:
        raise invalid("set", f"there are {', '.join(known.sets)}")
    return known.sets[id]


def _told_apart(tallies: TallyStore, question: Question, by: str, counted: Set) -> dict[str, int]:
    """Value → cases of a set; of divisions by their codes."""
    asked = _asked(question, by, counted)
    found = tallies.children(asked) if by == "division" else tallies.tallied(asked)
    return {value: cases[counted.mark] for value, cases in found.items()}


def _asked(question: Question, by: str, counted: Set) -> Asked:
    """What is read to tell cases apart; raises ``Problem`` where the set is kept in no such cut."""
    try:
        asked = question.asked([counted.mark])
        return asked if by == "division" else replace(asked, cut=by)
    except ValueError as error:
        raise invalid("set", str(error)) from error


def _lights(tallies: TallyStore, question: Question, progress: Progress, total: int) -> Document:
    """Colour → cases and word. What is near its limit has that limit ahead of it, so its cases are
    looked for from now on; of the limits that passed, up to now (DOMAIN: indicators)."""
    now = question.until
    red = _between(tallies, question, progress.red, clock.EPOCH, now)
    yellow = _between(tallies, question, progress.yellow, now, now + LONGEST)
    return {
        colour: {"cases": cases, "word": LIGHTS[colour]}
        for colour, cases in board.lights(total, red, yellow).items()
    }


def _between(
    tallies: TallyStore, question: Question, counted: Set, since: datetime, until: datetime
) -> int:
    asked = replace(question.asked([counted.mark]), since=since, until=until)
    return tallies.tallied(asked).get(question.value or "", Counter())[counted.mark]


def _tallied(tallies: TallyStore, question: Question, sets: Sequence[Set]) -> Counter[str]:
    """Mark → cases of the span."""
    asked = question.asked([each.mark for each in sets])
    return tallies.tallied(asked).get(question.value or "", Counter())


def _counted(counted: Set, tallied: Mapping[str, int]) -> Document:
    return {"name": dict(counted.name), "cases": tallied.get(counted.mark, 0)}
