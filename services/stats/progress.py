"""What a board tells of the progress of cases, as data (``data/progress.json``): which sets are
shown for today, which are counted over time, the stages of the funnel, the states, the lights and
the ages of open cases. Its sets are those of ``indicators``. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from services.stats.county_files import read_checked, shaped
from services.stats.indicator_shapes import Strict
from services.stats.indicators import Indicators, Set
from services.stats.tallies import UNCUT
from suishoupai.contracts.words import STATES

Document = dict[str, Any]

FILE = "progress.json"
"""In the folder of a county's data."""
OLDEST = 366
"""Days of the last bound of ages at most: ages below it are read day by day."""


def _ids(least: int) -> fields.Field[Any]:
    return fields.List(fields.String(), required=True, validate=validate.Length(min=least))


class Lights(Strict):
    """The sets whose open cases are red and yellow; the others are green."""

    red = fields.String(required=True)
    yellow = fields.String(required=True)


class ProgressFile(Strict):
    """The shape of the file."""

    today = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=20))
    counts = _ids(1)
    stages = _ids(2)
    states = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    assigned = fields.String(required=True)
    told = fields.String(required=True)
    open = fields.String(required=True)
    lights = fields.Nested(Lights, required=True)
    ages = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1, max=OLDEST)),
        required=True,
        validate=validate.Length(min=1),
    )


SHAPE = ProgressFile()


@dataclass(frozen=True)
class Progress:
    """The sets of a board, by what they are for."""

    today: tuple[Set, ...]
    """Whose cases of the local day are shown."""
    counts: tuple[Set, ...]
    """Whose cases are counted in trends and comparisons."""
    stages: tuple[Set, ...]
    """Of the funnel, each within the one before."""
    states: Mapping[str, Set]
    """State → the cases that are in it now."""
    assigned: Set
    """Cases that have a responsible party."""
    told: Set
    """Cases of which a responsible party was told."""
    open: Set
    red: Set
    """Open cases whose limit has passed, by their limit."""
    yellow: Set
    """Those of ``red`` that were said to be due soon; their limit lies ahead."""
    ages: tuple[int, ...]
    """Days at which the ages of open cases are told apart, rising."""


def marks(sets: Iterable[Set]) -> list[str]:
    """The marks by which sets are tallied."""
    return [each.mark for each in sets]


def read_progress(path: Path, known: Indicators) -> Progress:
    """What a file says; raises ``ValueError`` naming the file, and where in it something is wrong
    and what."""
    return read_checked(path, lambda raw: progress(raw, known))


def progress(raw: Any, known: Indicators) -> Progress:
    """What is written, checked; raises ``ValueError`` saying where something is wrong and what."""
    written = shaped(SHAPE, raw)
    lights = written["lights"]
    found = Progress(
        today=_sets("today", written["today"], known),
        counts=_sets("counts", written["counts"], known),
        stages=_sets("stages", written["stages"], known),
        states={
            state: _set(f"states.{state}", id, known) for state, id in written["states"].items()
        },
        assigned=_set("assigned", written["assigned"], known),
        told=_set("told", written["told"], known),
        open=_set("open", written["open"], known),
        red=_set("lights.red", lights["red"], known),
        yellow=_set("lights.yellow", lights["yellow"], known),
        ages=tuple(written["ages"]),
    )
    _require_cuts(found)
    _require_funnel(found.stages, known)
    _require_states(found.states)
    _require_within("lights.yellow", found.yellow, found.red, known)
    if any(later <= sooner for sooner, later in pairwise(found.ages)):
        raise ValueError("ages: each is more days than the one before")
    return found


def _require_cuts(found: Progress) -> None:
    """States are told of all cases only; everything else is asked for with a cut as well."""
    for each in (
        *found.today,
        *found.counts,
        *found.stages,
        found.assigned,
        found.told,
        found.open,
        found.red,
        found.yellow,
    ):
        if each.mark.startswith(UNCUT):
            raise ValueError(f"{each.id}: is counted in no cut, and can only be a state")


def _sets(where: str, ids: Sequence[str], known: Indicators) -> tuple[Set, ...]:
    if len(set(ids)) < len(ids):
        raise ValueError(f"{where}: a set stands there twice")
    return tuple(_set(f"{where}[{number}]", id, known) for number, id in enumerate(ids))


def _set(where: str, id: str, known: Indicators) -> Set:
    if id not in known.sets:
        raise ValueError(f"{where}: no set {id!r}")
    return known.sets[id]


def _require_funnel(stages: Sequence[Set], known: Indicators) -> None:
    for number, (wider, narrower) in enumerate(pairwise(stages), 1):
        _require_within(f"stages[{number}]", narrower, wider, known)


def _require_within(where: str, inner: Set, outer: Set, known: Indicators) -> None:
    if outer.id not in known.around(inner):
        raise ValueError(f"{where}: {inner.id} is not within {outer.id}")


def _require_states(states: Mapping[str, Set]) -> None:
    if lacking := [state for state in STATES if state not in states]:
        raise ValueError(f"states: {lacking[0]} is missing")
    if strange := [state for state in states if state not in STATES]:
        raise ValueError(f"states: no case is ever {strange[0]!r}")
    if len({each.anchor for each in states.values()}) > 1:
        raise ValueError("states: all of them count by the same instant")
