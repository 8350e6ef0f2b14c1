"""Who is responsible: category × place × date → party, by the ordered rules of the county
(DOMAIN: words, life of a case; 属地管理, special routing).

The rules themselves are data (``data/routing.csv``, read by ``services.grid.rules``). Here they
are tried one after the other until one names a party that exists and is not barred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.grid.atlas import Place
from services.grid.rules import (
    COMMUNITY,
    COMPOUND_PROPERTY,
    DEPARTMENT,
    PLACEHOLDER,
    TOWN,
    Matter,
    Rule,
    misfit,
    words,
)
from suishoupai.contracts.words import PARTY_KINDS
from suishoupai.divisions import covers

Document = dict[str, Any]

KINDS = {name: kind for kind, name in PARTY_KINDS.items()}


@dataclass(frozen=True)
class Weighed:
    """What the rules said of a case, whether or not one of them named a party."""

    barred: list[str]
    """Ids of parties that must never get the case."""
    barred_kinds: list[str]
    """Kinds of party of which none may ever get it."""
    considered: list[Document]
    """{rule, applies, why} of each rule that was looked at: those that bar, then those that decide
    in the order they were tried, the deciding one last."""


@dataclass(frozen=True)
class Decision(Weighed):
    """The responsible party {id, name, kind}, the rule that chose it, and why in words."""

    party: Document
    rule: str
    why: str
    clear: bool
    """Whether the rule named the party by what the case is, not for want of any other."""


class NoParty(LookupError):
    """No rule names a party that exists for a place and is not barred; nothing is guessed."""

    def __init__(self, message: str, weighed: Weighed) -> None:
        super().__init__(message)
        self.weighed = weighed


class Directory:
    """The responsible parties of a county, found by id, by place and by duty."""

    def __init__(self, parties: Iterable[Document]) -> None:
        """``parties``: {_id, kind, name, division, duty}."""
        rows = sorted(parties, key=lambda row: str(row["_id"]))
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

    def around(self, division: str | None, kind: str | None) -> list[Document]:
        """The parties of a division, of those above and of those under it, by id; None is any."""
        return [
            row
            for row in self._by_id.values()
            if kind in (None, row["kind"]) and _on_one_line(division, row["division"])
        ]


def _on_one_line(division: str | None, other: str) -> bool:
    return division is None or covers(division, other) or covers(other, division)


def decide(
    category: Mapping[str, Any],
    place: Place,
    on: date,
    rules: Sequence[Rule],
    directory: Directory,
) -> Decision:
    """The party for a category {code, responsible} at a place, by the rules of a local date.

    Raises ``NoParty`` when no rule names anybody.
    """
    matter = Matter(
        category["code"], tuple(category["responsible"]), place.compound is not None, on
    )
    ledger = _Ledger()
    for rule in rules:
        if rule.bars:
            ledger.exclude(rule, misfit(rule, matter), place)
    for rule, word in _in_turn(rules, matter):
        party = _named(rule, word, place, directory)
        why_not = misfit(rule, matter) or ledger.objection(party)
        why = why_not or _said(rule, word, place)
        ledger.note(rule, not why_not, why)
        if party is not None and not why_not:
            return Decision(
                **vars(ledger.weighed()),
                party=shown(party),
                rule=rule.id,
                why=why,
                clear=rule.clear,
            )
    raise NoParty(f"no rule names a party for {place.grid['code']} on {on}", ledger.weighed())


def shown(party: Document) -> Document:
    """A party as others are told of it."""
    return {"id": party["_id"], "name": party["name"], "kind": party["kind"]}


@dataclass
class _Ledger:
    """What has been weighed so far."""

    parties: dict[str, str] = field(default_factory=dict)
    """Barred party → the reason."""
    kinds: dict[str, str] = field(default_factory=dict)
    considered: dict[str, Document] = field(default_factory=dict)

    def exclude(self, rule: Rule, why_not: str, place: Place) -> None:
        """Bars whom a rule bars, if it speaks of the case."""
        why = why_not or _said(rule, "", place)
        self.note(rule, not why_not, why)
        for name in () if why_not else rule.bars:
            if name != COMPOUND_PROPERTY:
                self.kinds[KINDS[name]] = why
            elif place.compound is not None:
                self.parties[place.compound["property"]] = why

    def objection(self, party: Document | None) -> str:
        """Why a party that a rule names cannot get the case; empty when it can."""
        if party is None:
            return "没有这样的单位"
        why = self.parties.get(party["_id"]) or self.kinds.get(party["kind"])
        return f"“{party['name']}”不得承办：{why}" if why else ""

    def note(self, rule: Rule, applies: bool, why: str) -> None:
        """Keeps what became of a rule; of one that is tried for several words, the last."""
        self.considered.pop(rule.id, None)
        self.considered[rule.id] = {"rule": rule.id, "applies": applies, "why": why}

    def weighed(self) -> Weighed:
        """All that has been said."""
        return Weighed(sorted(self.parties), sorted(self.kinds), list(self.considered.values()))


def _in_turn(rules: Sequence[Rule], matter: Matter) -> list[tuple[Rule, str]]:
    """The rules that decide, each once for every word it is for, in the order they are tried."""
    turns = [
        (rule.order, position, rule.id, rule, word)
        for rule in rules
        if rule.decides
        for position, word in words(rule, matter) or [(0, "")]
    ]
    return [(rule, word) for _, _, _, rule, word in sorted(turns, key=lambda turn: turn[:3])]


def _named(rule: Rule, word: str, place: Place, directory: Directory) -> Document | None:
    """The party that a rule names, if it exists here."""
    if rule.decides == COMPOUND_PROPERTY:
        return directory.by_id(place.compound["property"]) if place.compound else None
    if rule.decides == COMMUNITY:
        return directory.territorial(place.community["code"])
    if rule.decides == TOWN:
        return directory.territorial(place.town["code"])
    duty = word if rule.decides == DEPARTMENT else rule.decides.removeprefix(f"{DEPARTMENT}:")
    return directory.department(duty, place.community["code"])


def _said(rule: Rule, word: str, place: Place) -> str:
    names = {
        "小区": place.compound["name"] if place.compound else "",
        "责任": word,
        "社区": place.community["name"],
        "镇街": place.town["name"],
    }
    return PLACEHOLDER.sub(lambda found: str(names[found[1]]), rule.reason)
