"""Only what carries the mark of the stack is found and ended."""

import os
import subprocess
import sys

import psutil
import pytest

from suishoupai.local import CannotStart, processes

STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"


@pytest.fixture
def start():
    started = []

    def start(mark, *command):
        environment = {**os.environ, processes.MARK: str(mark)}
        process = subprocess.Popen(
            command or ["sleep", "60"], env=environment, stdout=subprocess.PIPE
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids(folder):
    return {process.pid for process in processes.of_stack(folder)}


def test_only_the_stacks_own_processes_are_found(start, tmp_path):
    mine, _other = start(tmp_path / "mine"), start(tmp_path / "other")
    assert pids(tmp_path / "mine") == {mine.pid}
    assert pids(tmp_path) == set()


def test_whoever_asks_is_spared_with_all_who_started_it(tmp_path):
    asking = (
        "from pathlib import Path; from suishoupai.local.processes import of_stack;"
        f"print(len(of_stack(Path({str(tmp_path)!r}))))"
    )
    answer = subprocess.run(
        ["sh", "-c", '"$0" -c "$1"; exit', sys.executable, asking],
        env={**os.environ, processes.MARK: str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert answer.stdout.strip() == "0"


def test_processes_are_ended_and_waited_for(start, tmp_path):
    process = start(tmp_path)
    processes.end(processes.of_stack(tmp_path))
    assert not psutil.pid_exists(process.pid)


def test_what_does_not_leave_when_asked_is_killed(start, tmp_path):
    process = start(tmp_path, sys.executable, "-c", STUBBORN)
    process.stdout.readline()  # from here on it ignores SIGTERM
    processes.end(processes.of_stack(tmp_path), seconds=0.2)
    assert not psutil.pid_exists(process.pid)


def test_what_cannot_be_ended_is_said():
    class Undead(psutil.Process):
        def terminate(self):
            pass

        kill = terminate

    with pytest.raises(CannotStart, match=f"cannot be ended: {os.getpid()}"):
        processes.end([Undead()], seconds=0.01)
