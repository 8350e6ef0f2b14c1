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
class Step:
    """One change of a case, as far as it is counted; None is what there was not, or is not known.

    Its events tell the same, and figures are made of either.
    """

    sequence: int
    """Version of the case after it."""
    action: str
    source: str | None
    """The state before; None of a report."""
    target: str
    at: datetime
    role: str
    category: str
    confidential: bool
    urgent: bool | None
    """Of a report not known."""
    party: str | None
    """Id of the party that has the case after it."""
    party_kind: str | None
    due_at: datetime | None = None
    """Limit of the current activity."""
    bundled_due_at: datetime | None = None
    """Limit of disposal over all rework rounds; None while its clock does not run."""
    on_time: bool | None = None
    outcome: str | None = None
    solved: bool | None = None
    satisfaction: int | None = None
    """1 to 5."""


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
    steps: tuple[Step, ...] = ()
    """The same, as it is counted."""
    source: str | None = None
    """How its report came: one of ``SOURCES``."""
    courier: bool | None = None
    """Whether a courier reported it; None where that was not kept."""
    reporter: str = ""
    """Account that reported it."""
    point: tuple[float, float] | None = None
    """Where it was reported: longitude and latitude in WGS-84, degrees."""


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
