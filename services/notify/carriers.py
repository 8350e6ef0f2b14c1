"""Runs one carrier for each channel beside the service's other work."""

from __future__ import annotations

import time
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge

from services.notify import transport
from services.notify.carrier import Carrier
from services.notify.rulebook import Rulebook
from suishoupai.mongo import store_of
from suishoupai.settings import read_settings

LOOK_SECONDS = 1.0
"""How often a carrier looks for what has become due."""
COUNT_SECONDS = 10.0
"""How old the metric may be."""
PAUSE_SECONDS = 2.0
"""How long a carrier waits after an error of its own, such as a database that is away."""

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

log = structlog.get_logger(__name__)


class Carriers(DependencyProvider):
    """The carriers of all channels; a service calls it when there is something to carry.

    Example::

        wake_carriers = Carriers(book)

        self.wake_carriers()
    """

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._wakes: dict[str, Signal] = {}
        self._threads: list[Any] = []
        self._failures: dict[str, str] = {}
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
            self._wakes[channel.name] = Signal()
            self._threads.append(
                self.container.spawn_managed_thread(
                    lambda carrier=carrier: self._run(carrier, store),
                    identifier=f"carrier {channel.name}",
                )
            )

    def stop(self) -> None:
        """Leaves once what is in hand is settled."""
        self._stopping = True
        self.wake()
        for thread in self._threads:
            thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The function that tells the carriers that there is something new."""
        return self.wake

    def wake(self) -> None:
        """Lets every carrier look at once, without waiting for it."""
        for signal in self._wakes.values():
            if not signal.ready():
                signal.send()

    def degraded(self) -> str | None:
        """Why messages are not going out now, or None: inboxes are filled all the same."""
        return "; ".join(self._failures.values()) or None

    def _run(self, carrier: Carrier, store: Any) -> None:
        name, counted_at = carrier.channel.name, 0.0
        while not self._stopping:
            try:
                self._carry_all(carrier)
                if time.monotonic() - counted_at >= COUNT_SECONDS:
                    WAITING.labels(name).set(store.deliveries.count_waiting(name))
                    counted_at = time.monotonic()
                self._failures.pop(name, None)
                pause = LOOK_SECONDS
            except Exception as error:  # whatever it is: what waits is kept, other channels go on
                self._failures[name] = f"{name}: {type(error).__name__}: {error}"
                log.warning("carrier failed", channel=name, error=repr(error), exc_info=error)
                pause = PAUSE_SECONDS
            self._rest(name, pause)

    def _carry_all(self, carrier: Carrier) -> None:
        while not self._stopping and (outcome := carrier.carry_next()):
            DELIVERIES.labels(carrier.channel.name, outcome).inc()

    def _rest(self, name: str, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._wakes[name].wait()
        self._wakes[name] = Signal()
