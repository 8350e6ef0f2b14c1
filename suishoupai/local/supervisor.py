"""supervisord: keeps the programs of a stack alive, and is told over XML-RPC what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy, Transport

from supervisor.xmlrpc import Faults

from suishoupai.local import CannotStart, config
from suishoupai.local.logfile import last_lines
from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program

START_SECONDS = 10.0
ANSWER_SECONDS = 10.0
FAILED = frozenset({"BACKOFF", "FATAL", "EXITED"})
"""States of a program that left by itself."""
FOREIGN = ("RABBITMQ_", "ERL_", "NOTIFY_SOCKET")
"""Variables of the caller that would bend a broker of our own."""
UNANSWERED = (OSError, HTTPException, ProtocolError)
"""What a call ends in when the supervisor is not there, or is another's."""


@dataclass(frozen=True)
class State:
    """What the supervisor says of one program."""

    name: str
    state: str
    """RUNNING, STARTING, STOPPED, BACKOFF, FATAL …"""
    pid: int
    since: int
    """Start of the process, seconds since 1970; 0 when it does not run."""

    @property
    def is_under_way(self) -> bool:
        """Whether it runs, or will again."""
        return self.state in {"STARTING", "RUNNING", "BACKOFF", "STOPPING"}


class _BoundedTransport(Transport):
    """Calls that give up waiting for the answer."""

    def make_connection(self, host: Any) -> HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = ANSWER_SECONDS
        return connection


class Supervisor:
    """The supervisor of one stack; made anew for each command, it finds the running one."""

    def __init__(self, folder: Path, port: int, password: str) -> None:
        self._folder = folder
        self._config = folder / "supervisord.conf"
        self._port = port
        self._password = password
        address = f"http://suishoupai:{password}@{HOST}:{port}/RPC2"
        self._rpc: Any = ServerProxy(address, transport=_BoundedTransport()).supervisor

    def start(self, programs: Iterable[Program], environment: Mapping[str, str]) -> None:
        """Starts the supervisor in a session of its own, with no program running yet.

        Raises ``CannotStart`` when it does not answer in time.
        """
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        text = config.render(self._port, self._password, programs)
        self._config.touch(mode=0o600)
        self._config.write_text(text, encoding="utf-8")
        with (self._folder / "logs" / "supervisord.out").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and configuration
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._config)],
                env={**_inherited(os.environ), **environment},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C in the terminal must not reach the programs in an order of its own, and a
                # detached stack outlives the terminal.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"supervisord did not start:\n{self._first_words()}")
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            return bool(self._rpc.getState()["statecode"] == 1)
        except UNANSWERED:
            return False

    def pid(self) -> int:
        """Process id of the supervisor itself."""
        return int(self._ask("getPID"))

    def start_program(self, name: str) -> None:
        """Starts a program without waiting for it; one that runs already is left as it is.

        One that leaves before the supervisor has answered is no refusal: its state tells, and
        whoever waits for it shows its log.
        """
        expected = (Faults.ALREADY_STARTED, Faults.SPAWN_ERROR)
        self._ask("startProcess", name, False, unless=expected)

    def stop_programs(self, wanted: Iterable[Program]) -> None:
        """Stops programs side by side and waits until all have left.

        Raises ``CannotStart`` when the supervisor itself could not end one.
        """
        programs = {program.name: program for program in wanted}
        for name in programs:
            self._ask("stopProcess", name, False, unless=(Faults.NOT_RUNNING,))
        # Each is killed when its time is over; a little more for the supervisor to notice.
        longest = max((each.stop_seconds for each in programs.values()), default=0)
        deadline = time.monotonic() + longest + ANSWER_SECONDS
        while left := [s.name for s in self.states() if s.name in programs and s.is_under_way]:
            if time.monotonic() > deadline:
                raise CannotStart(f"the supervisor could not stop {', '.join(left)}")
            for name in left:
                if programs[name].deaf_while_starting:
                    self._ask("signalProcess", name, "TERM", unless=(Faults.NOT_RUNNING,))
            time.sleep(0.1)

    def states(self) -> list[State]:
        """All programs in the order of their start."""
        order = config.program_names(self._config.read_text(encoding="utf-8"))
        infos = sorted(self._ask("getAllProcessInfo"), key=lambda info: order.index(info["name"]))
        return [State(i["name"], i["statename"], i["pid"], _since(i)) for i in infos]

    def state(self, name: str) -> State:
        """What the supervisor says of one program."""
        return next(state for state in self.states() if state.name == name)

    def shut_down(self) -> None:
        """Tells the supervisor to stop all programs and leave."""
        self._ask("shutdown")

    def log_path(self, name: str) -> Path:
        """The log of a program."""
        return config.log_path(self._folder, name)

    def log_tail(self, name: str, lines: int = 15) -> str:
        """The end of a program's log."""
        return _tail(self.log_path(name), lines)

    def _ask(self, method: str, *words: object, unless: Sequence[int] = ()) -> Any:
        """Calls the supervisor; raises ``CannotStart`` when it does not answer, or refuses.

        ``unless``: the refusals that say the call was not needed.
        """
        try:
            return getattr(self._rpc, method)(*words)
        except UNANSWERED as error:
            raise CannotStart(f"the supervisor does not answer: {error}") from error
        except Fault as fault:
            if fault.faultCode not in unless:
                raise CannotStart(f"the supervisor refuses: {fault.faultString}") from fault

    def _first_words(self) -> str:
        return _tail(self._folder / "logs" / "supervisord.out", 5) or self.log_tail("supervisord")


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if not k.startswith(FOREIGN)}


def _tail(path: Path, lines: int) -> str:
    if not path.exists():
        return ""
    return "".join(last_lines(path, lines))


def _since(info: Mapping[str, Any]) -> int:
    return int(info["start"]) if info["pid"] else 0
