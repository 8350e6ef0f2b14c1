"""The cases as others must agree with them (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.issues.lifecycle import TRANSITIONS
from services.issues.store import IssueStore
from suishoupai.truth.records import Assignment, Case

Document = dict[str, Any]

_ALLOWED = {(transition.from_state, transition.to_state) for transition in TRANSITIONS}


def cases(
    database: Database[Document], ids: Document, limit: int, session: ClientSession | None = None
) -> list[Case]:
    """The cases whose id fits a filter, in the order of their ids."""
    return [case(raw) for raw in IssueStore(database).in_order(ids, limit, session)]


def amount(database: Database[Document]) -> int:
    """How many cases there are, about."""
    return IssueStore(database).estimated_amount()


def case(raw: Document) -> Case:
    """What the others must agree with in one case."""
    assigned = "responsible" in raw
    return Case(
        id=raw["_id"],
        number=raw["number"],
        category=raw["category"]["code"],
        reported_at=raw["reported_at"],
        state=raw["state"],
        state_version=max(
            n for n, entry in enumerate(raw["history"], start=1) if entry["from"] != entry["to"]
        ),
        assignment=_assignment(raw) if assigned else None,
        party_kind=raw["responsible"]["kind"] if assigned else "",
        told=_told(raw) if assigned else (),
        faults=tuple(_faults(raw)),
    )


def _assignment(raw: Document) -> Assignment:
    return Assignment(raw["assignment"], raw["grid"]["code"], raw["responsible"]["id"])


def _told(raw: Document) -> tuple[tuple[str, int], ...]:
    rung = ((alarm["kind"], alarm["version"]) for alarm in raw.get("rung", ()))
    return (("assigned", raw["assignment"]), *rung)


def _faults(raw: Document) -> Iterator[str]:
    """Every version has its entry, each step is one the table allows, the last is the state."""
    history = raw["history"]
    if len(history) != raw["version"]:
        yield f"version {raw['version']} with {len(history)} entries"
    if history[-1]["to"] != raw["state"]:
        yield f"in state {raw['state']}, its history ends in {history[-1]['to']}"
    before = None
    for entry in history:
        step = (entry["from"], entry["to"])
        if entry["from"] != before or (step not in _ALLOWED and entry["from"] != entry["to"]):
            yield f"went from {before} by a step {entry['from']} → {entry['to']}"
        before = entry["to"]
