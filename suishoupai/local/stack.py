"""A stack: one data folder with its broker, its database and the five services.

Example::

    stack = LocalStack(Path(".demo"), port=8000)
    stack.up(print)
    ...
    stack.down()
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import urllib3

from suishoupai.local import CannotStart, broker, database, processes
from suishoupai.local.packages import Progress
from suishoupai.local.ports import HOST, free_port, is_free
from suishoupai.local.programs import Program
from suishoupai.local.supervisor import State, Supervisor
from suishoupai.seed import seed_when_empty
from suishoupai.settings import SERVICES, Settings, read_settings

UP_SECONDS = 60.0
"""Longest wait for any one program to be up."""
OWN_PORTS = ("supervisor", "epmd", "rabbitmq", "rabbitmq-dist", "mongod", *SERVICES)


Find = Callable[[Mapping[str, str]], str | None]
"""From the environment to the URI of what is there, or None."""


class NoStack(Exception):
    """The folder holds no stack."""


@dataclass(frozen=True)
class ProgramStatus:
    """One program of a stack: what the supervisor says, where it listens, what it waits for."""

    name: str
    state: str
    pid: int
    since: int
    address: str
    not_ready: str | None


class LocalStack:
    """The stack in a data folder; its ports and secrets stay with the folder."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        find_broker: Find = broker.given,
        find_database: Find = database.given,
    ) -> None:
        """``port``: the gateway's; None keeps the folder's own, or 8000. ``find_…``: how a broker
        or database that is there already is found."""
        self.folder = folder.resolve()
        self._find_broker = find_broker
        self._find_database = find_database
        self._file = self.folder / "stack.json"
        self._kept = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._wanted_port = port

    @property
    def exists(self) -> bool:
        """Whether a stack was ever started in the folder."""
        return bool(self._kept)

    @property
    def url(self) -> str:
        """Address of the gateway."""
        return f"http://{HOST}:{self._kept['ports']['gateway']}"

    def up(self, progress: Progress, services: tuple[str, ...] = SERVICES) -> None:
        """Starts broker, database and services, and seeds an empty database.

        Returns at once when the stack runs already. Raises ``CannotStart`` with the reason; then
        nothing of it is left running.
        """
        if self.exists and self._supervisor().is_running():
            self._check_same_port()
            progress("already running")
            return
        processes.end(processes.of_stack(self.folder))
        self._settle()
        try:
            self._start(progress, services)
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stops the stack: services first, then broker and database; ends only its own."""
        if not self.exists:
            raise NoStack(f"there is no stack in {self.folder}")
        running = processes.of_stack(self.folder)
        supervisor = self._supervisor()
        if supervisor.is_running():
            supervisor.stop_programs(SERVICES)
            supervisor.shut_down()
            psutil.wait_procs(running, timeout=UP_SECONDS)
        processes.end(processes.of_stack(self.folder))

    def status(self) -> list[ProgramStatus]:
        """Every program of the stack; raises ``NoStack`` when it does not run."""
        if not self.exists or not self._supervisor().is_running():
            raise NoStack(f"no stack is running in {self.folder}")
        programs = {program.name: program for program in self._programs(SERVICES)}
        return [_status(state, programs[state.name]) for state in self._supervisor().states()]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends a signal to one program's process."""
        os.kill(self.pid(name), number)

    def pid(self, name: str) -> int:
        """Process id of a program; 0 while it does not run."""
        return next(state.pid for state in self._supervisor().states() if state.name == name)

    def stop_program(self, name: str) -> None:
        """Stops one program and waits until it has left; it stays stopped."""
        self._supervisor().stop_programs([name])

    def start_program(self, name: str, wait: bool = True) -> None:
        """Starts one program and waits until it is up; raises ``CannotStart``."""
        self._supervisor().start_program(name)
        if wait:
            self.await_program(name)

    def await_program(self, name: str) -> None:
        """Waits until a program is up; raises ``CannotStart`` with the end of its log."""
        program = next(each for each in self._programs(SERVICES) if each.name == name)
        self._await(program)

    def log_path(self, name: str) -> Path:
        """The log of a program."""
        return self._supervisor().log_path(name)

    def settings(self) -> Settings:
        """The settings that all services of this stack share."""
        shared = self.environment()
        return replace(
            read_settings(),
            amqp_uri=shared["AMQP_URI"],
            mongodb_uri=shared["MONGODB_URI"],
            namespace=shared["SUISHOUPAI_NAMESPACE"],
            token_secret=Path(shared["SUISHOUPAI_TOKEN_SECRET_FILE"]).read_text(),
            peers={name: shared[f"SUISHOUPAI_{name.upper()}_URL"] for name in SERVICES},
            demo=True,
        )

    def _start(self, progress: Progress, services: tuple[str, ...]) -> None:
        programs = self._programs(SERVICES)
        if "rabbitmq" in self._own:
            broker.ensure_installed(progress)
        if "mongod" in self._own:
            database.ensure_installed(progress)
        supervisor = self._supervisor()
        supervisor.start(programs, self.environment())
        own = [program for program in programs if program.name not in SERVICES]
        for program in own:
            progress(f"starting {program.name}")
            supervisor.start_program(program.name)
            if program.name == "epmd":
                self._await(program)
        for program in own:
            self._await(program)
        if "mongod" in self._own:
            database.ensure_primary(self._kept["ports"]["mongod"])
        progress("seeding the database")
        seed_when_empty(self.settings())
        wanted = [program for program in programs if program.name in services]
        for program in wanted:
            progress(f"starting {program.name}")
            supervisor.start_program(program.name)
        for program in wanted:
            progress(f"waiting for {program.name}")
            self._await(program)

    def _settle(self) -> None:
        """Decides on ports, broker and database, and keeps the decision in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = dict(self._kept)
        kept.setdefault("id", secrets.token_hex(3))
        kept.setdefault("password", secrets.token_hex(16))
        kept["amqp_uri"] = self._find_broker(os.environ)
        kept["mongodb_uri"] = self._find_database(os.environ)
        gateway = self._wanted_port or kept.get("ports", {}).get("gateway", 8000)
        if not is_free(gateway):
            raise CannotStart(f"port {gateway} is taken: choose another with --port")
        kept["ports"] = {**_ports(kept.get("ports", {})), "gateway": gateway}
        self._kept = kept
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps(kept, indent=1))
        secret = self.folder / "token.secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(32))

    @property
    def _own(self) -> set[str]:
        """What of broker and database this stack runs itself."""
        return {
            name
            for name, uri in (("rabbitmq", "amqp_uri"), ("mongod", "mongodb_uri"))
            if not self._kept[uri]
        }

    def _programs(self, services: tuple[str, ...]) -> list[Program]:
        ports = self._kept["ports"]
        programs: list[Program] = []
        if "rabbitmq" in self._own:
            programs += broker.own_node(
                self.folder,
                self._kept["id"],
                ports["rabbitmq"],
                ports["rabbitmq-dist"],
                ports["epmd"],
                self._kept["password"],
            )
        if "mongod" in self._own:
            mongod = database.find_mongod() or Path("mongod")
            programs.append(database.own_server(mongod, self.folder, ports["mongod"]))
        return programs + [_service(name, ports[name]) for name in services]

    def environment(self) -> dict[str, str]:
        """The variables that every service of this stack is run with."""
        ports = self._kept["ports"]
        return {
            "AMQP_URI": self._kept["amqp_uri"]
            or broker.node_uri(ports["rabbitmq"], self._kept["password"]),
            "MONGODB_URI": self._kept["mongodb_uri"] or database.server_uri(ports["mongod"]),
            "SUISHOUPAI_NAMESPACE": os.environ.get(
                "SUISHOUPAI_NAMESPACE", f"suishoupai-{self._kept['id']}"
            ),
            "SUISHOUPAI_TOKEN_SECRET_FILE": str(self.folder / "token.secret"),
            "SUISHOUPAI_DEMO": "1",
            processes.MARK: str(self.folder),
            **{
                f"SUISHOUPAI_{name.upper()}_URL": f"http://{HOST}:{ports[name]}"
                for name in SERVICES
            },
        }

    def _supervisor(self) -> Supervisor:
        return Supervisor(self.folder, self._kept["ports"]["supervisor"], self._kept["password"])

    def _check_same_port(self) -> None:
        port = self._kept["ports"]["gateway"]
        if self._wanted_port not in (None, port):
            raise CannotStart(f"the stack in {self.folder} runs already, on port {port}")

    def _await(self, program: Program) -> None:
        deadline = time.monotonic() + UP_SECONDS
        while reason := program.not_up():
            if time.monotonic() > deadline:
                tail = self._supervisor().log_tail(program.name)
                raise CannotStart(f"{program.name} did not come up: {reason}\n{tail}")
            time.sleep(0.1)


def _ports(kept: Mapping[str, int]) -> dict[str, int]:
    """Free ports for everything of the stack; those of the folder where nobody took them."""
    ports = dict(kept)
    for name in OWN_PORTS:
        while name not in ports or not is_free(ports[name]):
            port = free_port()
            if port not in ports.values():
                ports[name] = port
    return ports


def _service(name: str, port: int) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-m", "suishoupai.run", name),
        environment={"SUISHOUPAI_HTTP": f"{HOST}:{port}"},
        address=f"http://{HOST}:{port}",
        not_up=_readiness(f"http://{HOST}:{port}/readyz"),
        stop_seconds=30,
    )


def _readiness(url: str) -> Callable[[], str | None]:
    def not_up() -> str | None:
        try:
            response = urllib3.request("GET", url, timeout=10.0, retries=False)
        except urllib3.exceptions.HTTPError:
            return "does not answer"
        failing = response.json().get("failing", {})
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failing.items())
        return reasons or "not ready" if response.status != 200 else None

    return not_up


def _status(state: State, program: Program) -> ProgramStatus:
    reason = program.not_up() if state.state == "RUNNING" else "does not run"
    return ProgramStatus(state.name, state.state, state.pid, state.since, program.address, reason)
