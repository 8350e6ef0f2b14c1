"""The cases as others must agree with them (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.issues.lifecycle import NotAllowed, replayed
from services.issues.store import IssueStore
from services.issues.telling import JUDGED, LIMITS, source_of
from suishoupai.contracts.words import ACTION_EVENTS, NEW_PARTY
from suishoupai.truth.records import Assignment, Case, Step, Told

Document = dict[str, Any]


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
    proposal = raw.get("proposal")
    return Case(
        id=raw["_id"],
        number=raw["number"],
        category=raw["category"]["code"],
        reported_at=raw["reported_at"],
        state=raw["state"],
        version=raw["version"],
        party=raw["responsible"],
        assignment=_assignment(raw, proposal) if proposal else None,
        changes=tuple(_told(raw)),
        faults=tuple(_faults(raw)),
        steps=tuple(_steps(raw)),
        source=source_of(raw),
        courier=raw["courier"],
        reporter=raw["reporter"],
        point=(raw["location"]["lng"], raw["location"]["lat"]),
    )


def _assignment(raw: Document, proposal: Document) -> Assignment:
    return Assignment(raw["assignment"], raw["grid"]["code"], proposal["party"]["id"])


def _told(raw: Document) -> Iterator[Told]:
    """Everything that was told of a case: an entry of its history each."""
    for sequence, entry in enumerate(raw["history"], start=1):
        facts = entry["told"]
        community = facts.get("community")
        yield Told(
            event_type=ACTION_EVENTS[entry["action"]],
            sequence=sequence,
            reporter=raw["reporter"],
            followers=tuple(facts.get("followers", ())),
            party=facts.get("party"),
            previous=facts.get("previous"),
            confidential=facts.get("confidential", False),
            urgent=facts.get("urgent", False),
            activity=facts.get("activity"),
            community=community,
            town=community and community[:9],
            county=community and community[:6],
            at=entry["at"],
        )


def _steps(raw: Document) -> Iterator[Step]:
    """Every entry of the history as what its event told."""
    history, kinds = raw["history"], _party_kinds(raw)
    codes = _categories(raw)
    for sequence, (entry, category) in enumerate(zip(history, codes, strict=True), start=1):
        facts, given = entry["told"], entry.get("given", {})
        rated = given if entry["action"] == "rate" else {}
        party = facts.get("party")
        yield Step(
            sequence=sequence,
            action=entry["action"],
            source=entry["from"],
            target=entry["to"],
            at=entry["at"],
            role=entry["role"],
            category=category,
            confidential=facts.get("confidential", False),
            urgent=facts.get("urgent", False) if entry["from"] else None,
            party=party,
            party_kind=kinds.get(party),
            **{name: facts.get(name) for name in (*LIMITS, *JUDGED)},
            **{name: rated.get(name) for name in ("solved", "satisfaction")},
        )


def _categories(raw: Document) -> list[str]:
    """The code that the case had after each entry: what it was before is kept where it changed, but
    for the very first cases."""
    code, codes = raw["category"]["code"], []
    for entry in reversed(raw["history"]):
        codes.append(code)
        if entry["action"] == "recategorise":
            code = entry.get("given", {}).get("before", {"code": code})["code"]
    return codes[::-1]


def _party_kinds(raw: Document) -> dict[str | None, str]:
    """The kind of every party that had the case, by id."""
    given = [entry["given"]["party"] for entry in raw["history"] if _gives_party(entry)]
    had = [*given, raw["responsible"]]
    return {party["id"]: party["kind"] for party in had if party}


def _gives_party(entry: Document) -> bool:
    return entry["action"] in NEW_PARTY and "party" in entry.get("given", {})


def _faults(raw: Document) -> Iterator[str]:
    """Every version has its entry, and the history replays by the table to the present state."""
    history = raw["history"]
    if len(history) != raw["version"]:
        yield f"version {raw['version']} with {len(history)} entries"
    try:
        state = replayed(history)
    except NotAllowed as error:
        yield str(error)
        return
    if state != raw["state"]:
        yield f"in state {raw['state']}, its history ends in {state}"
