"""Conditions as data: what must hold of the standing of a case so that it is in a set.

A condition is one of::

    {"all": [condition, …]}        every one holds
    {"any": [condition, …]}        at least one holds
    {"field": NAME, "is": "set"}   also "unset"; of a truth also true, false
    {"field": NAME, "at_least": N} also "at_most": of a number
    {"field": NAME, "one_of": […]} also "none_of": of a word
    {"field": NAME, "no_later_than": OTHER}           of two instants
    {"field": NAME, "within_hours": N, "of": OTHER}   of two instants, the other first

What compares does not hold of a field that is not set; ``none_of`` does. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from services.stats.standing import FIELDS, WORDS

Document = dict[str, Any]
Condition = Callable[[Document], bool]

SETNESS: Mapping[Any, Callable[[Any], bool]] = {
    "set": lambda value: value is not None,
    "unset": lambda value: value is None,
}


def condition(raw: Any, where: str) -> Condition:
    """The condition that is written down; raises ``ValueError`` saying ``where`` something is wrong
    and what."""
    if not isinstance(raw, dict):
        raise ValueError(f"{where}: a condition is an object")
    for name, together in (("all", all), ("any", any)):
        if name in raw:
            return _joined(raw, name, together, where)
    field = field_name(raw.get("field"), where)
    (operator, operand), *more = [item for item in raw.items() if item[0] != "field"] or [("", "")]
    make = OPERATORS.get(operator)
    if make is None:
        raise ValueError(f"{where}: no operator {operator!r}; there are {', '.join(OPERATORS)}")
    beside = {"of"} if operator == "within_hours" else set()
    if {name for name, _ in more} != beside:
        raise ValueError(f"{where}: {operator} takes {', '.join(beside) or 'nothing'} beside it")
    return make(field, operand, dict(more), f"{where}.{operator}")


def field_name(name: Any, where: str, kind: str | None = None) -> str:
    """The name of a field of a standing, of a kind; raises ``ValueError``."""
    if not isinstance(name, str) or name not in FIELDS:
        raise ValueError(f"{where}: no field {name!r}")
    if kind is not None and FIELDS[name] != kind:
        raise ValueError(f"{where}: {name} is no {kind}, it is of kind {FIELDS[name]}")
    return name


def _joined(raw: Document, name: str, together: Callable[..., bool], where: str) -> Condition:
    parts = raw[name]
    if len(raw) > 1 or not isinstance(parts, list) or not parts:
        raise ValueError(f"{where}: {name} holds a list of conditions and stands alone")
    made = [condition(part, f"{where}.{name}[{number}]") for number, part in enumerate(parts)]
    return lambda known: together(part(known) for part in made)


def _is(field: str, operand: Any, beside: Document, where: str) -> Condition:
    if isinstance(operand, bool):
        field_name(field, where, "truth")
        return lambda known: known[field] is operand
    test = SETNESS.get(operand) if isinstance(operand, str) else None
    if test is None:
        raise ValueError(f"{where}: set, unset, true or false")
    return lambda known: test(known[field])


def _number(operand: Any, where: str) -> int:
    if not isinstance(operand, int) or isinstance(operand, bool) or operand < 0:
        raise ValueError(f"{where}: a whole number from 0 on")
    return operand


def _at_least(field: str, operand: Any, beside: Document, where: str) -> Condition:
    field, least = field_name(field, where, "number"), _number(operand, where)
    return lambda known: known[field] is not None and known[field] >= least


def _at_most(field: str, operand: Any, beside: Document, where: str) -> Condition:
    field, most = field_name(field, where, "number"), _number(operand, where)
    return lambda known: known[field] is not None and known[field] <= most


def _words(field: str, operand: Any, where: str) -> list[str]:
    field_name(field, where, "word")
    if not isinstance(operand, list) or not operand:
        raise ValueError(f"{where}: a list of words")
    if strange := [word for word in operand if word not in WORDS[field]]:
        raise ValueError(f"{where}: {field} is never {strange[0]!r}")
    return operand


def _one_of(field: str, operand: Any, beside: Document, where: str) -> Condition:
    words = _words(field, operand, where)
    return lambda known: known[field] in words


def _none_of(field: str, operand: Any, beside: Document, where: str) -> Condition:
    words = _words(field, operand, where)
    return lambda known: known[field] not in words


def _no_later_than(field: str, operand: Any, beside: Document, where: str) -> Condition:
    field, other = field_name(field, where, "instant"), field_name(operand, where, "instant")
    return lambda known: _between(known, field, other) and known[field] <= known[other]


def _within_hours(field: str, operand: Any, beside: Document, where: str) -> Condition:
    field, other = field_name(field, where, "instant"), field_name(beside["of"], where, "instant")
    longest = timedelta(hours=_number(operand, where))
    return lambda known: _between(known, field, other) and known[field] - known[other] <= longest


def _between(known: Document, field: str, other: str) -> bool:
    return known[field] is not None and known[other] is not None


OPERATORS: Mapping[str, Callable[[str, Any, Document, str], Condition]] = {
    "is": _is,
    "at_least": _at_least,
    "at_most": _at_most,
    "one_of": _one_of,
    "none_of": _none_of,
    "no_later_than": _no_later_than,
    "within_hours": _within_hours,
}
"""What may be said of a field."""
