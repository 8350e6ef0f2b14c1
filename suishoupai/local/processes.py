"""The processes of a stack, known by a variable in their environment, and how they are ended."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

MARK = "SUISHOUPAI_STACK"
"""Variable that names the data folder of the stack a process belongs to."""
LEAVE_SECONDS = 20.0


def of_stack(folder: Path) -> list[psutil.Process]:
    """The running processes that belong to the stack in ``folder``, this one left out."""
    found = []
    for process in psutil.process_iter():
        try:
            belongs = process.environ().get(MARK) == str(folder)
        except (psutil.Error, OSError):  # gone meanwhile, or another user's
            continue
        if belongs and process.pid != os.getpid():
            found.append(process)
    return found


def end(processes: list[psutil.Process]) -> None:
    """Ends processes and waits until they are gone: politely, then not."""
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in processes:
            try:
                ask(process)
            except psutil.NoSuchProcess:
                continue
        _, processes = psutil.wait_procs(processes, timeout=LEAVE_SECONDS)
        if not processes:
            return
