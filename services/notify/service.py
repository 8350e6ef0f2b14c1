"""The notify service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

import structlog
from nameko.timer import timer

from services.notify import handlers
from services.notify.store import NoticeStore
from suishoupai import clock
from suishoupai.access import Caller
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

    store = Store(NoticeStore)
    announce = Outbox(lambda store: store.notices)

    digest_at = read_settings().digest_at

    @consume("issue.assigned", "issue.due_soon", "issue.overdue", purpose="tell")
    def tell(self, events: list[Any]) -> None:
        """A case was assigned, or its limit comes near or passes: its party is told."""
        handlers.tell(events, self.store, self.announce)

    @answers("inbox")
    def inbox(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """A page of an inbox."""
        return handlers.inbox(caller, filters, self.store)

    @timer(interval=DIGEST_SECONDS)
    def digest(self) -> None:
        """Time has passed: once a day each party is told what its inbox holds anew."""
        try:
            handlers.digest(clock.now(), self.digest_at, self.store)
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("digests are made when the database is back", error=str(error))
