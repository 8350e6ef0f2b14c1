"""Makes ordered exports beside the gateway's other work, as many at a time as it has threads.

An export is claimed by an atomic write, and the claim is renewed while it is worked at: two
replicas never make the same, and one that was killed is taken up by another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider

from services.gateway.accounts.records import caller_now
from services.gateway.exports.operations import EXPORTERS
from services.gateway.exports.sheets import sweep
from services.gateway.exports.work import (
    CLAIM,
    KEPT,
    Bench,
    Left,
    Refused,
    failed,
    held_until,
    make,
)
from suishoupai import clock, tracing
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.mongo import is_unavailable, store_of
from suishoupai.rpc import Peers

THREADS = 2
"""Exports that one process makes at a time."""
LOOK_SECONDS = 1.0
"""How often it is looked for what waits."""
EXPIRE_SECONDS = 60.0
"""How often it is looked for what has expired."""
PAUSE = timedelta(seconds=5)
"""How long an export rests when a service that it needs is away."""
TRIES = 3
"""Errors that nobody meant, before an export is given up."""
ORPHANED = 3 * KEPT
"""How old a part is that can be of no export any more."""

log = structlog.get_logger(__name__)


class Exporter(DependencyProvider):
    """The threads that make exports.

    Example::

        exporter = Exporter()
    """

    def __init__(self) -> None:
        self._stopping = Signal()
        self._threads: list[Any] = []
        self._failure: str | None = None

    def start(self) -> None:
        """Makes exports until stopped."""
        sweep()
        self._store = store_of(self.container).store
        peers = next(each for each in self.container.dependencies if isinstance(each, Peers))
        self._bench = Bench(
            store=self._store.exports,
            caller_of=lambda name: caller_of(self._store.accounts.find(name)),
            ask=lambda question, caller, filters: peers.ask(
                "issues", question, caller, filters=filters
            ),
            is_leaving=self._stopping.ready,
        )
        for number in range(THREADS):
            thread = self.container.spawn_managed_thread(self._run, identifier=f"export {number}")
            self._threads.append(thread)

    def stop(self) -> None:
        """Leaves after the page in hand; whoever comes next goes on."""
        if not self._stopping.ready():
            self._stopping.send()
        for thread in self._threads:
            thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Exporter:
        """This provider; nobody needs to tell it anything."""
        return self

    def degraded(self) -> str | None:
        """Why no exports are made now, or None."""
        return self._failure

    def _run(self) -> None:
        expired_at = 0.0
        while not self._stopping.ready():
            try:
                if time.monotonic() - expired_at >= EXPIRE_SECONDS:
                    now = clock.now()
                    self._bench.store.expire(now, now - ORPHANED)
                    expired_at = time.monotonic()
                while not self._stopping.ready() and self._make_next():
                    pass
                self._failure = None
            except Exception as error:  # whatever it is: the gateway goes on, and so does this
                self._failure = f"{type(error).__name__}: {error}"
                log.warning("exports wait", error=repr(error), exc_info=error)
            with eventlet.Timeout(LOOK_SECONDS, False):
                self._stopping.wait()

    def _make_next(self) -> bool:
        """Makes the export that waits the longest; says whether there was one."""
        now = clock.now()
        export = self._bench.store.claim(now, now + CLAIM)
        if export is None:
            return False
        tracing.begin(tracing.new_trace())
        with self._claimed(export):
            update = self._made(export)
        if update:
            self._bench.store.change(export, update)
        return True

    def _made(self, export: Any) -> Any:
        """Makes an export; answers the update that says what else became of it than done."""
        try:
            make(export, self._bench)
        except Left:
            return held_until(clock.now())
        except Refused as reason:
            return failed(str(reason), clock.now())
        except Exception as error:
            return self._after(export, error)
        return None

    def _after(self, export: Any, error: Exception) -> Any:
        """What becomes of an export after an error: it rests, or is given up."""
        refused = error if isinstance(error, Problem) else None
        if is_unavailable(error) or (refused and refused.code == "unavailable"):
            return held_until(clock.now() + PAUSE)
        log.error("an export failed", export=export["_id"], error=repr(error), exc_info=error)
        if refused and refused.status < 500:
            return failed(str(refused), clock.now())
        if export["tries"] + 1 >= TRIES:
            return failed("something went wrong here", clock.now())
        return {**held_until(clock.now() + PAUSE), "$inc": {"tries": 1}}

    @contextmanager
    def _claimed(self, export: Any) -> Iterator[None]:
        """Renews the claim on an export meanwhile."""
        over = Signal()
        eventlet.spawn(self._renew, export, over)
        try:
            yield
        finally:
            over.send()

    def _renew(self, export: Any, over: Signal) -> None:
        while True:
            with eventlet.Timeout(CLAIM.total_seconds() / 3, False):
                over.wait()
            if over.ready():
                return
            try:
                self._bench.store.change(export, held_until(clock.now() + CLAIM))
            except Exception as error:  # a database that is away: the claim may be lost to another
                log.warning("a claim was not renewed", export=export["_id"], error=repr(error))


def caller_of(account: Any) -> Caller | None:
    """The caller that an account is now; None for one that may not export."""
    caller = caller_now(account)
    return caller if caller and EXPORTERS & set(caller.roles) else None
