"""A stack: one data folder with its broker, its database and the five services.

Example::

    stack = LocalStack(Path(".demo"), port=8000)
    stack.up(print)
    ...
    stack.down()
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from suishoupai.local import CannotStart, broker, database, packages, plan, processes
from suishoupai.local.kept import Kept, alone, make_folder, read_kept, write_kept
from suishoupai.local.packages import Progress
from suishoupai.local.plan import Find
from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program
from suishoupai.local.supervisor import FAILED, State, Supervisor
from suishoupai.seed import seed_when_outdated
from suishoupai.settings import SERVICES, Settings, read_settings

UP_SECONDS = 60.0
"""Longest wait for any one program to be up."""
HEALTHY_SECONDS = 10.0
"""Longest wait for a stack that runs already to be ready."""


class NoStack(Exception):
    """The folder holds no stack."""


class NotRunning(NoStack):
    """The folder holds a stack, but it does not run."""


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
        self._wanted_port = port
        self._find_broker = find_broker
        self._find_database = find_database

    @property
    def exists(self) -> bool:
        """Whether a stack was ever started in the folder."""
        return read_kept(self.folder) is not None

    @property
    def is_running(self) -> bool:
        """Whether the stack's supervisor answers."""
        return self.exists and self._supervisor().is_running()

    @property
    def url(self) -> str:
        """Address of the gateway; raises ``NoStack``."""
        return f"http://{HOST}:{self._kept.ports['gateway']}"

    def up(self, progress: Progress, services: tuple[str, ...] = SERVICES) -> bool:
        """Starts broker, database and services, seeds what is empty or outdated; says whether it
        had to start.

        False: the stack runs already and is well. Raises ``CannotStart`` with the reason; then
        nothing that was started here is left running.
        """
        make_folder(self.folder)
        with alone(self.folder):
            if self.is_running:
                self._check_well(services)
                progress("already running")
                return False
            self._settle()
            try:
                self._start(progress, services)
            except BaseException:
                self._stop()
                raise
        return True

    def down(self) -> None:
        """Stops the stack: services first, then broker and database; ends only its own.

        Raises ``NoStack``, and ``CannotStart`` while another command starts or stops it.
        """
        if not self.exists:
            raise NoStack(f"there is no stack in {self.folder}")
        with alone(self.folder):
            self._stop()

    def status(self) -> list[ProgramStatus]:
        """Every program of the stack; raises ``NoStack`` when it does not run."""
        if not self._supervisor().is_running():
            raise NotRunning(f"no stack is running in {self.folder}")
        programs = {program.name: program for program in self._programs()}
        return [_status(state, programs[state.name]) for state in self._supervisor().states()]

    def wait_ready(self, seconds: float = UP_SECONDS, services: tuple[str, ...] = SERVICES) -> None:
        """Waits until broker, database and these services are ready.

        Raises ``CannotStart`` naming what is not, ``NoStack`` when the stack does not run.
        """
        deadline = time.monotonic() + seconds
        spared = set(SERVICES) - set(services)
        while waiting := [s for s in self.status() if s.not_ready and s.name not in spared]:
            if time.monotonic() > deadline:
                reasons = "\n".join(f"{each.name}: {each.not_ready}" for each in waiting)
                raise CannotStart(f"not ready within {seconds:.0f} s\n{reasons}")
            time.sleep(0.1)

    def wait(self) -> None:
        """Waits until the stack's supervisor has left, whoever ended it."""
        with suppress(CannotStart, psutil.NoSuchProcess):  # then it has left already
            psutil.Process(self._supervisor().pid()).wait()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends a signal to one program's process; raises ``ProcessLookupError`` without one."""
        if not (pid := self.pid(name)):
            raise ProcessLookupError(f"{name} does not run")
        os.kill(pid, number)

    def pid(self, name: str) -> int:
        """Process id of a program; 0 while it does not run."""
        return self._supervisor().state(name).pid

    def stop_program(self, name: str) -> None:
        """Stops one program and waits until it has left; it stays stopped."""
        self._supervisor().stop_programs([self._program(name)])

    def start_program(self, name: str, wait: bool = True) -> None:
        """Starts one program and waits until it is up; raises ``CannotStart``."""
        self._supervisor().start_program(name)
        if wait:
            self.await_program(name)

    def restart(self, name: str) -> None:
        """Stops one program, starts it again and waits until it is up; raises ``CannotStart``."""
        self.stop_program(name)
        self.start_program(name)

    def await_program(self, name: str) -> None:
        """Waits until a program is up, however often it is started over.

        Raises ``CannotStart`` with the end of its log.
        """
        self._await(self._program(name), hopeless=frozenset())

    @property
    def program_names(self) -> list[str]:
        """What has a log: the programs in the order of their start, and the supervisor."""
        return [*(program.name for program in self._programs()), "supervisord"]

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
            token_secret=Path(shared["SUISHOUPAI_TOKEN_SECRET_FILE"]).read_text(encoding="utf-8"),
            peers={name: shared[f"SUISHOUPAI_{name.upper()}_URL"] for name in SERVICES},
            demo=True,
        )

    def environment(self) -> dict[str, str]:
        """The variables that every service of this stack is run with."""
        return plan.environment(self.folder, self._kept)

    @property
    def _kept(self) -> Kept:
        kept = read_kept(self.folder)
        if kept is None:
            raise NoStack(f"there is no stack in {self.folder}")
        return kept

    def _settle(self) -> None:
        # What an earlier start left behind holds ports and data.
        processes.end(processes.of_stack(self.folder))
        before = read_kept(self.folder)
        kept = plan.settle(
            before, self._wanted_port, os.environ, self._find_broker, self._find_database
        )
        write_kept(self.folder, kept)

    def _start(self, progress: Progress, services: tuple[str, ...]) -> None:
        kept = self._kept
        self._ensure_usable(kept, progress)
        supervisor = self._supervisor()
        supervisor.start(self._programs(), self.environment())
        own = plan.own_programs(self.folder, kept)
        for program in own:
            self._launch(program, progress)
            if program.name == "epmd":  # the broker would otherwise start one that stays behind
                self._await_start(program, progress)
        if kept.mongodb_uri is None:
            self._await_start(own[-1], progress)
            database.ensure_primary(kept.ports["mongod"])
        progress("seeding the database")  # while the broker still starts
        seed_when_outdated(self.settings())
        wanted = [each for each in plan.service_programs(kept) if each.name in services]
        for program in own:
            self._await_start(program, progress)
        for program in wanted:
            self._launch(program, progress)
        for program in wanted:
            self._await_start(program, progress)

    def _ensure_usable(self, kept: Kept, progress: Progress) -> None:
        installer = packages.of_this_machine()
        if kept.amqp_uri is None:
            broker.ensure_installed(progress, installer)
        elif reason := broker.not_up(kept.amqp_uri):
            raise CannotStart(f"the broker of this stack cannot be used: {reason}\n{broker.GIVEN}")
        if kept.mongodb_uri is None:
            database.ensure_runs(Path(kept.mongod or ""), progress, installer)
        elif reason := database.unusable(kept.mongodb_uri):
            raise CannotStart(
                f"the database of this stack cannot be used: {reason}\n{database.GIVEN}"
            )

    def _launch(self, program: Program, progress: Progress) -> None:
        progress(f"starting {program.name}")
        self._supervisor().start_program(program.name)

    def _await_start(self, program: Program, progress: Progress) -> None:
        progress(f"waiting for {program.name}")
        self._await(program, hopeless=FAILED)

    def _stop(self) -> None:
        running = processes.of_stack(self.folder)
        supervisor = self._supervisor()
        own = plan.own_programs(self.folder, self._kept)
        # A supervisor that was killed, or cannot end a program, leaves it to be ended here.
        with suppress(CannotStart):
            if supervisor.is_running():
                supervisor.stop_programs(plan.service_programs(self._kept))
                supervisor.stop_programs(each for each in own if each.name != "epmd")
                supervisor.stop_programs(own)
                supervisor.shut_down()
                psutil.wait_procs(running, timeout=processes.LEAVE_SECONDS)
        processes.end(processes.of_stack(self.folder))

    def _programs(self) -> list[Program]:
        kept = self._kept
        return plan.own_programs(self.folder, kept) + plan.service_programs(kept)

    def _program(self, name: str) -> Program:
        return next(program for program in self._programs() if program.name == name)

    def _supervisor(self) -> Supervisor:
        kept = self._kept
        return Supervisor(self.folder, kept.ports["supervisor"], kept.password)

    def _check_well(self, services: tuple[str, ...]) -> None:
        port = self._kept.ports["gateway"]
        if self._wanted_port not in (None, port):
            raise CannotStart(f"the stack in {self.folder} runs already, on port {port}")
        try:
            self.wait_ready(HEALTHY_SECONDS, services)
        except CannotStart as error:
            raise CannotStart(f"the stack in {self.folder} runs already, but is {error}") from error

    def _await(self, program: Program, hopeless: frozenset[str]) -> None:
        deadline = time.monotonic() + UP_SECONDS
        supervisor = self._supervisor()
        while reason := program.not_up():
            left = supervisor.state(program.name).state in hopeless
            if left or time.monotonic() > deadline:
                why = "left again" if left else f"did not come up: {reason}"
                raise CannotStart(f"{program.name} {why}\n{supervisor.log_tail(program.name)}")
            time.sleep(0.1)


def _status(state: State, program: Program) -> ProgramStatus:
    reason = program.not_up() if state.pid else "does not run"
    # To the supervisor a program is starting for a fixed time, ready or not.
    named = state.state if reason else "RUNNING"
    return ProgramStatus(state.name, named, state.pid, state.since, program.address, reason)
