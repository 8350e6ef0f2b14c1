"""All live streams of one process: how many there may be, what wakes them, and what ends them."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Callable
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge
from pymongo.errors import PyMongoError

from services.gateway.live.connection import Connection
from services.gateway.live.feed import Feed, Wanted
from services.gateway.live.figures import Figures
from services.gateway.live.store import HappeningStore
from services.gateway.live.stream import Stream
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.mongo import store_of
from suishoupai.rpc import Peers
from suishoupai.settings import read_settings
from suishoupai.web import HttpEntrypoint

LOOK_SECONDS = 0.2
"""How often the log is looked at while there are streams: other processes write to it too."""
READ = 500
"""Most entries read of the log at once."""
LATEST_LEAVE = 1.0
"""Seconds a stream may take to end before its connection is cut."""
SPARE_FILES = 500
"""Open files of a process beyond those of its streams."""

OPEN = Gauge("suishoupai_streams_open", "Live streams that are open")
CUT = Counter("suishoupai_streams_cut_total", "Streams cut because their client took nothing")

log = structlog.get_logger(__name__)


class Live(DependencyProvider):
    """Keeps the streams of a process, and the one reader of the log that they share."""

    server = HttpEntrypoint.server

    def __init__(self) -> None:
        super().__init__()
        self._streams: dict[Stream, tuple[str, Connection]] = {}
        self._news = Signal()
        self._leaving = False

    def setup(self) -> None:
        """Takes the settings in, and makes room for as many open files as they may need."""
        settings = read_settings()
        self._most, self._most_each = settings.stream_connections, settings.streams_per_account
        self._beat = settings.stream_heartbeat
        self.server.on_drain.append(self.end_all)
        _allow_files(self._most + SPARE_FILES)

    def start(self) -> None:
        """Reads the log, and looks after the streams, until stopped."""
        self._log: HappeningStore = store_of(self.container).store.happenings
        self._feed = Feed(self._log.after)
        peers = next(each for each in self.container.dependencies if isinstance(each, Peers))
        self.figures = Figures(
            lambda division, caller: peers.ask(
                "stats", "board", caller, filters={"division": division}
            ),
            self._beat,
        )
        self.container.spawn_managed_thread(self._follow, identifier="follow happenings")
        self.container.spawn_managed_thread(self._watch, identifier="watch streams")

    def get_dependency(self, worker_ctx: Any) -> Live:
        """This provider: it holds no state of a single request."""
        return self

    def open(
        self,
        wanted: Wanted,
        after: int | None,
        caller: Caller,
        connection: Connection,
        may_go_on: Callable[[], bool],
        figures: str | None = None,
    ) -> Stream:
        """A stream of what happens from now on, or ``after`` a number; closed by who takes from it.
        ``figures``: code of a division whose figures are told too.

        Raises ``Problem`` when there are as many as there may be, of all or of this account.
        """
        now = self._log.last()
        known = after is None or self._log.reaches_back_to(after)
        self._check_room(caller.account)
        stream = Stream(
            feed=self._feed,
            log=self._log,
            audience=lambda member: self._feed.join(wanted, member),
            watch=(lambda member: self.figures.join(figures, member, caller)) if figures else None,
            position=after if known and after is not None else now,
            known=known,
            may_go_on=may_go_on,
            beat=self._beat,
            left=self._forget,
        )
        self._streams[stream] = (caller.account, connection)
        OPEN.set(len(self._streams))
        self.look()
        return stream

    def _check_room(self, account: str) -> None:
        if self._leaving:
            raise Problem("unavailable", "this process is leaving", retry_after=1)
        retry_after = max(1, round(self._beat))
        if self._is_full(account):
            self._drop_gone()
        if self._count(account) >= self._most_each:
            detail = f"at most {self._most_each} streams of an account at a time"
            raise Problem("too-many-requests", detail, retry_after=retry_after)
        if len(self._streams) >= self._most:
            raise Problem("unavailable", "no more streams here", retry_after=retry_after)

    def _is_full(self, account: str) -> bool:
        return len(self._streams) >= self._most or self._count(account) >= self._most_each

    def _count(self, account: str) -> int:
        return sum(1 for whose, _ in self._streams.values() if whose == account)

    def _drop_gone(self) -> None:
        """Frees the places of clients that left, and that nothing has been sent to since."""
        for stream, (_, connection) in list(self._streams.items()):
            if connection.is_gone():
                self._forget(stream)
                stream.end()

    def _forget(self, stream: Stream) -> None:
        if self._streams.pop(stream, None):
            self._feed.leave(stream.audience, stream)
            if stream.watched:
                self.figures.leave(stream.watched, stream)
            OPEN.set(len(self._streams))

    def look(self) -> None:
        """There may be something new in the log."""
        if not self._news.ready():
            self._news.send(None)

    def end_all(self) -> None:
        """Ends every stream, and opens no more: their clients come back to another process."""
        self._leaving = True
        for stream in list(self._streams):
            stream.end()

    def stop(self) -> None:
        """Leaves once all streams have ended; cuts those whose client takes nothing."""
        self.end_all()
        deadline = time.monotonic() + LATEST_LEAVE
        while self._streams and time.monotonic() < deadline:
            eventlet.sleep(0.02)
        for _, connection in list(self._streams.values()):
            connection.cut()

    def _follow(self) -> None:
        """Hands on what is new in the log, while somebody listens."""
        listening = False
        while True:
            self._news.wait(timeout=LOOK_SECONDS if self._streams else None)
            if self._news.ready():
                self._news = Signal()
            try:
                if not self._streams:
                    listening = False
                elif listening:
                    self._read()
                else:
                    self._begin()
                    listening = True
            except PyMongoError as error:
                log.warning("streams wait for the database", error=str(error))
                eventlet.sleep(LOOK_SECONDS)

    def _begin(self) -> None:
        self._feed.begin(self._log.last())
        for stream in list(self._streams):
            stream.wake()

    def _read(self) -> None:
        while entries := self._log.after(self._feed.last, READ):
            for audience in self._feed.extend(entries):
                for stream in list(audience.members):
                    stream.wake()
            if len(entries) < READ:
                return

    def _watch(self) -> None:
        """Cuts clients that take nothing for two beats."""
        while True:
            eventlet.sleep(self._beat / 2)
            latest = time.monotonic() - 2 * self._beat
            for stream, (account, connection) in list(self._streams.items()):
                if stream.writing_since is not None and stream.writing_since < latest:
                    CUT.inc()
                    log.info("cut a stream whose client takes nothing", account=account)
                    connection.cut()
                    self._forget(stream)


def _allow_files(wanted: int) -> None:
    """Raises this process's own limit of open files as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < wanted:
        log.warning("too few open files for all streams", wanted=wanted)
