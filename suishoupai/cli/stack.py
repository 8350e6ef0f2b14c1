"""``up``, ``down``, ``status`` and ``logs``: the system on this machine."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from suishoupai.cli.options import DATA, Data, Port, console, errors, told
from suishoupai.cli.truth import renew
from suishoupai.clock import LOCAL
from suishoupai.local import CannotStart
from suishoupai.local.logfile import followed, last_lines
from suishoupai.local.stack import LocalStack, NoStack, NotRunning


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready.")] = False,
    port: Port = None,
    data: Data = DATA,
) -> None:
    """Start broker, database and services; Ctrl-C stops them."""
    stack = LocalStack(data, port)
    started = time.monotonic()
    if not bring_up(stack):
        console.print(f"already running: {stack.url}/docs")
        return
    console.print(f"[green]ready[/] in {time.monotonic() - started:.1f} s: {stack.url}/docs")
    if not detach:
        stay_until_interrupted(stack)


def bring_up(stack: LocalStack) -> bool:
    """Starts a stack, showing what it is waiting for, and makes figures of another version anew;
    leaves with 1 when it cannot.

    Says whether it had to: one that runs already belongs to whoever started it.
    """
    _interrupt_on_signals()
    try:
        with console.status("starting") as status:

            def progress(step: str) -> None:
                status.update(step)
                if not console.is_terminal:
                    console.print(step)

            had_to = stack.up(progress)
    except CannotStart as error:
        # A log may hold brackets: nothing in it is markup.
        errors.print(Text(str(error), style="red"))
        raise typer.Exit(1) from error
    if had_to:
        try:
            renew(stack.settings())
        except BaseException:
            stack.down()
            raise
    return had_to


def stay_until_interrupted(stack: LocalStack) -> None:
    """Waits for Ctrl-C or SIGTERM, then stops the stack; leaves with 1 when others stopped it."""
    console.print("Ctrl-C stops it.")
    try:
        stack.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: stopping is bounded
        with told(), console.status("stopping"):
            stack.down()
        return
    errors.print("[red]stopped from outside[/]")
    with suppress(CannotStart):  # by `suishoupai down`, which is still at it
        stack.down()
    raise typer.Exit(1)


def _interrupt_on_signals() -> None:
    """Lets SIGTERM and a closed terminal do what Ctrl-C does; ``nohup`` stays what it is."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def down(data: Data = DATA) -> None:
    """Stop a stack and everything it started."""
    with told(), console.status("stopping"):
        LocalStack(data).down()
    console.print("stopped")


def status(data: Data = DATA) -> None:
    """Show every program of a stack; exit 1 unless all are ready."""
    with told():
        try:
            programs = LocalStack(data).status()
        except NotRunning as error:
            errors.print(f"{error}; start it with: suishoupai up", highlight=False)
            raise typer.Exit(1) from error
    table = Table("program", "state", "pid", "since", "address", "ready")
    for program in programs:
        table.add_row(
            program.name,
            program.state.lower(),
            str(program.pid or ""),
            _time(program.since),
            program.address,
            Text(program.not_ready, "red") if program.not_ready else Text("yes", "green"),
        )
    console.print(table)
    if any(program.not_ready for program in programs):
        raise typer.Exit(1)


def logs(
    service: Annotated[str, typer.Argument(help="issues, grid, notify, stats, gateway, mongod …")],
    lines: Annotated[int, typer.Option("--lines", min=1, help="How many of the last lines.")] = 100,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as lines are written.")] = False,
    data: Data = DATA,
) -> None:
    """Show the log of one program."""
    stack = LocalStack(data)
    with told():
        if not stack.exists:
            raise NoStack(f"there is no stack in {stack.folder}")
        known = stack.program_names
    path = stack.log_path(service)
    if service not in known or not path.exists():
        errors.print(f"[red]no log of {service}[/]; there are: {', '.join(known)}")
        raise typer.Exit(2)
    with suppress(KeyboardInterrupt):
        for line in followed(path, lines) if follow else last_lines(path, lines):
            typer.echo(line, nl=False)


def _time(since: int) -> str:
    return f"{datetime.fromtimestamp(since, LOCAL):%m-%d %H:%M:%S}" if since else ""
