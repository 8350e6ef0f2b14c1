"""One program under the supervisor: its command, its variables, and when it is up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """A process that the supervisor keeps alive."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    """Where it listens, as shown to the user."""
    not_up: Callable[[], str | None] = lambda: None
    """Why it cannot be used yet, or None; called until it is up."""
    start_seconds: int = 10
    """How long it must run to count as started; what leaves before is tried again after a pause.

    Longer than a program takes to find out that it cannot run: it must not be started over
    without a pause, and ``up`` must see that it left.
    """
    stop_seconds: int = 20
    """How long it may take to leave before it is killed."""
    deaf_while_starting: bool = False
    """Whether a first request to stop may go unheard, so that it is asked again."""
