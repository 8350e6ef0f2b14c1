"""Reading the log of a program while it is written and rotated."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

LOOK_SECONDS = 0.2


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a log."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(deque(file, maxlen=count))


def followed(path: Path, count: int) -> Iterator[str]:
    """The end of a log, then without end what is written, also into the file that replaces it."""
    file = path.open(encoding="utf-8", errors="replace")
    try:
        yield from deque(file, maxlen=count)
        while True:
            if line := file.readline():
                yield line
            elif path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(LOOK_SECONDS)
    finally:
        file.close()
