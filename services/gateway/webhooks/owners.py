"""Who owns a webhook, as their account is now: what they see is judged by that."""

from __future__ import annotations

import time
from typing import Any

from services.gateway.accounts.records import caller_now
from services.gateway.identities import SEPARATOR, is_person, program_account
from services.gateway.store import GatewayStore
from suishoupai import clock
from suishoupai.access import Caller

FRESH_SECONDS = 3.0
"""How old what is remembered of an owner may be. It decides only whether a delivery is made: before
it is sent, the account is looked up again."""


def owner_now(store: GatewayStore, owner: str) -> Caller | None:
    """The person or program of an account; None for one that is gone, disabled or expired."""
    if is_person(owner):
        return caller_now(store.accounts.find(owner))
    found = store.programs.find({"_id": owner.partition(SEPARATOR)[2]}, 1)
    return _program(found[0] if found else None)


def _program(program: dict[str, Any] | None) -> Caller | None:
    if program is None or program["disabled"]:
        return None
    if program["expires_at"] is not None and program["expires_at"] <= clock.now():
        return None
    return Caller(program_account(program["_id"]), ("program",), program["division"])


class Owners:
    """Owners, remembered for ``FRESH_SECONDS``."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller | None]] = {}

    def find(self, store: GatewayStore, owner: str) -> Caller | None:
        """``owner_now``, as it was at most ``FRESH_SECONDS`` ago."""
        now = time.monotonic()
        known = self._known.get(owner)
        if known is None or known[0] <= now:
            known = self._known[owner] = now + FRESH_SECONDS, owner_now(store, owner)
        return known[1]
