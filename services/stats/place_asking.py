"""What is asked of places: where cases were reported, and where again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.stats.asking import Question
from services.stats.handlers import division_seen
from services.stats.heat_store import HeatAsked
from services.stats.repeat_places import COUNTED, SPAN, WITHIN_METRES
from services.stats.repeat_places_making import places_at
from services.stats.repeat_places_store import NOT_TOLD
from services.stats.sources import Sources
from services.stats.tiles import Box, Tiles, box_of, chosen, nearest_zoom, side_metres
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.place_figure_questions import HeatFilter, RepeatPlacesFilter
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.divisions import LEVELS

Document = dict[str, Any]

HEAT_FILTER, REPEAT_PLACES_FILTER = HeatFilter(), RepeatPlacesFilter()
DATUM = "WGS-84"
DECIMALS = 7
"""Of degrees: about a centimetre."""
FIRST_SECONDS = 10
"""After how long the first places have been found, or nearly so."""


def heat(caller: Caller, filters: Document, sources: Sources) -> Document:
    """How many cases of a division were reported in each cell of a map, but for confidential ones.

    Raises ``Problem`` naming the field at fault, and for a division outside the caller's reach.
    """
    wanted = load(HEAT_FILTER, filters)
    question = Question(caller, {**wanted, "cut": None, "value": None}, sources.county.code)
    box, zoom = Box(*wanted["box"]), wanted["zoom"]
    tiles = _tiles(box, zoom)
    asked = HeatAsked(
        question.division, question.since, question.until, wanted["category"] or "", tiles
    )
    found = sources.edition.heat.cells(asked)
    metres = side_metres((box.south + box.north) / 2, tiles.level)
    return {
        "division": question.division,
        "from": question.since.isoformat(),
        "to": question.until.isoformat(),
        "category": wanted["category"],
        "datum": DATUM,
        "zoom": zoom,
        "cell": {"level": tiles.level, "metres": round(metres, 1)},
        "cells": [
            {**_edges(x, y, tiles.level), "cases": cases} for (x, y), cases in sorted(found.items())
        ],
        "cases": found.total(),
    }


def _tiles(box: Box, zoom: int) -> Tiles:
    tiles = chosen(box, zoom)
    if tiles is None:
        raise invalid("zoom", f"at most {nearest_zoom(box)} for this box, or a smaller box")
    return tiles


def _edges(x: int, y: int, level: int) -> dict[str, float]:
    return {name: round(degrees, DECIMALS) for name, degrees in vars(box_of(x, y, level)).items()}


def repeat_places(caller: Caller, filters: Document, sources: Sources) -> Document:
    """The points of a division that were complained about again and again, those most often first.

    ``made_at`` says when they were looked for. Raises ``Problem`` naming the field at fault, and
    for a division outside the caller's reach.
    """
    wanted = load(REPEAT_PLACES_FILTER, filters)
    division = division_seen(caller, wanted["division"], sources.county.code)
    edition, kept, to = sources.edition, sources.store.repeat_places, wanted["to"]
    snapshot = kept.latest()
    if to is not None and (snapshot is None or to < snapshot.made_at) and to < clock.now():
        if LEVELS[len(division)] == "county":
            raise invalid("to", "of the whole county only as it is now: ask for a town or below")
        rows = [place.to_dict() for place in places_at(edition, division, to)]
        return _answered(division, to, clock.now(), wanted, *_picked(rows, wanted))
    if snapshot is None:
        raise Problem("unavailable", "the places are being looked for", (), FIRST_SECONDS)
    counts = [kept.amount(snapshot.id, division, least) for least in COUNTED]
    places = kept.places(snapshot.id, division, wanted["at_least"], wanted["limit"])
    return _answered(division, snapshot.made_at, snapshot.made_at, wanted, counts, places)


def _picked(rows: Sequence[Document], wanted: Document) -> tuple[list[int], list[Document]]:
    """How many there are of each size, and those that are wanted, which come first."""
    counts = [sum(row["cases"] >= least for row in rows) for least in COUNTED]
    fitting = [row for row in rows if row["cases"] >= wanted["at_least"]]
    told = [{name: row[name] for name in row if name not in NOT_TOLD} for row in fitting]
    return counts, told[: wanted["limit"]]


def _answered(
    division: str,
    until: datetime,
    made_at: datetime,
    wanted: Document,
    counts: Sequence[int],
    places: Sequence[Document],
) -> Document:
    return {
        "division": division,
        "from": (until - SPAN).isoformat(),
        "to": until.isoformat(),
        "within_metres": WITHIN_METRES,
        "days": SPAN.days,
        "datum": DATUM,
        "made_at": made_at.isoformat(),
        "at_least": wanted["at_least"],
        "counts": {str(least): count for least, count in zip(COUNTED, counts, strict=True)},
        "places": [
            {**row, **{name: row[name].isoformat() for name in ("first_at", "last_at")}}
            for row in places
        ],
    }
