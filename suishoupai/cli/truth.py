"""``verify`` and ``rebuild``: whether everything agrees with the cases, and making it agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo import MongoClient
from rich.table import Column, Table
from rich.text import Text

from suishoupai.cli.options import DATA, Data, console, errors, progress_bar, settings_of, told
from suishoupai.mongo import connect
from suishoupai.settings import Settings
from suishoupai.truth.rebuild import are_outdated, rebuild_figures
from suishoupai.truth.verify import Verdict
from suishoupai.truth.verify import verify as verified

rebuilds = typer.Typer(help="Make something anew from the cases.", no_args_is_help=True)

SHOWN = 50
"""Most differences that are printed one by one."""


def verify(
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="Seconds to wait for events on their way.")
    ] = 30.0,
    data: Data = DATA,
) -> None:
    """Recount every figure, notice and assignment from the cases; exit 1 if any differs."""
    with told(), _database(data) as (client, settings), progress_bar() as progress:
        task = progress.add_task("核对 comparing", total=None)
        verdict = verified(client, settings, patience, lambda cases: progress.advance(task, cases))
        progress.update(task, total=verdict.cases)
    _show(verdict)
    if verdict.differences:
        raise typer.Exit(1)


@contextmanager
def _database(data: Path) -> Iterator[tuple[MongoClient[dict[str, Any]], Settings]]:
    settings = settings_of(data)
    with connect(settings) as client:
        yield client, settings


def _show(verdict: Verdict) -> None:
    console.print(
        f"compared {verdict.cases} cases, {verdict.notices} notices, {verdict.figures} figures"
    )
    if not verdict.differences:
        console.print("[green]no difference[/]")
        return
    table = Table(Column("case", no_wrap=True, min_width=24), "what", "should be", "is")
    for each in sorted(verdict.differences)[:SHOWN]:
        table.add_row(*map(Text, (each.subject, each.what, each.expected, each.found)))
    console.print(table)
    errors.print(f"[red]{len(verdict.differences)} differences[/]")


@rebuilds.command("stats")
def rebuild_stats(data: Data = DATA) -> None:
    """Make the figures anew while the system runs; interrupted, it goes on where it stopped."""
    with told(), _database(data) as (client, settings):
        done = rebuilt(client, settings)
    console.print(f"rebuilt from {done} cases")


def renew(settings: Settings) -> None:
    """Makes the figures anew where another version made them: until then no answer tells any."""
    with told(), connect(settings) as client:
        if are_outdated(client, settings):
            console.print("the figures were made by another version: making them anew")
            rebuilt(client, settings)


def rebuilt(client: MongoClient[dict[str, Any]], settings: Settings) -> int:
    """Makes the figures anew and shows how far it is; returns from how many cases."""
    with progress_bar() as progress:
        task = progress.add_task("重建 rebuilding", total=None)
        return rebuild_figures(
            client,
            settings,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
