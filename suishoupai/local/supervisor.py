"""supervisord: keeps the programs of a stack alive, and is told over XML-RPC what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy, Transport

from suishoupai.local import CannotStart
from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program

START_SECONDS = 10.0
ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class State:
    """What the supervisor says of one program."""

    name: str
    state: str
    """RUNNING, STARTING, STOPPED, BACKOFF, FATAL …"""
    pid: int
    since: int
    """Start of the process, seconds since 1970; 0 when it does not run."""


class _Impatient(Transport):
    """A transport that does not wait for ever for whoever took the port."""

    def make_connection(self, host: Any) -> Any:
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
        self._rpc: Any = ServerProxy(address, transport=_Impatient()).supervisor

    def start(self, programs: Iterable[Program], environment: Mapping[str, str]) -> None:
        """Starts the supervisor in a session of its own, with no program running yet.

        Raises ``CannotStart`` when it does not answer in time.
        """
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        self._config.touch(mode=0o600)
        self._config.write_text(self._render(programs))
        with (self._folder / "logs" / "supervisord.out").open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and configuration
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._config)],
                env={**os.environ, **environment},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"supervisord did not start:\n{self.log_tail('supervisord')}")
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            return bool(self._rpc.getState()["statecode"] == 1)
        except (OSError, ProtocolError, Fault):
            return False

    def start_program(self, name: str) -> None:
        """Starts a program without waiting for it."""
        self._rpc.startProcess(name, False)

    def stop_programs(self, names: Iterable[str]) -> None:
        """Stops programs side by side and waits until all have left."""
        wanted = {state.name for state in self.states() if state.pid} & set(names)
        for name in wanted:
            self._rpc.stopProcess(name, False)
        while any(state.pid for state in self.states() if state.name in wanted):
            time.sleep(0.05)

    def states(self) -> list[State]:
        """All programs in the order of their start."""
        infos = sorted(self._rpc.getAllProcessInfo(), key=lambda info: self._order(info["name"]))
        return [State(i["name"], i["statename"], i["pid"], _since(i)) for i in infos]

    def shut_down(self) -> None:
        """Tells the supervisor to stop all programs and leave."""
        self._rpc.shutdown()

    def log_path(self, name: str) -> Path:
        """The log of a program."""
        return self._folder / "logs" / f"{name}.log"

    def log_tail(self, name: str, lines: int = 15) -> str:
        """The end of a program's log."""
        path = self.log_path(name)
        if not path.exists():
            return ""
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

    def _order(self, name: str) -> int:
        return self._config.read_text().index(f"[program:{name}]")

    def _render(self, programs: Iterable[Program]) -> str:
        user = "user=root\n" if os.geteuid() == 0 else ""
        head = (
            f"[supervisord]\nnodaemon=true\nsilent=true\n{user}"
            f"logfile={_quoted(self.log_path('supervisord'))}\nlogfile_maxbytes=5MB\n"
            f"pidfile={_quoted(self._folder / 'supervisord.pid')}\n\n"
            f"[inet_http_server]\nport={HOST}:{self._port}\n"
            f"username=suishoupai\npassword={self._password}\n\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\n"
        )
        # Stopped in the reverse order: the services before the broker and the database.
        sections = [self._section(program, order) for order, program in enumerate(programs)]
        return head + "\n".join(sections)

    def _section(self, program: Program, order: int) -> str:
        values = ",".join(f'{k}="{_quoted(v)}"' for k, v in program.environment.items())
        command = " ".join(f'"{_quoted(word)}"' for word in program.command)
        return (
            f"[program:{program.name}]\ncommand={command}\nenvironment={values}\n"
            f"autostart=false\nautorestart=true\nstartsecs=1\nstartretries=1000\n"
            f"priority={order}\nstopsignal=TERM\nstopwaitsecs={program.stop_seconds}\n"
            f"stopasgroup=false\nkillasgroup=true\nredirect_stderr=true\n"
            f"stdout_logfile={_quoted(self.log_path(program.name))}\n"
            f"stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=3\n"
        )


def _since(info: Mapping[str, Any]) -> int:
    return int(info["start"]) if info["pid"] else 0


def _quoted(value: object) -> str:
    """A value in supervisord's configuration, where % begins an expansion."""
    return str(value).replace("%", "%%")
