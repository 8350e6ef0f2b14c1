"""What is asked of indicators: their values in a division and a span of time, and the cases that
each is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.stats.asked import Asked
from services.stats.cases_store import Marked
from services.stats.handlers import division_seen
from services.stats.indicators import Indicator, Indicators, Score, scored, value
from services.stats.periods import INSTANT, start_of
from services.stats.sources import Sources
from services.stats.tallies import marks_of
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import ExplainFilter, IndicatorFilter
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.divisions import LEVELS

Document = dict[str, Any]

INDICATOR_FILTER, EXPLAIN_FILTER = IndicatorFilter(), ExplainFilter()
LONGEST = timedelta(days=3653)
"""The longest span that is asked for at once: ten years."""
WIDE = ("county", "town")
"""Levels of divisions that have too many members to tell each apart."""


class Question:
    """A division, a span of time up to now at most, and perhaps a cut of it.

    Raises ``Problem`` naming the field at fault, and for a division outside the caller's reach.
    """

    def __init__(self, caller: Caller, wanted: Document, county: str) -> None:
        now = clock.now()
        self.division = division_seen(caller, wanted["division"], county)
        self.since = wanted["from_"] or start_of("month", min(wanted["to"] or now, now) - INSTANT)
        self.until = min(wanted["to"] or now, now)
        self.cut, self.value = wanted["cut"] or "", wanted["value"]
        self._require_span(wanted["to"], now)
        self._require_cut()

    def _require_span(self, to: datetime | None, now: datetime) -> None:
        if to is not None and self.since >= to:
            raise invalid("to", "must be after from")
        if self.since >= self.until:
            raise invalid("from", "lies in the future")
        if self.until - self.since > LONGEST:
            raise invalid("from", f"at most {LONGEST.days} days before to")

    def _require_cut(self) -> None:
        if self.value is not None and not self.cut:
            raise invalid("value", "of which cut?")
        if self.cut == "member" and self.value is None and is_wide(self.division):
            raise invalid("cut", "of a community or a grid, or of one member by value")

    def whole(self, marks: Sequence[str]) -> Asked:
        """What is read of the tallies of all the cases."""
        return Asked(self.division, self.since, self.until, marks)

    def asked(self, marks: Sequence[str]) -> Asked:
        """What is read of them with the cut, where there is one."""
        values = None if self.value is None else [self.value]
        return replace(self.whole(marks), cut=self.cut, values=values)

    @property
    def last_day(self) -> datetime:
        """An instant on the last local day: its formulas are in force for the whole span."""
        return (self.until - INSTANT).astimezone(clock.LOCAL)

    def to_dict(self) -> Document:
        """As it is answered: what was left out is filled in."""
        return {
            "division": self.division,
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "cut": self.cut or None,
            "cut_value": self.value,
        }


def indicators(caller: Caller, filters: Document, sources: Sources) -> Document:
    """Every indicator and score in force, of all the cases and of each value of a cut."""
    question = Question(caller, load(INDICATOR_FILTER, filters), sources.county.code)
    known, tallies = sources.known, sources.tallies
    day = question.last_day.date()
    formulas, scores = known.in_force(day), known.scores_in_force(day)
    marks = sorted({mark for each in formulas for mark in (each.numerator, each.denominator)})
    whole = tallies.tallied(question.whole(marks)).get("", Counter())
    groups = tallies.tallied(question.asked(marks)) if question.cut else {}
    return {
        **question.to_dict(),
        **_valued(formulas, scores, whole),
        "groups": [
            {"value": name, **_valued(formulas, scores, tallied)}
            for name, tallied in sorted(groups.items())
        ],
    }


def explain(caller: Caller, indicator: str, filters: Document, sources: Sources) -> Document:
    """An indicator's numbers, its formula, and a page of the cases it is made of."""
    wanted = load(EXPLAIN_FILTER, filters)
    question, known = one_value(Question(caller, wanted, sources.county.code)), sources.known
    try:
        formula = known.find(indicator, question.last_day.date())
    except LookupError as error:
        raise Problem("not-found", str(error)) from error
    edition = sources.edition
    marks = [formula.denominator, formula.numerator]
    found = edition.tallies.tallied(question.asked(marks))
    tallied = found.get(question.value or "", Counter())
    mark = formula.numerator if wanted["part"] == "numerator" else formula.denominator
    after = _after(wanted["cursor"])
    page = edition.cases.page(question.asked([mark]), after, wanted["limit"] + 1)
    shown = page[: wanted["limit"]]
    return {
        **question.to_dict(),
        **_shown_indicator(formula),
        **value(formula, tallied),
        "sets": {
            part: _shown_set(known, getattr(formula, part)) for part in ("denominator", "numerator")
        },
        "part": wanted["part"],
        "cases": [_shown_case(each, formula) for each in shown],
        "next": _cursor(shown[-1]) if len(page) > len(shown) else None,
    }


def is_wide(division: str) -> bool:
    """Whether a division has too many members to tell each apart."""
    return LEVELS.get(len(division)) in WIDE


def one_value(question: Question) -> Question:
    """The question, if it is about all cases or one value of a cut; else raises ``Problem``."""
    if question.cut and question.value is None:
        raise invalid("value", "which one of the cut?")
    return question


def _valued(
    formulas: Sequence[Indicator], scores: Sequence[Score], tallied: Mapping[str, int]
) -> Document:
    items = [{**_shown_indicator(each), **value(each, tallied)} for each in formulas]
    values = {each["id"]: each["value"] for each in items}
    return {
        "items": items,
        "scores": [
            {
                "id": each.id,
                "version": each.version,
                "name": dict(each.name),
                "value": scored(each, values),
                "parts": [
                    {"indicator": part, "weight": weight, "value": values.get(part)}
                    for part, weight in each.parts
                ],
                "source": each.source,
                "note": each.note,
            }
            for each in scores
        ],
    }


def _shown_indicator(indicator: Indicator) -> Document:
    return {
        "id": indicator.id,
        "version": indicator.version,
        "valid_from": indicator.valid_from.isoformat(),
        "name": dict(indicator.name),
        "complement": indicator.complement,
        "source": indicator.source,
        "note": indicator.note,
    }


def _shown_set(known: Indicators, mark: str) -> Document:
    found = known.set_of(mark)
    return {
        "id": found.id,
        "name": dict(found.name),
        "anchor": found.anchor,
        "within": found.within,
        "when": dict(found.when),
    }


def _shown_case(marked: Marked, formula: Indicator) -> Document:
    return {
        "issue": marked.fact["_id"],
        "at": marked.at.isoformat(),
        "in_numerator": formula.numerator in marks_of(marked.fact),
    }


def _cursor(last: Marked) -> str:
    return f"{last.at.isoformat()}|{last.fact['_id']}"


def _after(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    at, found, issue = cursor.partition("|")
    try:
        if found:
            return clock.parse_instant(at), issue
    except ValueError:
        pass
    raise invalid("cursor", "is not `next` of an answer")
