"""Runs one carrier for each channel beside the service's other work."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge

from services.notify import transport
from services.notify.carrier import Carrier
from services.notify.rulebook import Rulebook
from suishoupai.mongo import store_of
from suishoupai.runner import Runner
from suishoupai.settings import read_settings

COUNT_SECONDS = 10.0
"""How old the metric may be."""

DELIVERIES = Counter(
    "suishoupai_deliveries_total",
    "Messages taken up, by outcome: sent, retried, failed, off or put off",
    ["channel", "outcome"],
)
WAITING = Gauge(
    "suishoupai_deliveries_waiting",
    "Messages not sent yet; every replica says the same",
    ["channel"],
)


class Carriers(DependencyProvider):
    """The carriers of all channels; a service calls it when there is something to carry.

    Example::

        wake_carriers = Carriers(book)

        self.wake_carriers()
    """

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._runners: list[Runner] = []
        self._counted_at: dict[str, float] = {}
        self._stopping = False

    def setup(self) -> None:
        """Loads apprise's plugins; raises ``ValueError`` for a channel that it cannot use."""
        if self._book.channels:
            transport.check(self._book.channels)

    def start(self) -> None:
        """Carries until stopped."""
        store, retry_seconds = store_of(self.container).store, read_settings().retry_seconds
        for channel in self._book.channels.values():
            carrier = Carrier(channel, self._book, store, retry_seconds, transport.send)
            runner = Runner(
                f"carrier {channel.name}",
                partial(self._carry_all, carrier, store),
            )
            self._runners.append(runner)
            runner.start(self.container)

    def stop(self) -> None:
        """Leaves once what is in hand is settled."""
        self._stopping = True
        for runner in self._runners:
            runner.stop()
        for runner in self._runners:
            runner.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The function that tells the carriers that there is something new."""
        return self.wake

    def wake(self) -> None:
        """Lets every carrier look at once, without waiting for it."""
        for runner in self._runners:
            runner.wake()

    def degraded(self) -> str | None:
        """Why messages are not going out now, or None: inboxes are filled all the same."""
        return "; ".join(filter(None, (runner.failure for runner in self._runners))) or None

    def _carry_all(self, carrier: Carrier, store: Any) -> None:
        name = carrier.channel.name
        while not self._stopping and (outcome := carrier.carry_next()):
            DELIVERIES.labels(name, outcome).inc()
        if time.monotonic() - self._counted_at.get(name, 0.0) >= COUNT_SECONDS:
            WAITING.labels(name).set(store.deliveries.count_waiting(name))
            self._counted_at[name] = time.monotonic()
