"""What stats does: counts events, and says what is counted of an issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.stats import counting, heat, tallies
from services.stats.cuts import lies_in, places
from services.stats.heat import HeatCell
from services.stats.store import Changes, StatsStore
from services.stats.tallies import Bundle, Definitions
from suishoupai import clock
from suishoupai.access import Caller, reach, sees_division
from suishoupai.contracts.events import Event
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]


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
    tallied: Counter[Bundle] = Counter()
    heated: Counter[HeatCell] = Counter()
    for fact in changed:
        before = known.get(fact["_id"]) or counting.new_fact(fact["_id"])
        won, lost = tallies.difference(before, fact)
        tallied.update(won)
        tallied.subtract(lost)
        for where, amount in heat.difference(before, fact):
            heated[where] += amount
    return Changes(changed, tallies.spread(tallied), heated, known)


def divisions_changed(changes: Changes) -> set[str]:
    """The codes of the divisions whose figures changes may have changed: those in which a changed
    case lies now, or lay before."""
    facts = [*changes.facts, *(changes.before.get(fact["_id"]) for fact in changes.facts)]
    return {code for fact in facts if fact for code in places(fact)}


def _stamped(fact: Document, at: datetime, definitions: Definitions) -> Document:
    """The fact with its divisions and marks, and with when each figure was first counted."""
    earlier = fact.get("counted_at", {})
    added = counting.figures(fact)
    counted = {figure: earlier.get(figure, at) for figure, held in added.items() if held}
    return {**fact, **derived(fact, definitions), "counted_at": counted}


def derived(fact: Document, definitions: Definitions) -> Document:
    """What a fact keeps for its reading, made from what is known of the issue."""
    return {
        "divisions": counting.divisions_of(fact),
        "lies_in": lies_in(fact),
        "marks": tallies.kept(definitions.marks(fact)),
        "cell": heat.cell_of(fact),
    }


def division_seen(caller: Caller, named: str | None, county: str) -> str:
    """The division whose figures are asked for: the one named, else the caller's own; raises
    ``Problem`` outside the reach."""
    division = named or reach(caller).division or county
    if not sees_division(caller, division):
        raise Problem("forbidden", f"the figures of {division} are not yours to see")
    return division


def counted(caller: Caller, issue: str, store: StatsStore) -> Document:
    """When each figure of one issue was counted; raises ``Problem`` when it is not visible."""
    fact = store.live().by_id({"$in": [issue]}).get(issue)
    if fact is None or not any(sees_division(caller, code) for code in fact["divisions"]):
        raise Problem("not-found", f"nothing is counted of {issue}")
    return {
        "issue": issue,
        "counted_at": {figure: at.isoformat() for figure, at in fact["counted_at"].items()},
        "figures": counting.figures(fact),
        "state": fact["case"]["state"] if fact["reported"] else None,
    }
