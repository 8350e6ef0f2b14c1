"""What stats does: counts events, and adds up the figures of a division."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.stats import counting, tallies
from services.stats.counting import Cell
from services.stats.cuts import lies_in, places
from services.stats.spans import Span, cut
from services.stats.store import Changes, Edition, StatsStore
from services.stats.tallies import Definitions, Tally
from suishoupai import clock
from suishoupai.access import Caller, reach, sees_division
from suishoupai.contracts.events import Event
from suishoupai.contracts.figure_questions import SummaryFilter
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.divisions import parent

Document = dict[str, Any]

SUMMARY_FILTER = SummaryFilter()
COUNTED = ("reported", "assigned", "noticed")
"""Figures of which it is kept since when an issue counts in them."""
GROUPS = ("category", "state", "party_kind", "party")


def count(events: Sequence[Event], store: StatsStore, definitions: Definitions) -> Changes:
    """Counts events; each changes the totals by what it newly tells, however often it comes. Says
    what was changed: nothing, where all of it was known."""
    at = clock.now()

    def learn(known: dict[str, Document]) -> Changes:
        facts = dict(known)
        for event in events:
            before = facts.get(event.subject) or counting.new_fact(event.subject)
            facts[event.subject] = counting.learn(before, event)
        return changes(known, facts, at, definitions)

    return store.update((event.subject for event in events), learn, definitions.digest)


def changes(
    known: dict[str, Document],
    facts: dict[str, Document],
    at: datetime,
    definitions: Definitions,
) -> Changes:
    """The facts that differ from those known, to be written, and what they change in the totals.

    A fact differs as well when the definitions give it other marks than it keeps.
    """
    stamped = [_stamped(fact, at, definitions) for fact in facts.values()]
    changed = [fact for fact in stamped if fact != known.get(fact["_id"])]
    cells: Counter[Cell] = Counter()
    tallied: Counter[Tally] = Counter()
    for fact in changed:
        before = known.get(fact["_id"]) or counting.new_fact(fact["_id"])
        for cell, amount in counting.difference(before, fact):
            cells[cell] += amount
        for tally, amount in tallies.difference(before, fact):
            tallied[tally] += amount
    return Changes(changed, cells, tallied, known)


def divisions_changed(changes: Changes) -> set[str]:
    """The codes of the divisions whose figures changes may have changed: those in which a changed
    case lies now, or lay before."""
    facts = [*changes.facts, *(changes.before.get(fact["_id"]) for fact in changes.facts)]
    return {code for fact in facts if fact for code in places(fact)}


def _stamped(fact: Document, at: datetime, definitions: Definitions) -> Document:
    """The fact with its divisions and marks, and with when each figure was first counted."""
    earlier = fact.get("counted_at", {})
    added = counting.figures(fact)
    counted = {figure: earlier.get(figure, at) for figure in COUNTED if added[figure]}
    return {**fact, **derived(fact, definitions), "counted_at": counted}


def derived(fact: Document, definitions: Definitions) -> Document:
    """What a fact keeps for its reading, made from what is known of the issue."""
    return {
        "divisions": counting.divisions_of(fact),
        "lies_in": lies_in(fact),
        "marks": tallies.kept(definitions.marks(fact)),
    }


def summary(caller: Caller, filters: Document, store: StatsStore, county: str) -> Document:
    """The figures of a division for a span of time; raises ``Problem`` outside the reach."""
    wanted = load(SUMMARY_FILTER, filters)
    since, until = wanted["from_"], wanted["to"]
    if since and until and since >= until:
        raise invalid("to", "must be after from")
    division = division_seen(caller, wanted["division"], county)
    span = cut(since, until)
    edition = store.live()
    hours = _by_hour(division, span, edition)
    total: Counter[str] = sum(hours.values(), Counter())
    return {
        "division": division,
        "from": since.isoformat() if since else None,
        "to": until.isoformat() if until else None,
        **{figure: total[figure] for figure in COUNTED},
        **{f"by_{name}": _group(total, name) for name in GROUPS},
        "by_division": _by_division(division, span, edition),
        "by_hour": _local_hours(hours),
    }


def division_seen(caller: Caller, named: str | None, county: str) -> str:
    """The division whose figures are asked for: the one named, else the caller's own; raises
    ``Problem`` outside the reach."""
    division = named or reach(caller).division or county
    if not sees_division(caller, division):
        raise Problem("forbidden", f"the figures of {division} are not yours to see")
    return division


def _by_hour(division: str, span: Span, edition: Edition) -> dict[datetime, Counter[str]]:
    hours: dict[datetime, Counter[str]] = defaultdict(Counter)
    if span.whole:
        for cell in edition.cells(division, *span.whole):
            hours[cell["hour"]].update(flat(cell["figures"]))
    for fact in _broken(division, span, edition):
        hours[fact["reported"]["hour"]].update(counting.figures(fact))
    return hours


def _broken(division: str, span: Span, edition: Edition) -> Iterator[Document]:
    for begin, end in span.broken:
        yield from edition.facts(division, begin, end)


def flat(figures: Document) -> Counter[str]:
    """The figures of a cell by their full names, such as ``category.06010``."""
    flat: Counter[str] = Counter()
    for name, value in figures.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": amount for key, amount in value.items()})
        else:
            flat[name] = value
    return flat


def _group(total: Counter[str], name: str) -> dict[str, int]:
    prefix = f"{name}."
    return {
        figure.removeprefix(prefix): amount
        for figure, amount in sorted(total.items())
        if figure.startswith(prefix) and amount
    }


def _by_division(division: str, span: Span, edition: Edition) -> dict[str, int]:
    """Reported cases of each division one level below."""
    totals: Counter[str] = Counter()
    if span.whole:
        for cell in edition.children(division, *span.whole):
            totals[cell["division"]] += cell["figures"].get("reported", 0)
    for fact in _broken(division, span, edition):
        totals.update(code for code in fact["divisions"] if parent(code) == division)
    return {code: amount for code, amount in sorted(totals.items()) if amount}


def _local_hours(hours: dict[datetime, Counter[str]]) -> dict[str, int]:
    return {
        hour.astimezone(clock.LOCAL).isoformat(timespec="minutes"): figures["reported"]
        for hour, figures in sorted(hours.items())
        if figures["reported"]
    }


def counted(caller: Caller, issue: str, store: StatsStore) -> Document:
    """When each figure of one issue was counted; raises ``Problem`` when it is not visible."""
    fact = store.live().by_id({"$in": [issue]}).get(issue)
    if fact is None or not any(sees_division(caller, code) for code in fact["divisions"]):
        raise Problem("not-found", f"nothing is counted of {issue}")
    return {
        "issue": issue,
        "counted_at": {figure: at.isoformat() for figure, at in fact["counted_at"].items()},
        "figures": dict(counting.figures(fact)),
    }
