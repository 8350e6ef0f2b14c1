"""JSON as it is taken here: what two readers would read differently, or what cannot be kept, is
refused where it stands.

Names given twice, numbers beyond 64 bits, NaN, and characters that MongoDB or XML cannot hold are
faults; so is a text that is nested deeper, or of more parts, than anybody means.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from suishoupai.contracts.problems import Problem, invalid

DEEPEST = 32
"""Arrays and objects within each other."""
MOST_PARTS = 100_000
"""Commas, brackets and braces: what a text of the longest length must not consist of."""
INTEGERS = (-(2**63), 2**63 - 1)
"""The least and the greatest that is taken."""
EXACT = 2**53
"""Up to here a floating-point number holds every integer."""
LONGEST_INTEGER = 20
"""Characters: what 64 bits may need."""

_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write; MongoDB refuses some of it too."""
KEPT = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""Any other character, in JSON Schema's dialect of patterns; in text, surrogates come in pairs."""
KEPT_TEXT = f"^{KEPT}*$"
"""Text of nothing else."""


class _BeyondIntegers:
    """Stands for an integer that 64 bits cannot hold, until it is told where it was."""


_BEYOND = _BeyondIntegers()


def unkeepable(text: str) -> str | None:
    """What is wrong with a text that cannot be kept or passed on, or None."""
    found = _UNKEEPABLE.search(text)
    return f"U+{ord(found[0]):04X} at {found.start()} cannot be kept" if found else None


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises ``Problem``: not-json with the offset where the text is none, invalid with the field
    whose value is not taken.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("not-json", f"not UTF-8 at byte {error.start}") from error
    if sum(map(text.count, ",[{")) > MOST_PARTS:
        raise Problem("not-json", f"more than {MOST_PARTS} parts")
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
            object_pairs_hook=_object,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Problem("not-json", str(error)) from error
    for path, fault in _faults(value, (), 0):
        raise invalid(".".join(path) or "body", fault)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(text: str) -> Any:
    if len(text) > LONGEST_INTEGER:
        return _BEYOND
    value = int(text)
    least, greatest = INTEGERS
    return value if least <= value <= greatest else _BEYOND


def _number(text: str) -> float | int:
    # JSON Schema knows one kind of number: 2.0 is an integer, and goes wherever 2 may.
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= EXACT else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid(printable(twice), "is given more than once")
    return read


def _faults(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        if fault := unkeepable(value):
            yield path, fault
    elif isinstance(value, dict | list):
        if depth == DEEPEST:
            raise _too_deep()
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            here = (*path, printable(str(name)))
            if isinstance(name, str) and (fault := unkeepable(name)):
                yield here, f"its name: {fault}"
            yield from _faults(member, here, depth + 1)
    elif value is _BEYOND or (isinstance(value, float) and not math.isfinite(value)):
        yield path, "beyond 64 bits"


def printable(name: str) -> str:
    """A name as a refusal may repeat it."""
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", name[:64])


def _too_deep() -> Problem:
    return Problem("not-json", f"nested deeper than {DEEPEST}")
