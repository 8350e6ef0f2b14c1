"""The notify service: what it answers and what it reacts to."""

from __future__ import annotations

from typing import Any

from services.notify import handlers
from services.notify.store import NoticeStore
from suishoupai.access import Caller
from suishoupai.messaging.consumer import consume
from suishoupai.messaging.outbox import Outbox
from suishoupai.mongo import Store
from suishoupai.rpc import answers


class NotifyService:
    """Tells people what they must hear of."""

    name = "notify"

    store = Store(NoticeStore)
    announce = Outbox(lambda store: store.notices)

    @consume("issue.assigned", purpose="tell")
    def tell(self, events: list[Any]) -> None:
        """A case was assigned: its party is told."""
        handlers.tell(events, self.store, self.announce)

    @answers("inbox")
    def inbox(self, caller: Caller, filters: dict[str, Any]) -> Any:
        """A page of an inbox."""
        return handlers.inbox(caller, filters, self.store)
