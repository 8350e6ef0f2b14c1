"""``up``, ``down``, ``status`` and ``logs``: the system on this machine."""

from __future__ import annotations

import signal
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from suishoupai.cli.options import DATA, Data, Port, console, errors, told
from suishoupai.clock import LOCAL
from suishoupai.local.stack import LocalStack, NoStack


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready.")] = False,
    port: Port = None,
    data: Data = DATA,
) -> None:
    """Start broker, database and services; Ctrl-C stops them."""
    stack = LocalStack(data, port)
    started = time.monotonic()
    bring_up(stack)
    console.print(f"[green]ready[/] in {time.monotonic() - started:.1f} s: {stack.url}/docs")
    if not detach:
        stay_until_interrupted(stack)


def bring_up(stack: LocalStack) -> None:
    """Starts a stack, showing what it is waiting for; leaves with 1 when it cannot."""
    with told(), console.status("starting") as status:
        stack.up(status.update)


def stay_until_interrupted(stack: LocalStack) -> None:
    """Waits for Ctrl-C or SIGTERM, then stops the stack."""
    console.print("Ctrl-C stops it.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        with console.status("stopping"):
            stack.down()


def down(data: Data = DATA) -> None:
    """Stop a stack and everything it started."""
    with told(), console.status("stopping"):
        LocalStack(data).down()
    console.print("stopped")


def status(data: Data = DATA) -> None:
    """Show every program of a stack; exit 1 unless all are ready."""
    with told():
        programs = LocalStack(data).status()
    table = Table("program", "state", "pid", "since", "address", "ready")
    for program in programs:
        table.add_row(
            program.name,
            program.state.lower(),
            str(program.pid or ""),
            _time(program.since),
            program.address,
            f"[red]{program.not_ready}[/]" if program.not_ready else "[green]yes[/]",
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
    path = stack.log_path(service)
    if not path.exists():
        known = sorted(each.stem for each in path.parent.glob("*.log"))
        errors.print(f"[red]no log of {service}[/]; there are: {', '.join(known)}")
        raise typer.Exit(2)
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file.readlines()[-lines:]:
            typer.echo(line, nl=False)
        while follow:
            if line := file.readline():
                typer.echo(line, nl=False)
            else:
                time.sleep(0.2)


def _time(since: int) -> str:
    return f"{datetime.fromtimestamp(since, LOCAL):%m-%d %H:%M:%S}" if since else ""
