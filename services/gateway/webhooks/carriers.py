"""Runs the carrying of webhooks beside the gateway's other work: several at once, few to one host,
so that one that is slow or dead holds no other up."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any

import structlog
from eventlet import GreenPool
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge

from services.gateway.webhooks.carrier import HOLD, Carrier
from services.gateway.webhooks.owners import Owners
from services.gateway.webhooks.telling import tell
from suishoupai import clock, outward
from suishoupai.contracts.events import Event
from suishoupai.mongo import store_of
from suishoupai.runner import Runner
from suishoupai.settings import read_settings

AT_ONCE = 16
"""Webhooks that one process sends to at a time."""
AT_ONCE_TO_A_HOST = 4
COUNT_SECONDS = 10.0
"""How old the metric may be."""

DELIVERIES = Counter(
    "suishoupai_webhook_deliveries_total",
    "Deliveries taken up, by outcome: sent, retried, failed or dropped",
    ["outcome"],
)
WAITING = Gauge(
    "suishoupai_webhook_deliveries_waiting",
    "Deliveries not sent yet; every replica says the same",
)

log = structlog.get_logger(__name__)


class WebhookCarriers(DependencyProvider):
    """Makes the deliveries of events, and carries them.

    Example::

        webhook_carriers = WebhookCarriers()

        self.webhook_carriers.tell(events)
    """

    def __init__(self) -> None:
        self._owners = Owners()
        self._pool = GreenPool(AT_ONCE)
        self._hosts: Tally[str] = Tally()
        self._runner = Runner("webhooks", self._look)
        self._counted_at = 0.0

    def start(self) -> None:
        """Carries until stopped."""
        settings = read_settings()
        self._store: Any = store_of(self.container).store
        self._carrier = Carrier(
            self._store, settings.retry_seconds, settings.private_webhooks, outward.post
        )
        self._runner.start(self.container)

    def stop(self) -> None:
        """Leaves once what is in hand is settled."""
        self._carrier.stopping = True
        self._runner.stop()
        self._runner.wait()
        self._pool.waitall()

    def get_dependency(self, worker_ctx: Any) -> WebhookCarriers:
        """This provider: it holds no state of a single request."""
        return self

    def tell(self, events: Sequence[Event]) -> None:
        """Makes the deliveries of events, and lets them be carried without waiting for it."""
        if tell(events, store_of(self.container).store, self._owners, clock.now()):
            self._runner.wake()

    def degraded(self) -> str | None:
        """Why webhooks are not being carried now, or None: what waits is kept."""
        return self._runner.failure

    def _look(self) -> None:
        while not self._runner.stopping and self._pool.free() > 0:
            now = clock.now()
            busy = [host for host, count in self._hosts.items() if count >= AT_ONCE_TO_A_HOST]
            claimed = self._store.webhooks.claim(now, now + HOLD, busy)
            if claimed is None:
                break
            self._hosts[claimed["host"]] += 1
            self._pool.spawn_n(self._carry, claimed)
        if time.monotonic() - self._counted_at >= COUNT_SECONDS:
            WAITING.set(self._store.deliveries.count_waiting())
            self._counted_at = time.monotonic()

    def _carry(self, claimed: dict[str, Any]) -> None:
        try:
            self._carrier.carry(claimed, lambda outcome: DELIVERIES.labels(outcome).inc())
        except Exception as error:  # whatever it is: the hold expires, and what waits is kept
            log.warning("webhook not carried", webhook=claimed["_id"], error=repr(error))
        finally:
            self._hosts -= Tally([claimed["host"]])
            self._runner.wake()
