"""The issues service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

import structlog
from nameko.timer import timer

from services.issues import handlers
from services.issues.store import IssueStore
from suishoupai.access import Caller
from suishoupai.county import County
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.outbox import Outbox
from suishoupai.mongo import Store, is_unavailable
from suishoupai.rpc import answers
from suishoupai.settings import read_settings

RING_SECONDS = 5
"""How often alarms are looked for: as late as this one may ring."""

log = structlog.get_logger(__name__)


class IssuesService:
    """System of record of the cases."""

    name = "issues"

    store = Store(IssueStore)
    announce = Outbox(lambda store: store.issues)
    county = County(read_settings().county)

    @answers("report")
    def report(self, caller: Caller, body: Any, key: str) -> Any:
        """Takes a report."""
        return handlers.report(caller, body, key, self.store, self.announce, self.county)

    @answers("read_issue")
    def read_issue(self, caller: Caller, issue: str) -> Any:
        """One case."""
        return handlers.read(caller, issue, self.store)

    @answers("find_issues")
    def find_issues(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """A page of cases."""
        return handlers.find(caller, filters, self.store)

    @answers("categories")
    def categories(self, caller: Caller) -> Any:
        """The catalogue."""
        return handlers.categories(self.store)

    # Not vital: reports are taken while the broker is away.
    @consume("issue.assigned", purpose="dispatch", vital=False)
    def dispatch(self, events: list[Any]) -> None:
        """A case was assigned: it goes to its party."""
        handlers.dispatch(events, self.store, self.announce)

    @timer(interval=RING_SECONDS)
    def ring(self) -> None:
        """Time has passed: cases become due soon and overdue."""
        try:
            handlers.ring(self.store, self.announce)
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("alarms ring when the database is back", error=str(error))
