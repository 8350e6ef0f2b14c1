"""Fills an empty gateway database: in demo mode the well-known accounts, otherwise nothing."""

from __future__ import annotations

import json
from typing import Any

from pymongo.database import Database

from services.gateway.accounts.bindings import Binding, homes
from services.gateway.accounts.passwords import hash_password
from services.gateway.accounts.records import new_account
from services.gateway.accounts.store import AccountStore
from suishoupai import clock
from suishoupai.settings import Settings

Document = dict[str, Any]

DEMO_PASSWORD = "suishoupai"  # noqa: S105 - public by purpose: only the demo seed makes it


def seed(database: Database[Document], settings: Settings) -> str:
    """Writes the demo accounts in demo mode; says what was written."""
    if not settings.demo:
        return "no accounts outside demo mode"
    file = settings.county / "demo" / "compounds.geojson"
    compound = json.loads(file.read_text(encoding="utf-8"))["features"][0]["properties"]
    bindings = demo_accounts(compound["grids"][0], compound["property"])
    hashed, at = hash_password(DEMO_PASSWORD), clock.now()
    county: str = compound["grids"][0][:6]
    AccountStore(database).write(
        new_account(name, hashed, binding, at, homes=_homes(binding, county))
        for name, binding in bindings.items()
    )
    return f"{len(bindings)} demo accounts"


def demo_accounts(grid: str, company: str) -> dict[str, Binding]:
    """The demo accounts by name; handler and dispatcher meet in a grid and a compound in it.

    ``grid``: its code; ``company``: id of the compound's property company.
    """
    community, town, county = grid[:12], grid[:9], grid[:6]
    return {
        "member": Binding(("reporter",), member="courier-01", courier=True),
        "resident": Binding(("reporter",)),
        "handler": Binding(("handler",), party=company),
        "dispatcher": Binding(("dispatcher",), community, party=f"community-{community}"),
        "department": Binding(("handler",), party="department-huanwei"),
        "town": Binding(("supervisor",), town),
        "supervisor": Binding(("supervisor",), county),
        "admin": Binding(("admin",)),
    }


def _homes(binding: Binding, county: str) -> list[str]:
    """The demo's companies and departments are the county's, and so are those who report."""
    return [] if binding.is_county_admin else homes(binding, None, county)
