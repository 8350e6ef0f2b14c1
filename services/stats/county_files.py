"""How files of the county's folder are read: checked once, and what is wrong in one said where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError

from suishoupai.contracts.problems import Problem
from suishoupai.strict_json import parse_json

Document = dict[str, Any]
Checked = TypeVar("Checked")


def read_checked(path: Path, check: Callable[[Any], Checked]) -> Checked:
    """What a JSON file says, checked; raises ``ValueError`` naming the file and its fault.

    ``check``: makes something of what is written, or raises ``ValueError``.
    """
    try:
        return check(parse_json(path.read_bytes()))
    except Problem as problem:
        raise ValueError(f"{path.name}: {problem.to_dict()}") from problem
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def shaped(shape: Schema, raw: Any) -> Document:
    """What is written in its shape; raises ``ValueError`` naming each field at fault."""
    try:
        loaded: Document = shape.load(raw)
    except ValidationError as error:
        raise ValueError(json.dumps(error.messages, ensure_ascii=False)) from error
    return loaded
