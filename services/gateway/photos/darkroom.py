"""Where photos are developed: a few processes that are asked one photo at a time.

A decoder that crashes, hangs or eats memory takes its own process with it and nothing else; the
next photo gets a new one. The event loop only waits.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import eventlet
import structlog
from eventlet.green import socket, subprocess
from eventlet.queue import Empty, LifoQueue

from suishoupai.contracts.problems import Problem
from suishoupai.settings import ROOT

Document = dict[str, Any]

WORKER = "services.gateway.photos.worker"
WORKERS = 2
"""Most photos that are developed at a time."""
START_SECONDS = 60
PHOTO_SECONDS = 60
"""Longest that one photo may take; the process bounds its CPU time itself."""
WAIT_SECONDS = 60
"""Longest wait for one of the processes."""
PHOTOS_EACH = 500
"""After so many a process makes room for a new one."""

log = structlog.get_logger(__name__)


def unusable(reason: str, field: str = "photo") -> Problem:
    """The refusal of a photo, with its reason."""
    return Problem("unusable-photo", f"{field}: {reason}", [{"field": field, "message": reason}])


class Darkroom:
    """Develops photos, ``WORKERS`` at a time; no process is started before the first photo."""

    def __init__(self, pixels: int) -> None:
        """``pixels``: of the largest photo that is decoded."""
        self._workers = [_Worker(pixels) for _ in range(WORKERS)]
        self._free = LifoQueue()  # the one that is warm goes first
        for worker in self._workers:
            self._free.put(worker)

    def develop(self, folder: Path, kind: str) -> Document:
        """What ``developing.develop`` makes of what came into a folder.

        Raises ``Problem``: unusable, or unavailable when every process is busy for too long.
        """
        try:
            worker = self._free.get(timeout=WAIT_SECONDS)
        except Empty as error:
            raise Problem("unavailable", "too many photos at once", retry_after=10) from error
        try:
            answer = worker.answer({"folder": str(folder), "kind": kind})
        finally:
            self._free.put(worker)
        if "refused" in answer:
            raise unusable(answer["refused"])
        developed: Document = answer["photo"]
        return developed

    def close(self) -> None:
        """Ends every process; the next photo starts new ones."""
        for worker in self._workers:
            worker.end()

    def processes(self) -> list[int]:
        """Ids of the processes there are now."""
        return [worker.process.pid for worker in self._workers if worker.process]


class _Worker:
    """One process; started when it is first asked, and anew when it has ended."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._channel: Any = None
        self._lines: Any = None
        self._photos = 0
        self.process: Any = None

    def answer(self, question: Document) -> Document:
        """The answer to one question. Raises ``Problem`` when the process does not survive it."""
        if self.process is not None and self.process.poll() is not None:
            self.end()  # it ended while it waited: that is not this photo's fault
        if self.process is None:
            self._start()
        try:
            with eventlet.Timeout(PHOTO_SECONDS):
                self._channel.sendall(json.dumps(question).encode() + b"\n")
                answer: Document = json.loads(self._lines.readline())
        except (eventlet.Timeout, OSError, ValueError) as error:
            log.warning("a photo ended its process", error=repr(error))
            self.end()
            raise unusable("it takes too much memory or time to read") from error
        except BaseException:
            self.end()  # the answer is still to come: the next question must not get it
            raise
        self._photos += 1
        if self._photos >= PHOTOS_EACH:
            self.end()
        return answer

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", WORKER, str(self._pixels)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                cwd=ROOT,
                env=_environment(),
            )
        self._channel, self._lines, self._photos = ours, ours.makefile("rb"), 0
        try:
            with eventlet.Timeout(START_SECONDS):
                if self._lines.readline():
                    return
        except (eventlet.Timeout, OSError) as error:
            log.error("no process for photos", error=repr(error))
        except BaseException:
            self.end()
            raise
        self.end()
        raise Problem("unavailable", "photos cannot be read just now", retry_after=10)

    def end(self) -> None:
        """Ends the process, whatever it does."""
        if self.process is None:
            return
        process, self.process = self.process, None
        self._lines.close()
        self._channel.close()
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    """No secret of the gateway is in it, and no library starts threads of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
