"""What a board shows as data (``data/board.json``), checked against the sets there are. Pure
functions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.stats.definitions import current
from services.stats.indicator_shapes import Strict
from services.stats.indicators import Indicators, Set
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.words import STATES
from suishoupai.settings import read_settings
from suishoupai.strict_json import parse_json

FILE = "board.json"
"""In the folder of a county's data."""

OPEN, OVERDUE, NEAR = "open", "overdue_unhandled", "near_limit"
"""The sets that the lights are made of (DOMAIN: indicators)."""


class BoardFile(Strict):
    """Everything; ``today``: the sets whose cases of today are shown, in that order."""

    today = fields.List(fields.String(), required=True, validate=validate.Length(min=1, max=20))


class Board:
    """Which sets a board counts, in the words of the definitions.

    Raises ``ValueError`` naming what is wrong and where.
    """

    def __init__(self, raw: Any, known: Indicators) -> None:
        try:
            today: list[str] = BoardFile().load(raw)["today"]
        except ValidationError as error:
            raise ValueError(json.dumps(error.messages, ensure_ascii=False)) from error
        if doubled := [id for place, id in enumerate(today) if id in today[:place]]:
            raise ValueError(f"today: {doubled[0]} stands there twice")
        self.today = [_set(known, id, "today") for id in today]
        """The sets shown for today."""
        self.open, self.overdue, self.near = (
            _set(known, id, "lights") for id in (OPEN, OVERDUE, NEAR)
        )
        self.states = {state: _set(known, f"now_{state}", "by_state") for state in STATES}
        """State → the set of the cases that are in it now."""


def marks(sets: Iterable[Set]) -> list[str]:
    """The marks by which sets are tallied."""
    return [each.mark for each in sets]


def read_board(path: Path, known: Indicators) -> Board:
    """The board of a file; raises ``ValueError`` naming the file and what is wrong in it."""
    try:
        return Board(parse_json(path.read_bytes()), known)
    except Problem as problem:
        raise ValueError(f"{path.name}: {problem.to_dict()}") from problem
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


@cache
def current_board() -> Board:
    """The board of this process, from the county's folder; raises ``ValueError`` naming what is
    wrong in it."""
    return read_board(read_settings().county / FILE, current())


def _set(known: Indicators, id: str, where: str) -> Set:
    if id not in known.sets:
        raise ValueError(f"{where}: no set {id!r} is in indicators.json")
    return known.sets[id]
