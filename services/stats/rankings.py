"""What is asked of rankings: the units of a group within a division, by a score over a span."""

from __future__ import annotations

from typing import Any

from services.stats import group_reads
from services.stats.asked import Asked
from services.stats.asking import Question
from services.stats.indicators import Indicators, Score
from services.stats.ranking import formula, measured, ranking
from services.stats.ranking_groups import GROUPS, LISTED, Group
from services.stats.sources import Sources
from suishoupai.access import Caller
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.ranking_questions import RankingFilter

Document = dict[str, Any]

RANKING_FILTER = RankingFilter()
UNCUT: Document = {"cut": None, "value": None}
"""A ranking is of all the cases of its units."""


def ranked(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The units of a group by their score, those that are not ranked with the reason, and by which
    settings; raises ``Problem`` naming the field at fault."""
    wanted = load(RANKING_FILTER, filters)
    question = Question(caller, {**wanted, **UNCUT}, sources.county.code)
    settings, known = sources.ranking, sources.known
    group = GROUPS[wanted["group"]]
    _require_suits(group, question.division)
    day = question.last_day.date()
    in_force = known.in_force(day)
    by = formula(_score(wanted["score"] or settings.score, question, known), in_force)
    marks = sorted(by.marks.union(each.denominator for each in in_force))
    tallied = _tallied(group, question.whole(marks), sources)
    units = (measured(code, each, by, settings.decimals) for code, each in tallied.items())
    names = sources.county.divisions
    return {
        **question.to_dict(),
        "group": wanted["group"],
        "score": _shown_score(by.score),
        **{
            part: [{**row, "name": names.get(row["code"])} for row in rows]
            for part, rows in ranking(units, settings).items()
        },
        "listed": {"code": group.listed, **LISTED[group.listed]},
        "settings": settings.to_dict(),
    }


def _require_suits(group: Group, division: str) -> None:
    if not group.suits(division):
        raise invalid("division", f"these are ranked within a {' or a '.join(group.within)}")


def _score(id: str, question: Question, known: Indicators) -> Score:
    day = question.last_day.date()
    scores = {score.id: score for score in known.scores_in_force(day)}
    if id not in scores:
        there = ", ".join(scores) or "none"
        raise invalid("score", f"no score {id} is in force on {day}; there are: {there}")
    return scores[id]


def _tallied(group: Group, asked: Asked, sources: Sources) -> group_reads.Tallied:
    edition = sources.edition
    if group.level:
        known = sources.county.divisions
        return group_reads.of_divisions(asked, group.level, known, edition.tallies)
    return group_reads.of_parties(asked, group.kind or "", edition.tallies, edition.parties)


def _shown_score(score: Score) -> Document:
    return {
        "id": score.id,
        "version": score.version,
        "name": dict(score.name),
        "source": score.source,
        "note": score.note,
    }
