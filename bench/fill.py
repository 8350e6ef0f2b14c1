"""``python -m bench.fill``: fills the figures of a folder with lifelike cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from bench.folder import FILLING_CACHE, Filling, figures, read_filling, write_filling
from bench.loading import Loading
from suishoupai.clock import now, parse_instant
from suishoupai.local import CannotStart
from suishoupai.settings import read_settings
from suishoupai.truth.records import Overtaken

PAGE = 500
PROCESSES = 1

Folder = Annotated[Path, typer.Option(help="Where the filled database is kept.")]
Uri = Annotated[str | None, typer.Option(help="A replica set to use instead of an own server.")]


def fill(
    folder: Folder = Path(".bench"),
    cases: Annotated[int, typer.Option(min=1, help="How many, over two years.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same cases.")] = 1,
    until: Annotated[str | None, typer.Option(help="The last instant, ISO 8601; now.")] = None,
    page: Annotated[int, typer.Option(min=1, help="Cases in one transaction.")] = PAGE,
    processes: Annotated[int, typer.Option(min=1, help="That make cases.")] = PROCESSES,
    mongo_url: Uri = None,
) -> None:
    """Fill the figures with lifelike cases; broken off, it goes on where it stopped."""
    console = Console()
    before = read_filling(folder)
    filling = before or Filling(cases, seed, _instant(until))
    if (filling.cases, filling.seed) != (cases, seed):
        asked = (
            f"{folder} holds {filling.cases} cases of seed {filling.seed}: choose another folder"
        )
        console.print(f"[red]{asked}[/]")
        raise typer.Exit(2)
    write_filling(folder, filling)
    try:
        with figures(folder, mongo_url, FILLING_CACHE) as database:
            loading = Loading(database, read_settings().county, filling.wanted)
            rate = _shown(loading, filling, page, processes, console)
    except (CannotStart, Overtaken) as error:
        console.print(Text(str(error), style="red"))
        raise typer.Exit(1) from error
    console.print(f"{filling.cases} cases until {filling.until} in {folder}{rate}")


def _instant(until: str | None) -> str:
    at = parse_instant(until) if until else now()
    return at.replace(second=0, microsecond=0).isoformat()


def _shown(loading: Loading, filling: Filling, page: int, processes: int, console: Console) -> str:
    """Fills, and says how quick it was."""
    begun = loading.done
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("cases", total=filling.cases, completed=begun, rate="")
        rate = ""
        for done in loading.run(page, processes):
            elapsed = progress.tasks[0].elapsed or 1.0
            rate = f"{(done - begun) / elapsed:,.0f}/s"
            progress.update(task, completed=done, rate=rate)
    return f", {rate}" if rate else ""


if __name__ == "__main__":
    typer.run(fill)
