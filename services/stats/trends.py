"""What is asked of figures over time: the points of a trend, and a span beside the one before and
the one a year earlier."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.stats.asked import Asked
from services.stats.asking import Question, one_value
from services.stats.comparing import Span, previous, year_before
from services.stats.figures import Figures, Values, compared
from services.stats.periods import end_of
from services.stats.points import MOST, finest, points
from services.stats.sources import Sources
from services.stats.tallies_store import TallyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.figure_questions import IndicatorFilter
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.trend_questions import TrendFilter

Document = dict[str, Any]

TREND_FILTER, COMPARISON_FILTER = TrendFilter(), IndicatorFilter()


def trend(caller: Caller, filters: Document, sources: Sources) -> Document:
    """Counts and indicators of every period that lies in the span or reaches into it.

    Raises ``Problem`` naming ``period`` where it is too fine a cut of the span.
    """
    wanted = load(TREND_FILTER, filters)
    question, period = one_value(Question(caller, wanted, sources.county.code)), wanted["period"]
    _require_points(period, question)
    figures = _figures(question, sources)
    series = sources.tallies.series(question.asked(figures.marks), period)
    return {
        **question.to_dict(),
        "period": period,
        "points": [
            {**_bounds(period, start, question), **figures.shown(tallied)}
            for start, tallied in series.items()
        ],
    }


def comparison(caller: Caller, filters: Document, sources: Sources) -> Document:
    """Every count, indicator and score beside those of the span before (环比) and of the same span
    a year earlier (同比), all by the formulas of the span itself.

    Of what ended before the county's first case nothing is known: it has no values.
    """
    question = one_value(Question(caller, load(COMPARISON_FILTER, filters), sources.county.code))
    if question.since < clock.EPOCH:
        raise invalid("from", "before 1970 there is nothing to be compared with")
    tallies, figures = sources.tallies, _figures(question, sources)
    span = Span(question.since, question.until)
    spans = {"previous": previous(span, clock.now()), "year_before": year_before(span)}
    begun = _begun(sources)
    now = _values(tallies, question, span, figures)
    then = {
        name: _values(tallies, question, other, figures) if begun < other.until else {}
        for name, other in spans.items()
    }
    return {
        **question.to_dict(),
        **{name: _shown_span(other) for name, other in spans.items()},
        "items": [
            {
                "id": key[1],
                "kind": key[0],
                "name": dict(name),
                "value": now[key],
                **{which: compared(key, now, values) for which, values in then.items()},
            }
            for key, name in figures.named()
        ],
    }


def _require_points(period: str, question: Question) -> None:
    found = points(period, question.since, question.until)
    if found > MOST:
        fits = finest(question.since, question.until)
        raise invalid(
            "period",
            f"{found} points are too many, at most {MOST}: the shortest that fits is {fits}",
        )


def _figures(question: Question, sources: Sources) -> Figures:
    return Figures.on(question.last_day.date(), sources.known, sources.progress)


def _bounds(period: str, start: datetime, question: Question) -> Document:
    """When a point begins and ends, and whether the whole of it lies in the span."""
    end = end_of(period, start)
    whole = question.since <= start and end <= question.until
    return {"start": start.isoformat(), "end": end.isoformat(), "whole": whole}


def _begun(sources: Sources) -> datetime:
    """When the county's first case was reported; now, where there is none."""
    now = clock.now()
    every = Asked(sources.county.code, clock.EPOCH, now, [sources.progress.stages[0].mark])
    first = sources.edition.cases.page(every, None, 1)
    return first[0].at if first else now


def _values(tallies: TallyStore, question: Question, span: Span, figures: Figures) -> Values:
    asked = replace(question.asked(figures.marks), since=span.since, until=span.until)
    return figures.values(tallies.tallied(asked).get(question.value or "", Counter()))


def _shown_span(span: Span) -> Document:
    return {"from": span.since.isoformat(), "to": span.until.isoformat()}
