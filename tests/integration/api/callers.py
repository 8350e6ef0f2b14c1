"""The callers of the scope table: one of each role, and how each proves who it is."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.gateway.identities import program_account

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


PLENTY = 100_000
"""Requests in a minute: what a program may ask here, so that no limit stands before a rule."""


def allowed(operation):
    """The callers who may call an operation, one of each role, whoever sees most first."""
    names = {role.role: name for name, role in reversed(ROLES.items()) if role}
    ranked = ("admin", *(role for role in names if role != "admin"))
    return [names[role] for role in ranked if role in operation.roles] or ["nobody"]


class Callers:
    """Accounts made for one purpose, each named ``PURPOSE-ROLE``; and a program with its key."""

    def __init__(self, world, purpose):
        self.world = world
        self.purpose = purpose
        for name, role in ROLES.items():
            if role and role.role != "program":
                account = self.account(name)
                world.account(account, role.role, role.division, role.party, role.member)
        self.program = self._registered()

    def account(self, name):
        """The account's name."""
        if name == "program":
            return program_account(self.program["id"])
        return f"{self.purpose}-{name}"

    def _registered(self):
        """The program as it is answered once: with its key."""
        limits = dict.fromkeys(("reports", "reads", "uploads"), PLENTY)
        body = {
            "name": self.purpose,
            "division": ROLES["program"].division,
            "limits": {f"{name}_per_minute": most for name, most in limits.items()},
        }
        made = self.world.request("POST", "/api/v1/programs", self.account("admin"), json=body)
        assert made.status == 201, made
        return made.body

    def headers(self, name):
        """The headers by which a caller proves who it is; none for nobody."""
        if ROLES[name] is None:
            return {}
        if name == "program":
            return {"X-API-Key": self.program["key"]}
        return {"Authorization": f"Bearer {self.world.token(self.account(name))}"}

    def forgive(self):
        """Forgets wrong passwords: the table sends many, and nobody is to be locked out by it."""
        self.world.database("gateway")["login_failures"].delete_many({})

    def renew(self, *names):
        """Forgets the tokens of some, or of everybody: the next ones are asked for anew."""
        self.forgive()
        for name in set(names or ROLES) - {"program", "nobody"}:
            self.world.clients.pop(self.account(name), None)
