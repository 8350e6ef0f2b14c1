"""Who looked at a reporter's identity is written down (DOMAIN: people): once per account, case and
day, before it is shown. Where it cannot be written, nothing is shown: 503, to be tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.gateway.admission import Call
from services.gateway.audit.handlers import record_once
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]

TELLING = frozenset({"reporter", "history"})
"""Fields of a case that say who reported: a history begins with whoever did."""


def ask_case(gateway: Gateway, call: Call, question: str, **arguments: Any) -> Document:
    """The case that the issues service answers with; raises the ``Problem`` it refused with, which
    may hold the case as it is now: that is seen as well."""
    try:
        case: Document = gateway.peers.ask("issues", question, call.caller, **arguments)
    except Problem as problem:
        if problem.current:
            reporters_seen(gateway, call, [problem.current])
        raise
    reporters_seen(gateway, call, [case])
    return case


def reporters_seen(gateway: Gateway, call: Call, cases: Iterable[Mapping[str, Any]]) -> None:
    """Writes down whose identity the caller is about to be shown with these cases."""
    if not call.caller.sees_reporters:
        return
    seen = [case["id"] for case in cases if is_revealing(case, call.caller.account)]
    day = clock.local_day(clock.now()).isoformat()
    record_once(gateway, call, day, "reporter_seen", seen)


def is_revealing(case: Mapping[str, Any], account: str) -> bool:
    """Whether what is shown of a case tells an account who somebody else is."""
    return bool(TELLING & case.keys()) and case.get("reporter") != account
