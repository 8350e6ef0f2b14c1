"""The issues service: what it answers and what it reacts to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from nameko.timer import timer

from services.issues import acting, handlers, remarks, searching
from services.issues.danger import read_danger
from services.issues.duplicates import Likeness
from services.issues.office import Office, Request
from services.issues.store import IssueStore
from services.issues.suggesting import CurrentSuggester
from services.issues.working_time import read_working_time
from suishoupai.access import Caller, reach
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
    settings = read_settings()
    county = County(settings.county)
    hours = read_working_time(settings.county / "working_time.json")
    danger = read_danger(settings.county / "danger.json")
    likeness = Likeness(settings.duplicate_metres, timedelta(days=settings.duplicate_days))
    suggester = CurrentSuggester(settings.county)

    @property
    def office(self) -> Office:
        """What the handlers work with."""
        return Office(
            self.store, self.county, self.hours, self.danger, self.likeness, self.announce
        )

    @answers("report")
    def report(self, caller: Caller, body: Any, key: str, hashes: Sequence[str] = ()) -> Any:
        """Takes a report."""
        return handlers.report(caller, body, key, self.office, hashes)

    @answers("known_report")
    def known_report(self, caller: Caller, key: str) -> Any:
        """The report that came with a key before."""
        return handlers.known_report(caller, key, self.store)

    @answers("act")
    def act(
        self,
        caller: Caller,
        issue: str,
        action: str,
        body: Any,
        party: Any,
        matching: list[int] | None = None,
    ) -> Any:
        """Takes an action on a case."""
        versions = None if matching is None else tuple(matching)
        return acting.act(Request(caller, action, body, party, versions), issue, self.office)

    @answers("act_all")
    def act_all(self, caller: Caller, items: Any, parties: dict[str, Any]) -> Any:
        """Takes actions on several cases."""
        return acting.act_all(caller, items, parties, self.office)

    @answers("remark")
    def remark(self, caller: Caller, issue: str, body: Any) -> Any:
        """Adds what was said of a case elsewhere."""
        return remarks.remark(caller, issue, body, self.office)

    @answers("actions")
    def actions(self, caller: Caller, issue: str) -> Any:
        """What the caller may do with a case now."""
        return acting.actions(caller, issue, self.store)

    @answers("nearby")
    def nearby(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Open cases that may be about the same."""
        return handlers.nearby(filters, self.office)

    @answers("read_issue")
    def read_issue(self, caller: Caller, issue: str, filters: Any = None) -> Any:
        """One case."""
        return handlers.read(caller, issue, filters, self.store)

    @answers("shows_photo")
    def shows_photo(self, caller: Caller, photo: str) -> Any:
        """Whether a case that the caller may see shows a photo."""
        return {"shown": self.store.shows_photo(photo, reach(caller))}

    @answers("photos_in_use")
    def photos_in_use(self, caller: Caller, photos: list[str]) -> Any:
        """Which of these photos any case shows."""
        return {"photos": self.store.photos_in_use(photos)}

    @answers("find_issues")
    def find_issues(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """A page of cases."""
        return handlers.find(caller, filters, self.store)

    @answers("count_issues")
    def count_issues(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """How many cases there are."""
        return handlers.count(caller, filters, self.store)

    @answers("find_changed")
    def find_changed(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """Cases by more filters than a page shows."""
        return searching.find_changed(caller, filters, self.store)

    @answers("find_steps")
    def find_steps(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """What happened to cases."""
        return searching.find_steps(caller, filters, self.store)

    @answers("categories")
    def categories(self, caller: Caller) -> Any:
        """The catalogue."""
        return handlers.categories(self.store)

    @answers("suggest")
    def suggest(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """The categories that a description speaks of."""
        return handlers.suggest(filters, self.suggester, self.store)

    # Not vital: reports are taken while the broker is away.
    @consume("issue.assigned", purpose="dispatch", vital=False)
    def dispatch(self, events: list[Any]) -> None:
        """A case was assigned: it is placed, and goes to its party where it may."""
        handlers.dispatch(events, self.office)

    @timer(interval=RING_SECONDS)
    def ring(self) -> None:
        """Time has passed: cases become due soon and overdue."""
        try:
            handlers.ring(self.office)
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("alarms ring when the database is back", error=str(error))
