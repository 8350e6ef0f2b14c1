"""Makes ordered and scheduled reports (see ``Workshop``), and says who hears of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from services.gateway.accounts.records import caller_now
from services.gateway.jobs.workshop import Trade
from services.gateway.operation import DESK
from services.gateway.reports.months import due_at
from services.gateway.reports.questions import Question
from services.gateway.reports.schedule import timetable
from services.gateway.reports.work import KEPT, KEPT_SCHEDULED, Bench, make
from suishoupai.access import Caller, sees_division
from suishoupai.county import division_names
from suishoupai.rpc import Peers
from suishoupai.settings import read_settings

Document = dict[str, Any]

THREADS = 1
"""Reports that one process makes at a time."""
ORPHANED = 2 * KEPT_SCHEDULED
"""How old a file is that can be of no report any more."""
PATH = "/api/v1/reports"


def equipped(store: Any, peers: Peers, is_leaving: Callable[[], bool]) -> Trade:
    """What reports are made with."""
    settings = read_settings()

    def put(question: Question, caller: Caller) -> Document:
        service, name = question.service, question.name
        answered: Document = peers.ask(service, name, caller, **question.arguments)
        return answered

    def subscribers(report: Document) -> list[str]:
        until = due_at(report["month"], timetable(settings))
        names = store.reports.subscribers(report["division"], until)
        return [name for name in names if _sees(store.accounts.find(name), report["division"])]

    bench = Bench(
        store=store.reports,
        caller_of=lambda name: caller_of(store.accounts.find(name)),
        put=put,
        names=division_names(settings.county),
        subscribers=subscribers,
        link=lambda report: f"{settings.public_url}{PATH}/{report}",
        is_leaving=is_leaving,
    )
    return Trade(store.reports, partial(make, bench=bench), KEPT, ORPHANED)


def caller_of(account: Any) -> Caller | None:
    """The caller that an account is now; None for one that may have no reports."""
    caller = caller_now(account)
    return caller if caller and DESK & set(caller.roles) else None


def _sees(account: Any, division: str) -> bool:
    caller = caller_of(account)
    return caller is not None and sees_division(caller, division)
