"""Fills an empty gateway database: in demo mode the well-known accounts, otherwise nothing."""

from __future__ import annotations

import json
from typing import Any

from pymongo.database import Database

from services.gateway.accounts.passwords import hash_password
from services.gateway.accounts.store import AccountStore
from suishoupai.settings import Settings

Document = dict[str, Any]

DEMO_PASSWORD = "suishoupai"  # noqa: S105 - public by purpose: only the demo seed makes it


def seed(database: Database[Document], settings: Settings) -> str:
    """Writes the demo accounts in demo mode; says what was written."""
    if not settings.demo:
        return "no accounts outside demo mode"
    compounds = json.loads(
        (settings.county / "demo" / "compounds.geojson").read_text(encoding="utf-8")
    )
    accounts = list(demo_accounts(compounds["features"]))
    hashed = hash_password(DEMO_PASSWORD)
    AccountStore(database).write({**account, "password": hashed} for account in accounts)
    return f"{len(accounts)} demo accounts"


def demo_accounts(compounds: list[Document]) -> list[Document]:
    """The demo accounts; handler and dispatcher meet in the county's first compound."""
    compound = compounds[0]["properties"]
    grid: str = compound["grids"][0]
    community, county = grid[:12], grid[:6]
    return [
        _account("member", "reporter", member="courier-01"),
        _account("resident", "reporter"),
        _account("handler", "handler", party=compound["property"]),
        _account("dispatcher", "dispatcher", division=community, party=f"community-{community}"),
        _account("department", "handler", party="department-huanwei"),
        _account("town", "supervisor", division=grid[:9]),
        _account("supervisor", "supervisor", division=county),
        _account("admin", "admin"),
    ]


def _account(
    name: str,
    role: str,
    division: str | None = None,
    party: str | None = None,
    member: str | None = None,
) -> Document:
    return {"_id": name, "roles": [role], "division": division, "party": party, "member": member}
