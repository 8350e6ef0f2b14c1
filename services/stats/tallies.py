"""What is kept of the marks of cases: pure functions from a fact to its tallies.

A mark says that a case belongs to a set (such as ``disposal/handled``) and at what instant it
counts there. A tally is how many cases of a division, cut and value have a mark within an hour, a
day, a month or a year of the local calendar. They are sums over facts: a change of a fact changes
them by the difference of what it had before and after. What a fact had before is read from the
marks it keeps, never worked out again, so the sums hold even while definitions change.

Tallies stand together in documents: those of a year with its months, the days of a month, the hours
of a day. So a range of any length is read from a handful of documents of each value, and one change
touches, for a mark at an instant, at most 50 of them: 17 of the county (3 of all cases, 3 of each
of 4 cuts, 2 of its members), 17 of the town, 13 of the community and 3 of the grid. The marks of
one instant share them, and so do the cases of an hour that are counted together. The lower a
division, the fewer facts there are to count: so less is kept there, and the rest is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from services.stats.cuts import PATHS, cut_values, places
from services.stats.periods import start_of
from suishoupai.divisions import LEVELS

Document = dict[str, Any]
Marks = Mapping[str, datetime]
"""Name of a mark → the instant by which a case counts there."""

Tally = tuple[str, str, str, str, datetime, str]
"""Division code, cut, value, unit, start of the unit (UTC) and name of the mark."""

Bundle = tuple[str, str, str, str, datetime, tuple[str, ...]]
"""Tallies that differ in their marks alone. The marks of a case mostly fall into the same periods,
and so do those of other cases: bundles are counted instead, which is several times as quick."""

UNITS = ("year", "month", "day", "hour")
"""What is kept, from long to short."""

DAYS, MONTHS = UNITS[:3], UNITS[:2]
KEPT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "county": {"": UNITS, **dict.fromkeys(PATHS, UNITS), "member": DAYS},
    "town": {"": UNITS, **dict.fromkeys(PATHS, UNITS), "member": DAYS},
    "community": {"": UNITS, **dict.fromkeys(PATHS, DAYS)},
    "grid": {"": DAYS, "member": MONTHS},
}
"""Level of a division → cut, and ``""`` for all its cases → the units that are kept of it.

A member reports a few cases a day at most: hours would be as many documents as there are cases."""

UNCUT = "standing/"
"""What the names of marks begin with that are kept of all cases only, never of a cut: every step of
a case changes them."""


class Definitions(Protocol):
    """What gives a case its marks."""

    @property
    def digest(self) -> str:
        """Changes whenever a case may be given other marks than before."""

    @property
    def marks(self) -> Callable[[Document], Marks]:
        """The marks of a fact."""


def kept_units(cut: str, level: str) -> tuple[str, ...]:
    """The units in which a cut is kept for the divisions of a level, from long to short."""
    return KEPT[level].get(cut, ())


def kept(marks: Marks) -> list[Document]:
    """Marks as a fact keeps them, by anchor and instant: ``[{anchor, at, marks: [NAME]}]``.

    The marks of an anchor count at one instant: an index of those is several times as small, and as
    quick to keep, as one of the marks.
    """
    together: dict[tuple[str, datetime], list[str]] = {}
    for mark, at in sorted(marks.items()):
        together.setdefault((anchor_of(mark), at), []).append(mark)
    return [
        {"anchor": anchor, "at": at, "marks": names} for (anchor, at), names in together.items()
    ]


def anchor_of(mark: str) -> str:
    """By what a mark counts when it does: the first part of its name."""
    return mark.partition("/")[0]


def marks_of(fact: Document) -> dict[str, datetime]:
    """The marks a fact keeps; one of earlier versions kept each by itself, or none."""
    return {
        mark: each["at"]
        for each in fact.get("marks", ())
        for mark in each.get("marks") or [each["mark"]]
    }


def tallies(fact: Document, marks: Marks) -> set[Tally]:
    """Every tally in which a case counts, each once."""
    return {(*which, mark) for *which, together in bundles(fact, marks) for mark in together}  # type: ignore[misc]


def bundles(fact: Document, marks: Marks) -> Iterator[Bundle]:
    """The same, by which of the marks count together."""
    of_cuts = {mark: at for mark, at in marks.items() if not mark.startswith(UNCUT)}
    every, cut_apart = _by_start(marks), _by_start(of_cuts)
    for division in places(fact):
        level = LEVELS[len(division)]
        for cut, value in cut_values(fact).items():
            starts = cut_apart if cut else every
            for unit in kept_units(cut, level):
                for start, together in starts[unit].items():
                    yield division, cut, value, unit, start, together


def _by_start(marks: Marks) -> dict[str, dict[datetime, tuple[str, ...]]]:
    """Unit → start of each in which there are marks → those marks."""
    by_instant: dict[datetime, list[str]] = {}
    for mark, at in sorted(marks.items()):
        by_instant.setdefault(at, []).append(mark)
    found: dict[str, dict[datetime, tuple[str, ...]]] = {unit: {} for unit in UNITS}
    for at, together in by_instant.items():
        for unit, starts in found.items():
            start = start_of(unit, at)
            starts[start] = (*starts.get(start, ()), *together)
    return found


def difference(before: Document, after: Document) -> tuple[list[Bundle], list[Bundle]]:
    """In which tallies a case counts newly, and in which not any more, when its fact changes; by
    the marks that each of them keeps. What is in both stays as it is."""
    was, now = marks_of(before), marks_of(after)
    if places(before) == places(after) and cut_values(before) == cut_values(after):
        same = was.items() & now.items()
        was, now = dict(was.items() - same), dict(now.items() - same)
    return list(bundles(after, now)), list(bundles(before, was))


def spread(counted: Mapping[Bundle, int]) -> Counter[Tally]:
    """By how much each tally changes, from how often each bundle was won, less how often lost."""
    found: Counter[Tally] = Counter()
    for (division, cut, value, unit, start, together), amount in counted.items():
        if amount:
            for mark in together:
                found[division, cut, value, unit, start, mark] += amount
    return Counter({tally: amount for tally, amount in found.items() if amount})
