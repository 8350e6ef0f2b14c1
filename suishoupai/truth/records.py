"""What each service holds of an issue, as far as the others must agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Assignment:
    """To whom an issue was given."""

    sequence: int
    grid: str
    """15-digit code."""
    party: str


@dataclass(frozen=True)
class Notice:
    """One notice in a party's inbox."""

    id: str
    kind: str
    sequence: int
    """Version of what it tells: of the assignment, or of the case."""
    party: str


@dataclass(frozen=True)
class Case:
    """A case as the system of record has it."""

    id: str
    number: str
    category: str
    reported_at: datetime
    state: str
    state_version: int
    """The case's version when it came into its state."""
    assignment: Assignment | None
    party_kind: str
    told: tuple[tuple[str, int], ...]
    """(kind, sequence) of every notice that must have been sent for it."""
    faults: tuple[str, ...]
    """What contradicts itself within the case."""


@dataclass(frozen=True, order=True)
class Difference:
    """One disagreement with the cases."""

    subject: str
    """Case number, or what else it is about."""
    what: str
    expected: str
    found: str


class Overtaken(Exception):
    """Another process makes the same anew."""
