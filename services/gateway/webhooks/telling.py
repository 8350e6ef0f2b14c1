"""From events to deliveries: one for each webhook that is to hear of an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.gateway.happening import whereabouts
from services.gateway.store import GatewayStore
from services.gateway.webhooks.matching import is_wanted, may_be_told
from services.gateway.webhooks.messages import new_delivery, of_event
from services.gateway.webhooks.owners import Owners
from suishoupai.contracts.events import Event

Document = dict[str, Any]


def tell(events: Sequence[Event], store: GatewayStore, owners: Owners, at: datetime) -> bool:
    """Makes the deliveries of events; says whether there are any. Told twice, they are the same
    deliveries: unique by webhook and event."""
    webhooks = store.webhooks.enabled()
    deliveries = [
        delivery for event in events for delivery in _of(event, webhooks, store, owners, at)
    ]
    if deliveries:
        store.deliveries.insert(deliveries)
        store.webhooks.stir({delivery["webhook"] for delivery in deliveries}, at)
    return bool(deliveries)


def _of(
    event: Event, webhooks: Sequence[Document], store: GatewayStore, owners: Owners, at: datetime
) -> list[Document]:
    where = whereabouts(event)
    if where is None:
        return []
    return [
        new_delivery(webhook["_id"], of_event(event), where, event.sequence, at)
        for webhook in webhooks
        if is_wanted(webhook, event.type, where)
        and may_be_told(owners.find(store, webhook["owner"]), where)
    ]
