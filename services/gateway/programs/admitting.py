"""Admits a program by its API key.

Example::

    program = program_caller(gateway.store.programs, "ssp_01J…_…")
    gateway.peers.ask("issues", "find_issues", program.caller, filters={})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.gateway.identities import program_account
from services.gateway.programs.keys import fits, id_of_key
from services.gateway.programs.store import ProgramStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

USE_NOTED = timedelta(minutes=1)
"""How exactly it is kept when a key was last used."""


@dataclass(frozen=True)
class Admitted:
    """Who asks, and how often they may where that is their own."""

    caller: Caller
    limits: Mapping[str, int]
    """Requests a minute by the name of the limit; one that is not here is everybody's."""


def program_caller(store: ProgramStore, key: str) -> Admitted:
    """The program an API key belongs to; raises ``Problem`` (401) for a key that is unknown,
    revoked, expired, or of a program that is disabled."""
    key_id = id_of_key(key)
    program = store.by_key(key_id) if key_id else None
    kept = next((each for each in program["keys"] if each["id"] == key_id), None) if program else {}
    if not key_id or not program or not kept or not fits(kept["sha256"], key):
        raise Problem("unauthenticated", "the API key is not valid")
    now = clock.now()
    _require_usable(program, now)
    if kept["last_used_at"] is None or kept["last_used_at"] <= now - USE_NOTED:
        store.used(key_id, now, now - USE_NOTED)
    return Admitted(
        Caller(program_account(program["_id"]), ("program",), division=program["division"]),
        {name.removesuffix("_per_minute"): most for name, most in program["limits"].items()},
    )


def _require_usable(program: Mapping[str, Any], now: datetime) -> None:
    if program["disabled"]:
        raise Problem("unauthenticated", "the program is disabled")
    if program["expires_at"] is not None and program["expires_at"] <= now:
        raise Problem("unauthenticated", "the program's time is over")
