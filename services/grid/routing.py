"""Who is responsible: category × place → party, as one ordered rule (DOMAIN: words, life of a
case; 属地管理).

1. Inside a compound, what the catalogue gives to 物业 goes to the compound's property company.
2. Otherwise the first of the catalogue's responsible words that names somebody who exists here:
   社区 is the community of the grid, any other word a department whose duty it is.
3. What no party owns (无责任主体) belongs to the community, and without one to the town.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.grid.atlas import Place
from suishoupai.divisions import covers

Document = dict[str, Any]

PROPERTY = ("物业", "物业(小区内)")
COMMUNITY = "社区"


class NoParty(LookupError):
    """The county has neither a community nor a town for a place: its data is incomplete."""


@dataclass(frozen=True)
class Decision:
    """The responsible party {id, name, kind}, the rule that chose it, and why in words."""

    party: Document
    rule: str
    why: str


class Directory:
    """The responsible parties of a county, found by id, by place and by duty."""

    def __init__(self, parties: Iterable[Document]) -> None:
        """``parties``: {_id, kind, name, division, duty}."""
        rows = list(parties)
        self._by_id = {row["_id"]: row for row in rows}
        self._territorial = {row["division"]: row for row in rows if row["kind"] == "community"}
        self._departments = sorted(
            (row for row in rows if row["kind"] == "department"),
            key=lambda row: (-len(row["division"]), row["_id"]),
        )

    def by_id(self, party: str) -> Document | None:
        """The party with this id, or None."""
        return self._by_id.get(party)

    def territorial(self, division: str) -> Document | None:
        """The community or town that answers for exactly this division, or None."""
        return self._territorial.get(division)

    def department(self, duty: str, division: str) -> Document | None:
        """The department with this duty nearest above a division, or None."""
        for row in self._departments:
            if row["duty"] == duty and covers(row["division"], division):
                return row
        return None


def decide(responsible: Sequence[str], place: Place, directory: Directory) -> Decision:
    """The responsible party for a category's responsible words at a place.

    Raises ``NoParty`` when not even the town is known.
    """
    return (
        _property(responsible, place, directory)
        or _named(responsible, place, directory)
        or _territorial(place, directory)
    )


def _property(responsible: Sequence[str], place: Place, directory: Directory) -> Decision | None:
    if place.compound is None or not set(PROPERTY) & set(responsible):
        return None
    party = directory.by_id(place.compound["property"])
    if party is None:
        return None
    why = f"位于小区“{place.compound['name']}”内，由其物业负责"
    return _decision(party, "property-in-compound", why)


def _named(responsible: Sequence[str], place: Place, directory: Directory) -> Decision | None:
    for word in responsible:
        if word == COMMUNITY:
            party, rule = directory.territorial(place.community["code"]), "community"
        else:
            party, rule = directory.department(word, place.community["code"]), "department"
        if party is not None:
            return _decision(party, rule, f"该类案件由“{word}”负责")
    return None


def _territorial(place: Place, directory: Directory) -> Decision:
    for level, rule in (
        (place.community, "territorial-community"),
        (place.town, "territorial-town"),
    ):
        party = directory.territorial(level["code"])
        if party is not None:
            return _decision(party, rule, f"无其他责任主体，按属地由“{level['name']}”负责")
    raise NoParty(f"no community or town is responsible for {place.grid['code']}")


def _decision(party: Document, rule: str, why: str) -> Decision:
    shown = {"id": party["_id"], "name": party["name"], "kind": party["kind"]}
    return Decision(shown, rule, why)
