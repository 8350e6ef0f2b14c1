"""The callers of the scope table: one of each role, and how each proves who it is."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from services.gateway.accounts.tokens import ALGORITHM, AUDIENCE

ROOT = Path(__file__).resolve().parents[3]


def _compound():
    text = (ROOT / "data" / "demo" / "compounds.geojson").read_text(encoding="utf-8")
    return json.loads(text)["features"][0]["properties"]


COMPOUND = _compound()
"""The compound that everything inside lies in."""
COMMUNITY = COMPOUND["grids"][0][:12]
TOWN, COUNTY = COMMUNITY[:9], COMMUNITY[:6]


@dataclass(frozen=True)
class Role:
    """A column of the table: what the account of that caller says."""

    role: str
    division: str | None = None
    party: str | None = None
    member: str | None = None


ROLES = {
    "member": Role("reporter", member="courier-01"),
    "resident": Role("reporter"),
    "handler": Role("handler", party=COMPOUND["property"]),
    "dispatcher": Role("dispatcher", COMMUNITY, f"community-{COMMUNITY}"),
    "town": Role("supervisor", TOWN),
    "county": Role("supervisor", COUNTY),
    "admin": Role("admin"),
    "town_admin": Role("admin", TOWN),
    "program": Role("program", TOWN),
    "nobody": None,
}
"""Columns of the table, in its order; nobody has no account."""


class Callers:
    """Accounts made for one purpose, each named ``PURPOSE-ROLE``."""

    def __init__(self, world, purpose):
        self.world = world
        self.purpose = purpose
        for name, role in ROLES.items():
            if role and role.role != "program":
                world.account(self.account(name), role.role, role.division, role.party, role.member)

    def account(self, name):
        """The account's name."""
        return f"{self.purpose}-{name}"

    def headers(self, name):
        """The headers by which a caller proves who it is; none for nobody."""
        if ROLES[name] is None:
            return {}
        return {"Authorization": f"Bearer {self.token(name)}"}

    def token(self, name):
        """An access token; a program's is signed here, for a program has no password."""
        role = ROLES[name]
        if role.role != "program":
            return self.world.token(self.account(name))
        claims = {
            "sub": self.account(name),
            "roles": [role.role],
            "division": role.division,
            "party": role.party,
            "member": role.member,
            "aud": AUDIENCE,
            "exp": datetime.now(UTC) + timedelta(hours=1),
        }
        return jwt.encode(claims, self.world.stack.settings().token_secret, ALGORITHM)

    def renew(self):
        """Forgets every token: the next one is asked for anew."""
        for name in ROLES:
            self.world.clients.pop(self.account(name), None)
