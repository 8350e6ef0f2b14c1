"""What an action is taken with, and the action as it was asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from services.issues.danger import Danger
from services.issues.duplicates import Likeness
from services.issues.store import IssueStore
from services.issues.working_time import WorkingTime
from suishoupai.access import Caller
from suishoupai.county import County

Document = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """The cases of a county and its rules."""

    store: IssueStore
    county: County
    hours: WorkingTime
    danger: Danger
    likeness: Likeness
    announce: Callable[[Iterable[str]], None]
    """Tells the relay of cases with new events."""


@dataclass(frozen=True)
class Request:
    """One action on a case, as somebody asked for it."""

    caller: Caller
    action: str
    body: Any
    party: Document | None
    """The party that ``body`` names, {id, name, kind} as grid knows it."""
    matching: tuple[int, ...] | None = None
    """The versions that the caller's precondition (If-Match) allows; None without one."""

    @property
    def fingerprint(self) -> str:
        """By which a request that comes again is known."""
        said = json.dumps([self.caller.account, self.action, self.body], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]
