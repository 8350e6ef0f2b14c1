"""What an account is bound to, and who may give that (DOMAIN: roles in the product).

A handler acts for a party, a dispatcher and a supervisor for a division, an admin for a division or
for the county as a whole, a reporter for nobody but perhaps as a grid member. A program is no
account: it comes with a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.gateway.operation import PEOPLE
from suishoupai.access import Caller
from suishoupai.divisions import ancestry, covers

NEEDED = {"handler": "party", "dispatcher": "division", "supervisor": "division"}
"""Role → what an account with it must have."""
TAKEN_BY = {
    "division": frozenset({"dispatcher", "supervisor", "admin"}),
    "party": frozenset({"handler", "dispatcher"}),
    "member": frozenset({"reporter"}),
}
"""What an account may have → the roles of which it needs one for that."""
GIVEN_BY = {
    "admin": PEOPLE,
    "supervisor": frozenset({"reporter", "handler", "dispatcher"}),
}
"""Role → the roles it may give."""


class Fault(NamedTuple):
    """What is wrong, and in which field."""

    field: str
    message: str


@dataclass(frozen=True)
class Binding:
    """What decides how far an account sees."""

    roles: tuple[str, ...]
    division: str | None = None
    party: str | None = None
    member: str | None = None
    courier: bool = False
    """Whether the grid member is a courier (DOMAIN: grid member)."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Binding:
        """The binding in an account or an invitation."""
        roles = tuple(row["roles"])
        return cls(
            roles,
            row.get("division"),
            row.get("party"),
            row.get("member"),
            row.get("courier", False),
        )

    @property
    def is_county_admin(self) -> bool:
        """Whether nothing is out of its reach."""
        return "admin" in self.roles and self.division is None


def fault(binding: Binding) -> Fault | None:
    """What is wrong with a binding, or None."""
    if not binding.roles:
        return Fault("roles", "at least one is needed")
    if strange := [role for role in binding.roles if role not in PEOPLE]:
        return Fault("roles", f"not a role of people: {', '.join(strange)}")
    if len(set(binding.roles)) < len(binding.roles):
        return Fault("roles", "each only once")
    return _lacking(binding) or _surplus(binding)


def _lacking(binding: Binding) -> Fault | None:
    for role in binding.roles:
        name = NEEDED.get(role)
        if name and getattr(binding, name) is None:
            return Fault(name, f"a {role} needs one")
    return None


def _surplus(binding: Binding) -> Fault | None:
    for name, roles in TAKEN_BY.items():
        if getattr(binding, name) is not None and not roles & set(binding.roles):
            return Fault(name, f"only for {', '.join(sorted(roles))}")
    if binding.courier and binding.member is None:
        return Fault("courier", "only for a grid member")
    return None


def gift_fault(giver: Caller, binding: Binding, party_division: str | None) -> str | None:
    """Why a caller may not give a binding, or None: nobody gives more than they have.

    ``party_division``: code of the division in which the binding's party is at work.
    """
    mine = frozenset[str]().union(*(GIVEN_BY.get(role, ()) for role in giver.roles))
    if beyond := set(binding.roles) - mine:
        return f"you cannot give: {', '.join(sorted(beyond))}"
    if giver.division is None:
        return None if "admin" in giver.roles else "you are bound to no division"
    if binding.is_county_admin:
        return "an admin without a division sees more than you do"
    for code in (binding.division, party_division):
        if code is not None and not covers(giver.division, code):
            return f"{code} is outside your division"
    return None


def homes(binding: Binding, party_division: str | None, giver: str | None) -> list[str]:
    """Codes of the divisions from which an account is looked after, the county first; empty when
    only the county's admins do: its own division, else its party's, else that of its giver."""
    home = binding.division or party_division or giver
    return ancestry(home) if home else []


def looks_after(caller: Caller, within: Sequence[str]) -> bool:
    """Whether an account with these homes is a caller's to see; ``in_homes`` is the same for the
    database."""
    return Binding(caller.roles, caller.division).is_county_admin or caller.division in within


def in_homes(caller: Caller) -> dict[str, Any]:
    """The accounts a caller looks after, as a MongoDB filter."""
    everywhere = Binding(caller.roles, caller.division).is_county_admin
    return {} if everywhere else {"homes": caller.division or "nowhere"}
