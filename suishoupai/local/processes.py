"""The processes of a stack, known by a variable in their environment, and how they are ended."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from suishoupai.local import CannotStart

MARK = "SUISHOUPAI_STACK"
"""Variable that names the data folder of the stack a process belongs to."""
LEAVE_SECONDS = 20.0


def of_stack(folder: Path) -> list[psutil.Process]:
    """The running processes that belong to the stack in ``folder``.

    This process and those that started it are left out, whatever their variables say.
    """
    here = psutil.Process()
    spared = {here.pid, *(parent.pid for parent in here.parents())}
    found = []
    for process in psutil.process_iter():
        try:
            belongs = process.environ().get(MARK) == str(folder)
        except (psutil.Error, OSError):  # gone meanwhile, or another user's
            continue
        if belongs and process.pid not in spared:
            found.append(process)
    return found


def end(processes: list[psutil.Process], seconds: float = LEAVE_SECONDS) -> None:
    """Ends processes and waits until they are gone: politely, then not.

    Raises ``CannotStart`` for what is still there, since it holds ports and data.
    """
    # Only who was started by none of the others is asked: it puts its own helpers away, and a
    # broker whose helpers go first does not leave in good order.
    for process in _starters(processes):
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(processes, timeout=seconds)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _, left = psutil.wait_procs(left, timeout=seconds)
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise CannotStart(f"processes of an earlier start cannot be ended: {pids}")


def _starters(processes: list[psutil.Process]) -> list[psutil.Process]:
    pids = {process.pid for process in processes}
    starters = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:
                starters.append(process)
    return starters
