"""Of which kind each responsible party is, by the facts of an edition.

A party's id says nothing of its kind; each case says both. The index ``parties`` (party, kind) is
skipped through from one party to the next (DISTINCT_SCAN), so the read takes as many keys as there
are parties, however many cases they have.
"""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

Document = dict[str, Any]

INDEX = "parties"
PARTY, KIND = "case.party", "case.party_kind"
BY_PARTY: list[Document] = [
    {"$sort": {PARTY: ASCENDING, KIND: ASCENDING}},
    {"$group": {"_id": f"${PARTY}", "kind": {"$first": f"${KIND}"}}},
]


class PartyStore:
    """The parties that have a case in one edition."""

    def __init__(self, facts: Collection[Document]) -> None:
        self._facts = facts

    def create_indexes(self) -> None:
        """Creates the index."""
        self._facts.create_index([(PARTY, ASCENDING), (KIND, ASCENDING)], name=INDEX)

    def kinds(self) -> dict[str, str]:
        """Id of each party that has a case → its kind."""
        found = self._facts.aggregate(BY_PARTY)
        return {row["_id"]: row["kind"] for row in found if row["_id"] is not None}
