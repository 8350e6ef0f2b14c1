"""Indicators as data (``data/indicators.json``): named sets of cases, each with the instant by
which its cases count, and formulas over two of them, with versions. Pure functions.

A set within another holds only cases of that one, so no numerator exceeds its denominator. Adding
an indicator, a set or a score takes no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.stats import standing as standings
from services.stats.conditions import Condition, condition, field_name
from services.stats.county_files import read_checked, shaped
from services.stats.indicator_shapes import IndicatorFile

Document = dict[str, Any]
Instant = Callable[[Document], datetime | None]

FILE = "indicators.json"
"""In the folder of a county's data."""
WHOLE = 100
"""What the weights of a score add up to."""

SHAPE = IndicatorFile()


@dataclass(frozen=True)
class Set:
    """A named set of cases."""

    id: str
    name: Mapping[str, str]
    """In zh and en, as every ``name`` here."""
    anchor: str
    """Which instant decides the period that its cases count in."""
    within: str | None
    """The set that it is a part of."""
    when: Mapping[str, Any]
    """Its condition as it is written; those of ``within`` hold besides."""

    @property
    def mark(self) -> str:
        """The name by which it is tallied, such as ``disposal/handled``."""
        return f"{self.anchor}/{self.id}"


@dataclass(frozen=True)
class Indicator:
    """One version of a formula: the cases of a set among those of another."""

    id: str
    version: int
    valid_from: date
    """The first local day on which it is in force, until the next version."""
    name: Mapping[str, str]
    anchor: str
    numerator: str
    """Name of a mark, as ``denominator`` is."""
    denominator: str
    complement: bool
    """Whether it tells the cases that are not in the numerator."""
    unit: str
    """``share``: from 0 to 1."""
    source: str
    note: str


@dataclass(frozen=True)
class Score:
    """One version of a sum of indicators: out of 100 when each of them is 1."""

    id: str
    version: int
    valid_from: date
    name: Mapping[str, str]
    parts: tuple[tuple[str, float], ...]
    """(id of an indicator, its weight) each."""
    source: str
    note: str


Versioned = TypeVar("Versioned", Indicator, Score)


class Indicators:
    """The sets, indicators and scores of a file, checked once.

    Raises ``ValueError`` naming what is wrong and where.
    """

    def __init__(self, raw: Any) -> None:
        written = shaped(SHAPE, raw)
        anchors = {name: _anchor(each, name) for name, each in written["anchors"].items()}
        self.sets = _sets(written["sets"], anchors)
        """Id → set, each after the one that it is within."""
        self._conditions = {
            id: condition(each.when, f"sets.{id}.when") for id, each in self.sets.items()
        }
        self._instants = anchors
        self.digest = _digest(written)
        """Changes with every set, anchor and condition, and with what a standing means: what was
        tallied by another one is stale."""
        self._indicators = [self._indicator(row) for row in written["indicators"]]
        self._scores = [_score(row) for row in written["scores"]]
        _require_succession(self._indicators, "indicators")
        _require_succession(self._scores, "scores")
        for score in self._scores:
            self._require_parts(score)

    def marks(self, fact: Document) -> dict[str, datetime]:
        """Name of a mark → the instant by which the case counts there; it may lie ahead.

        ``fact``: as ``counting`` has it. Empty before its report is known.
        """
        known = standings.standing(fact)
        if known is None:
            return {}
        at = {anchor: instant(known) for anchor, instant in self._instants.items()}
        held: set[str | None] = {None}
        marked = {}
        for each in self.sets.values():
            when = at[each.anchor]
            if when is not None and each.within in held and self._conditions[each.id](known):
                held.add(each.id)
                marked[each.mark] = when
        return marked

    def in_force(self, on: date) -> list[Indicator]:
        """The version of each indicator that is valid on a local day, in the order of the file."""
        return _in_force(self._indicators, on)

    def scores_in_force(self, on: date) -> list[Score]:
        """The version of each score that is valid on a local day, in the order of the file."""
        return _in_force(self._scores, on)

    def find(self, id: str, on: date) -> Indicator:
        """The version of an indicator that is valid on a local day; raises ``LookupError``."""
        for indicator in self.in_force(on):
            if indicator.id == id:
                return indicator
        raise LookupError(f"no indicator {id} is in force on {on}")

    def set_of(self, mark: str) -> Set:
        """The set that is tallied by a mark; raises ``LookupError``."""
        for each in self.sets.values():
            if each.mark == mark:
                return each
        raise LookupError(f"no set is tallied as {mark}")

    def _indicator(self, row: Document) -> Indicator:
        where = _named(row)
        for part in ("numerator", "denominator"):
            if row[part] not in self.sets:
                raise ValueError(f"indicators: {where}: {part}: no set {row[part]!r}")
        numerator, denominator = (self.sets[row[part]] for part in ("numerator", "denominator"))
        if denominator.id not in self.around(numerator):
            raise ValueError(f"indicators: {where}: {numerator.id} is not within {denominator.id}")
        return Indicator(
            **{
                **row,
                "numerator": numerator.mark,
                "denominator": denominator.mark,
                "anchor": denominator.anchor,
            }
        )

    def around(self, inner: Set) -> Iterable[str]:
        """The ids of the sets that a set is a part of, from the inside out."""
        while inner.within is not None:
            yield inner.within
            inner = self.sets[inner.within]

    def _require_parts(self, score: Score) -> None:
        where = f"scores: {score.id} version {score.version}"
        there = {indicator.id for indicator in self.in_force(score.valid_from)}
        if lacking := [id for id, _ in score.parts if id not in there]:
            raise ValueError(f"{where}: no indicator {lacking[0]} on {score.valid_from}")
        if len({id for id, _ in score.parts}) < len(score.parts):
            raise ValueError(f"{where}: an indicator stands there twice")
        if round(sum(weight for _, weight in score.parts), 9) != WHOLE:
            raise ValueError(f"{where}: the weights must add up to {WHOLE}")


