"""Makes ordered exports (see ``Workshop``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from services.gateway.accounts.records import caller_now
from services.gateway.exports.operations import EXPORTERS
from services.gateway.exports.sheets import sweep
from services.gateway.exports.work import KEPT, Bench, make
from services.gateway.jobs.workshop import Trade
from suishoupai.access import Caller
from suishoupai.rpc import Peers

THREADS = 2
"""Exports that one process makes at a time."""
ORPHANED = 3 * KEPT
"""How old a part is that can be of no export any more."""


def equipped(store: Any, peers: Peers, is_leaving: Callable[[], bool]) -> Trade:
    """What exports are made with."""
    sweep()
    bench = Bench(
        store=store.exports,
        caller_of=lambda name: caller_of(store.accounts.find(name)),
        ask=lambda question, caller, filters: peers.ask(
            "issues", question, caller, filters=filters
        ),
        is_leaving=is_leaving,
    )
    return Trade(store.exports, partial(make, bench=bench), KEPT, ORPHANED)


def caller_of(account: Any) -> Caller | None:
    """The caller that an account is now; None for one that may not export."""
    caller = caller_now(account)
    return caller if caller and EXPORTERS & set(caller.roles) else None
