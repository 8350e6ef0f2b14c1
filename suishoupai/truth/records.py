"""What each service holds of an issue, as far as the others must agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Assignment:
    """To whom an issue was given."""

    sequence: int
    grid: str
    """15-digit code."""
    party: str


@dataclass(frozen=True)
class Told:
    """One change of a case, as far as it decides who must be told of it."""

    event_type: str
    sequence: int
    """Version of the case after the change."""
    party: str | None
    """Id of the party that has the case now."""
    previous: str | None
    """Id of the party that lost it by this change."""
    followers: tuple[str, ...]
    """Accounts whose reports were merged into this case."""
    reporter: str | None
    confidential: bool
    urgent: bool
    activity: str | None
    """What the running clock measures."""
    community: str | None
    """12-digit code; the town's has 9 digits, the county's 6."""
    town: str | None
    county: str | None
    at: datetime | None = None
    """When it happened; None where that is not known."""


@dataclass(frozen=True)
class Notice:
    """One notice in an inbox."""

    id: str
    kind: str
    sequence: int
    """Version of the case after the change it tells of."""
    recipient: str
    """Key of the inbox, such as ``party:property-001``."""


@dataclass(frozen=True)
class Case:
    """A case as the system of record has it."""

    id: str
    number: str
    category: str
    reported_at: datetime
    state: str
    version: int
    party: dict[str, Any] | None
    """{id, name, kind} of the party that has it."""
    assignment: Assignment | None
    """What grid said last, if it is in the case."""
    changes: tuple[Told, ...]
    """Everything that happened to it, its report first."""
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
