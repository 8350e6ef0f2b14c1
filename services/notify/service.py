"""The notify service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

import structlog
from nameko.timer import timer

from services.notify import handlers
from services.notify.carriers import Carriers
from services.notify.rulebook import read_rulebook
from services.notify.store import NotifyStore
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.events import CHANGES, REPORTS
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.outbox import Outbox
from suishoupai.mongo import Store, is_unavailable
from suishoupai.rpc import answers
from suishoupai.settings import read_settings

DIGEST_SECONDS = 20
"""How often it is looked whether the hour of the digest has come."""

log = structlog.get_logger(__name__)


class NotifyService:
    """Tells people what they must hear of."""

    name = "notify"

    book = read_rulebook(read_settings())
    digest_at = read_settings().digest_at

    store = Store(NotifyStore)
    announce = Outbox(lambda store: store.notices)
    wake_carriers = Carriers(book)

    @consume(*CHANGES, purpose="tell")
    def tell(self, events: list[Any]) -> None:
        """Something happened to a case: whoever must hear of it is told."""
        handlers.tell(events, self.book, self.store, self.announce)
        self.wake_carriers()

    # Not vital: only reports wait for it.
    @consume(*REPORTS, purpose="reports", vital=False)
    def tell_of_reports(self, events: list[Any]) -> None:
        """A monthly report was made: whoever subscribed to it is told."""
        handlers.tell_of_reports(events, self.book, self.store)
        self.wake_carriers()

    @answers("inbox")
    def inbox(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """A page of an inbox."""
        return handlers.inbox(caller, filters, self.book, self.store)

    @answers("mark_read")
    def mark_read(self, caller: Caller, body: Any) -> Any:
        """What the caller has read."""
        return handlers.mark_read(caller, body, self.store)

    @answers("deliveries")
    def deliveries(self, caller: Caller, notice: str) -> Any:
        """What became of the messages about a notice."""
        return handlers.deliveries(caller, notice, self.store)

    @answers("notifications")
    def notifications(self, caller: Caller) -> Any:
        """What the caller chose."""
        return handlers.notifications(caller, self.book, self.store)

    @answers("choose_notifications")
    def choose_notifications(self, caller: Caller, body: Any) -> Any:
        """What the caller chooses from now on."""
        return handlers.choose_notifications(caller, body, self.book, self.store)

    @timer(interval=DIGEST_SECONDS)
    def digest(self) -> None:
        """Time has passed: once a day parties and dispatchers are told what their inbox holds
        anew."""
        try:
            handlers.digest(clock.now(), self.digest_at, self.book, self.store)
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("digests are made when the database is back", error=str(error))
        else:
            self.wake_carriers()
