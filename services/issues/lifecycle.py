"""The life of a case as a table: which action leads from which state to which (DOMAIN: life of a
case)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """One allowed change of state."""

    action: str
    from_state: str | None
    to_state: str


TRANSITIONS = (
    Transition("report", None, "reported"),
    # Auto-dispatch: a point in a known place with one responsible party needs no hand in between.
    Transition("dispatch", "reported", "dispatched"),
)


class NotAllowed(Exception):
    """The state of a case does not allow the action."""


def next_state(action: str, state: str | None) -> str:
    """The state after ``action``; raises ``NotAllowed``."""
    for transition in TRANSITIONS:
        if transition.action == action and transition.from_state == state:
            return transition.to_state
    raise NotAllowed(f"{action} is not allowed in state {state}")
