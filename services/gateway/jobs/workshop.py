"""Makes ordered jobs of one kind beside the gateway's other work, as many at a time as it has
threads.

A job is claimed by an atomic write, and the claim is renewed while it is worked at: two replicas
never make the same, and one that was killed is taken up by another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider

from services.gateway.jobs.store import JobStore
from services.gateway.jobs.work import CLAIM, Left, Refused, failed, held_until
from suishoupai import clock, tracing
from suishoupai.contracts.problems import Problem
from suishoupai.mongo import is_unavailable, store_of
from suishoupai.rpc import Peers

LOOK_SECONDS = 1.0
"""How often it is looked for what waits."""
EXPIRE_SECONDS = 60.0
"""How often it is looked for what has expired."""
PAUSE = timedelta(seconds=5)
"""How long a job rests when a service that it needs is away."""
TRIES = 3
"""Errors that nobody meant, before a job is given up."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Trade:
    """What jobs of one kind are made with."""

    store: JobStore
    make: Callable[[Any], None]
    """Makes a claimed job to its end; raises ``Left``, ``Refused`` or whatever goes wrong."""
    kept: timedelta
    """How long one that failed is shown."""
    orphaned: timedelta
    """How old a part is that can be of no job any more."""


Equip = Callable[[Any, Peers, Callable[[], bool]], Trade]
"""(the gateway's stores, its peers, whether this process is about to stop) → the trade."""


class Workshop(DependencyProvider):
    """The threads that make jobs.

    Example::

        exporter = Workshop("exports", 2, equipped)
    """

    def __init__(self, name: str, threads: int, equip: Equip) -> None:
        self._name = name
        self._amount = threads
        self._equip = equip
        self._stopping = Signal()
        self._threads: list[Any] = []
        self._failure: str | None = None

    def start(self) -> None:
        """Makes jobs until stopped."""
        peers = next(each for each in self.container.dependencies if isinstance(each, Peers))
        stores = store_of(self.container).store
        self._trade = self._equip(stores, peers, self._stopping.ready)
        for number in range(self._amount):
            name = f"{self._name} {number}"
            self._threads.append(self.container.spawn_managed_thread(self._run, identifier=name))

    def stop(self) -> None:
        """Leaves after the step in hand; whoever comes next goes on."""
        if not self._stopping.ready():
            self._stopping.send()
        for thread in self._threads:
            thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Workshop:
        """This provider; nobody needs to tell it anything."""
        return self

    def degraded(self) -> str | None:
        """Why no jobs are made now, or None."""
        return self._failure

    def _run(self) -> None:
        expired_at = 0.0
        while not self._stopping.ready():
            try:
                if time.monotonic() - expired_at >= EXPIRE_SECONDS:
                    now = clock.now()
                    self._trade.store.expire(now, now - self._trade.orphaned)
                    expired_at = time.monotonic()
                while not self._stopping.ready() and self._make_next():
                    pass
                self._failure = None
            except Exception as error:  # whatever it is: the gateway goes on, and so does this
                self._failure = f"{type(error).__name__}: {error}"
                log.warning("jobs wait", kind=self._name, error=repr(error), exc_info=error)
            with eventlet.Timeout(LOOK_SECONDS, False):
                self._stopping.wait()

    def _make_next(self) -> bool:
        """Makes the job that waits the longest; says whether there was one."""
        now = clock.now()
        job = self._trade.store.claim(now, now + CLAIM)
        if job is None:
            return False
        tracing.begin(tracing.new_trace())
        with self._claimed(job):
            update = self._made(job)
        if update:
            self._trade.store.change(job, update)
        return True

    def _made(self, job: Any) -> Any:
        """Makes a job; answers the update that says what else became of it than done."""
        try:
            self._trade.make(job)
        except Left:
            return held_until(clock.now())
        except Refused as reason:
            return failed(str(reason), clock.now(), self._trade.kept)
        except Exception as error:
            return self._after(job, error)
        return None

    def _after(self, job: Any, error: Exception) -> Any:
        """What becomes of a job after an error: it rests, or is given up."""
        kept = self._trade.kept
        refused = error if isinstance(error, Problem) else None
        if is_unavailable(error) or (refused and refused.code == "unavailable"):
            return held_until(clock.now() + PAUSE)
        log.error(
            "a job failed", kind=self._name, job=job["_id"], error=repr(error), exc_info=error
        )
        if refused and refused.status < 500:
            return failed(str(refused), clock.now(), kept)
        if job["tries"] + 1 >= TRIES:
            return failed("something went wrong here", clock.now(), kept)
        return {**held_until(clock.now() + PAUSE), "$inc": {"tries": 1}}

    @contextmanager
    def _claimed(self, job: Any) -> Iterator[None]:
        """Renews the claim on a job meanwhile."""
        over = Signal()
        eventlet.spawn(self._renew, job, over)
        try:
            yield
        finally:
            over.send()

    def _renew(self, job: Any, over: Signal) -> None:
        while True:
            with eventlet.Timeout(CLAIM.total_seconds() / 3, False):
                over.wait()
            if over.ready():
                return
            try:
                self._trade.store.change(job, held_until(clock.now() + CLAIM))
            except Exception as error:  # a database that is away: the claim may be lost to another
                log.warning("a claim was not renewed", job=job["_id"], error=repr(error))
