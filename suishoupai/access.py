"""Who is asking, and how far they see: one rule for lists, single reads, notices and figures.

A reporter sees their own reports, a handler their party's cases, a dispatcher and a supervisor
what lies under their division, an admin everything (DOMAIN: roles in the product). Of confidential
cases a dispatcher sees those that their own community is responsible for (DOMAIN: catalogue). A
program sees what lies under its division and is not confidential, and never who reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from suishoupai.divisions import covers

PROGRAMS = "program:"
"""How the account of every program begins, and that of no person."""


@dataclass(frozen=True)
class Caller:
    """An authenticated account, as every service is told of it."""

    account: str
    roles: tuple[str, ...]
    division: str | None = None
    """Code of the division whose cases they see, for dispatcher, supervisor and admin."""
    party: str | None = None
    """Id of the responsible party they act for."""
    member: str | None = None
    """Id of the grid member they are; None for residents."""
    session: str | None = None
    """Id of the session their token belongs to."""
    courier: bool = False
    """Whether the grid member they are is a courier."""

    def to_dict(self) -> dict[str, Any]:
        """The caller as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Caller:
        """The caller in a question's arguments."""
        return cls(
            raw["account"],
            tuple(raw["roles"]),
            raw.get("division"),
            raw.get("party"),
            raw.get("member"),
            raw.get("session"),
            raw.get("courier", False),
        )

    @property
    def sees_reporters(self) -> bool:
        """Whether who reported may be shown: never to a handler (DOMAIN: catalogue), nor to a
        program."""
        return not {"handler", "program"} & set(self.roles)

    @property
    def is_desk(self) -> bool:
        """Whether they decide where cases go: dispatcher, supervisor, admin."""
        return bool({"dispatcher", "supervisor", "admin"} & set(self.roles))

    @property
    def on_patrol(self) -> bool:
        """Whether what they report needs no verification: grid members and the staff
        (DOMAIN: life of a case)."""
        return self.member is not None or self.is_desk


@dataclass(frozen=True)
class Reach:
    """What a caller sees: at most one of reporter, party and division is set; none means
    everything."""

    reporter: str | None = None
    party: str | None = None
    division: str | None = None
    discreet: tuple[str | None, str] | None = None
    """Of confidential cases only those of this party and this reporter; None: all of them."""


def reach(caller: Caller) -> Reach:
    """The widest reach that one of the caller's roles gives."""
    if "admin" in caller.roles:
        return Reach(division=caller.division)
    if "supervisor" in caller.roles and caller.division:
        return Reach(division=caller.division)
    if "dispatcher" in caller.roles and caller.division:
        return Reach(division=caller.division, discreet=(caller.party, caller.account))
    if "handler" in caller.roles and caller.party:
        return Reach(party=caller.party)
    if "program" in caller.roles and caller.division:
        return Reach(division=caller.division, discreet=(None, caller.account))
    return Reach(reporter=caller.account)


@dataclass(frozen=True)
class Whereabouts:
    """What decides who may see a case."""

    reporter: str
    party: str | None
    """Id of the responsible party."""
    divisions: Sequence[str]
    """Codes of the divisions it lies in, county to grid."""
    confidential: bool


def within(limits: Reach) -> dict[str, Any]:
    """The reach as a MongoDB filter of cases; ``lies_within`` is the same in memory."""
    if limits.reporter is not None:
        return {"reporter": limits.reporter}
    if limits.party is not None:
        return {"responsible.id": limits.party}
    query: dict[str, Any] = {"divisions": limits.division} if limits.division else {}
    if limits.discreet is not None:
        party, account = limits.discreet
        own = [{"category.confidential": False}, {"reporter": account}]
        query["$or"] = own + ([{"responsible.id": party}] if party else [])
    return query


def lies_within(limits: Reach, case: Whereabouts) -> bool:
    """Whether a case is within reach; ``within`` is the same for the database."""
    if limits.reporter is not None:
        return case.reporter == limits.reporter
    if limits.party is not None:
        return case.party == limits.party
    if limits.division is not None and limits.division not in case.divisions:
        return False
    if limits.discreet is None or not case.confidential:
        return True
    party, account = limits.discreet
    return case.reporter == account or (party is not None and case.party == party)


def sees_division(caller: Caller, code: str) -> bool:
    """Whether figures of a division are within the caller's reach."""
    limits = reach(caller)
    if limits.reporter or limits.party:
        return False
    return limits.division is None or covers(limits.division, code)