def read_indicators(path: Path) -> Indicators:
    """The indicators of a file; raises ``ValueError`` naming the file and what is wrong in it."""
    return read_checked(path, Indicators)


def value(indicator: Indicator, tallied: Mapping[str, int]) -> Document:
    """{numerator, denominator, value} of an indicator from how many cases each mark has; the value
    is None where there is no case that could count."""
    numerator = tallied.get(indicator.numerator, 0)
    denominator = tallied.get(indicator.denominator, 0)
    told = denominator - numerator if indicator.complement else numerator
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": told / denominator if denominator else None,
    }


def scored(score: Score, values: Mapping[str, float | None]) -> float | None:
    """A score from the value of each indicator by id; None where one of its parts has none."""
    total = 0.0
    for id, weight in score.parts:
        part = values.get(id)
        if part is None:
            return None
        total += weight * part
    return total


def _anchor(row: Document, name: str) -> Instant:
    """The first of the instants that its condition lets count, and that there is."""
    made: list[tuple[str, Condition]] = []
    for number, choice in enumerate(row["at"]):
        where = f"anchors.{name}.at[{number}]"
        field = field_name(choice["field"], where, "instant")
        made.append((field, condition(choice["when"], where) if choice["when"] else _always))

    def instant(known: Document) -> datetime | None:
        return next((known[field] for field, when in made if known[field] and when(known)), None)

    return instant


def _always(known: Document) -> bool:
    return True


def _sets(rows: Mapping[str, Document], anchors: Mapping[str, Instant]) -> dict[str, Set]:
    found: dict[str, Set] = {}
    for id, row in rows.items():
        within, anchor = row["within"], row["anchor"]
        if (within is None) == (anchor is None):
            raise ValueError(f"sets.{id}: has an anchor, or is within another set and counts as it")
        if within is not None:
            if within not in found:
                raise ValueError(f"sets.{id}.within: no set {within!r} stands before it")
            anchor = found[within].anchor
        elif anchor not in anchors:
            raise ValueError(f"sets.{id}.anchor: no anchor {anchor!r}")
        found[id] = Set(id, row["name"], anchor, within, row["when"])
    return found


def _score(row: Document) -> Score:
    parts = tuple((part["indicator"], part["weight"]) for part in row["parts"])
    return Score(**{**row, "parts": parts})


def _require_succession(rows: Sequence[Versioned], kind: str) -> None:
    """Of each id every version is there once, and is in force from a later day than the one before:
    two of them never are at a time."""
    last: dict[str, Versioned] = {}
    for row in sorted(rows, key=lambda row: (row.id, row.version)):
        before = last.get(row.id)
        if before and before.version == row.version:
            raise ValueError(f"{kind}: {row.id}: version {row.version} is there twice")
        if before and before.valid_from >= row.valid_from:
            raise ValueError(
                f"{kind}: {row.id}: version {row.version} must be valid from a later day than "
                f"version {before.version}"
            )
        last[row.id] = row


def _in_force(rows: Sequence[Versioned], on: date) -> list[Versioned]:
    newest: dict[str, Versioned] = {}
    for row in rows:
        before = newest.get(row.id)
        if row.valid_from <= on and (before is None or before.version < row.version):
            newest[row.id] = row
    return list(newest.values())


def _digest(shaped: Document) -> str:
    """A hash of all that decides which cases count where, and when."""
    what = {
        "standing": standings.EDITION,
        "anchors": {name: each["at"] for name, each in shaped["anchors"].items()},
        "sets": {
            id: {name: each[name] for name in ("anchor", "within", "when")}
            for id, each in shaped["sets"].items()
        },
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _named(row: Document) -> str:
    return f"{row['id']} version {row['version']}"
