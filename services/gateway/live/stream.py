"""One stream: an iterator over what its client is sent, for as long as it may hear it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import eventlet
import structlog
from eventlet.event import Event as Signal
from prometheus_client import Counter

from services.gateway.live import frames
from services.gateway.live.feed import Audience, Feed, Gap
from services.gateway.live.figures import Watched

SENT = Counter("suishoupai_stream_events_sent_total", "Events sent by live streams")

log = structlog.get_logger(__name__)


class Log(Protocol):
    """Where a stream goes on from when it has lost its place."""

    def last(self) -> int:
        """The last number that was given."""
        ...


class Stream:
    """What one client is sent. Ends when told to, when its caller may not hear it any more, and
    when the log cannot be read: the client comes back, and goes on where it was."""

    def __init__(  # noqa: PLR0913 - what a stream consists of
        self,
        *,
        feed: Feed,
        log: Log,
        audience: Callable[[Any], Audience],
        watch: Callable[[Any], Watched] | None = None,
        position: int,
        known: bool,
        may_go_on: Callable[[], bool],
        beat: float,
        left: Callable[[Any], None],
    ) -> None:
        """``audience``: joins it; ``watch``: joins those who are told figures; ``position``: the
        number after which it begins; ``known``: whether the log reaches back to where its client
        was; ``beat``: seconds between signs of life, and between two looks at whether it
        ``may_go_on``; ``left``: told once it is over."""
        self._feed, self._log = feed, log
        self._may_go_on, self._beat, self._left = may_go_on, beat, left
        self._greeting: bytes | None = frames.hello(position)
        if not known:
            self._greeting += frames.reset(position)
        self._position = position
        self._beat_at = time.monotonic() + beat
        self._signal = Signal()
        self.audience = audience(self)
        self.watched = watch(self) if watch else None
        self._edition = 0
        """Of the figures that it told last."""
        self.ended = False
        self.writing_since: float | None = None
        """Since when the client has not taken what it was sent; None when it has."""

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        self.writing_since = None
        chunk = self._next()
        if chunk is None:
            raise StopIteration
        self.writing_since = time.monotonic()
        return chunk

    def close(self) -> None:
        """Leaves: called by the server when the connection is over, whoever ended it."""
        self.ended = True
        self.writing_since = None
        self._left(self)

    def wake(self) -> None:
        """There is something to tell, or it is to end."""
        if not self._signal.ready():
            self._signal.send(None)

    def end(self) -> None:
        """Sends no more."""
        self.ended = True
        self.wake()

    def _next(self) -> bytes | None:
        if greeting := self._greeting:
            self._greeting = None
            return greeting
        try:
            return self._news()
        except Exception as error:  # the answer has begun: all that is left is to end it
            log.warning("a stream was ended", error=repr(error))
            return None

    def _news(self) -> bytes | None:
        """What there is to tell, or after a beat without anything a sign of life; None at the
        end."""
        while not self.ended:
            due = time.monotonic() >= self._beat_at
            if due:
                self._beat_at = time.monotonic() + self._beat
                if not self._may_go_on():
                    return None
            if chunk := self._take_figures() or self._take():
                return chunk
            if due:
                return frames.alive(self._position)
            self._wait()
        return None

    def _take_figures(self) -> bytes:
        """The newest figures; empty when it told them before, or tells none."""
        if self.watched is None or self.watched.edition == self._edition:
            return b""
        self._edition = self.watched.edition
        SENT.inc()
        return self.watched.frame

    def _take(self) -> bytes:
        """The next page that holds something for this client; empty when it has heard all."""
        while True:
            behind = self._position < self.audience.latest
            try:
                self._position, told = self._feed.take(self.audience, self._position)
            except Gap:
                self._position = self._log.last()
                return frames.reset(self._position)
            if told:
                SENT.inc(len(told))
                return b"".join(told)
            if not behind or self.ended:
                return b""
            eventlet.sleep(0)  # a long way through the log must not hold up the others

    def _wait(self) -> None:
        self._signal.wait(timeout=max(0.0, self._beat_at - time.monotonic()))
        if self._signal.ready():
            self._signal = Signal()
