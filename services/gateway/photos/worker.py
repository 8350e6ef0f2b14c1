"""A process that develops photos, bounded in memory and time: ``python -m …photos.worker PIXELS``.

A line of JSON comes in, ``{"folder", "kind"}``; a line goes out, ``{"photo"}`` or ``{"refused"}``.
It ends when nobody is left to ask it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import IO, Any

import imagehash
from PIL import Image

from services.gateway.photos.developing import Limits, Unusable, develop

CPU_SECONDS = 30
"""Of one photo; a process that needs more is ended by the kernel."""
BYTES_PER_PIXEL = 16
"""Memory that decoding may take: four copies at four bytes each."""
SPARE_BYTES = 192 * 1024 * 1024
MOST_FILES = 64
LARGEST_FILE = 64 * 1024 * 1024
NICENESS = 5
"""Whoever answers requests goes first."""


def main() -> None:
    """Answers until the other side is closed."""
    os.set_blocking(0, True)  # whoever waits green on the other end made both ends not to wait
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    pixels = int(sys.argv[1])
    imagehash.phash(Image.new("L", (8, 8)))  # imports what it needs, before memory is bounded
    _bound(pixels)
    _tell(told, {"ready": True})
    for line in asked:
        _allow_another_photo()
        _tell(told, _developed(json.loads(line), Limits(pixels)))


def _developed(wanted: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        return {"photo": develop(Path(wanted["folder"]), wanted["kind"], limits)}
    except Unusable as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "it takes too much memory to read"}


def _bound(pixels: int) -> None:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    statm = Path("/proc/self/statm")
    if statm.exists():
        mapped = int(statm.read_text().split()[0]) * resource.getpagesize()
        most = mapped + pixels * BYTES_PER_PIXEL + SPARE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _allow_another_photo() -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _tell(out: IO[bytes], answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
