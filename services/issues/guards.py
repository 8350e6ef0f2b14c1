"""What must hold besides state and role, each guard one pure question about a case (DOMAIN: life of
a case)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from suishoupai.contracts.words import STATES

Document = dict[str, Any]

MOST_EXTENSIONS = 2
"""One by the dispatcher, a second one by the supervisor."""
REOPENED_WITHIN = timedelta(days=7)
"""How long after closing a reporter may say that it is not solved."""


@dataclass(frozen=True)
class Guard:
    """A question about a case, the fields given with an action, and now; and what it says if not.

    A field that was not given is no reason to refuse: whether it must be is the table's matter.
    """

    holds: Callable[[Document, Document, datetime], bool]
    says: str


def party_of(case: Document, given: Document) -> Document | None:
    """The party an action would dispatch a case to: the given one, else the one grid proposes."""
    proposal = case.get("proposal") or {}
    party: Document | None = given.get("party") or proposal.get("party")
    return party


def is_barred(case: Document, party: Document) -> bool:
    """Whether the routing rules forbid a case to a party (DOMAIN: special routing)."""
    proposal = case.get("proposal") or {}
    return party["id"] in proposal.get("barred", ()) or party["kind"] in proposal.get(
        "barred_kinds", ()
    )


def _party_allowed(case: Document, given: Document, at: datetime) -> bool:
    party = party_of(case, given)
    return party is None or not is_barred(case, party)


def _another_party(case: Document, given: Document, at: datetime) -> bool:
    return "party" not in given or given["party"]["id"] != case["responsible"]["id"]


GUARDS: dict[str, Guard] = {
    "patrol": Guard(
        lambda case, given, at: bool(case["patrol"]),
        "a resident's report is verified on site first",
    ),
    "placed": Guard(
        lambda case, given, at: case.get("proposal") is not None,
        "the grid has not said yet where it lies and whose it is; try again in a moment",
    ),
    "party_allowed": Guard(_party_allowed, "the routing rules forbid it to that party"),
    "another_party": Guard(_another_party, "that party has just returned it"),
    "extensible": Guard(
        lambda case, given, at: bool(case["category"]["extensible"]),
        "this category of cases gets no extension",
    ),
    "extension_left": Guard(
        lambda case, given, at: case["extensions"] < MOST_EXTENSIONS,
        f"it was extended {MOST_EXTENSIONS} times",
    ),
    "first_extension": Guard(
        lambda case, given, at: case["extensions"] == 0,
        "a second extension needs the supervisor",
    ),
    "checked": Guard(
        lambda case, given, at: bool(case.get("checked")),
        "it was not checked since it was fed back",
    ),
    "lately_closed": Guard(
        lambda case, given, at: at - case["closed_at"] <= REOPENED_WITHIN,
        f"it was closed more than {REOPENED_WITHIN.days} days ago",
    ),
    "public": Guard(
        lambda case, given, at: not case["category"]["confidential"],
        "it is confidential",
    ),
    "confidential": Guard(
        lambda case, given, at: bool(case["category"]["confidential"]),
        "it is not confidential",
    ),
    **{
        f"merged_from_{state}": Guard(
            lambda case, given, at, state=state: case.get("before_merge") == state,  # type: ignore[misc]
            f"it was not merged from {state}",
        )
        for state in STATES
    },
}
"""Name → guard."""


def holds(name: str, case: Document, given: Document, at: datetime) -> bool:
    """Whether the guard of that name lets an action through."""
    return GUARDS[name].holds(case, given, at)
