"""What the commands have in common: where the stack is, and how a failure is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from suishoupai.contracts.problems import Problem
from suishoupai.local import CannotStart
from suishoupai.local.stack import LocalStack, NoStack
from suishoupai.settings import Settings, read_settings
from suishoupai.truth.records import Overtaken

console = Console()
errors = Console(stderr=True)

Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="SUISHOUPAI_DATA", help="Folder of the stack: its data, ports and logs."
    ),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="The gateway's port; 8000 for a new stack."),
]
DATA = Path(".demo")


@contextmanager
def told() -> Iterator[None]:
    """Tells what went wrong in words and leaves: with 2 when there is no stack, else with 1."""
    try:
        yield
    except NoStack as error:
        errors.print(f"[red]{error}[/]; start one with: suishoupai up", highlight=False)
        raise typer.Exit(2) from error
    except PyMongoError as error:
        errors.print(Text(f"the database does not answer: {error}", "red"))
        raise typer.Exit(1) from error
    except (CannotStart, Overtaken, Problem) as error:
        errors.print(Text(str(error), "red"))
        raise typer.Exit(1) from error


def settings_of(data: Path) -> Settings:
    """The settings of a database that is given (``MONGODB_URI``), else of the stack in ``data``.

    Raises ``NoStack``, also for one that does not run.
    """
    if os.environ.get("MONGODB_URI"):
        return read_settings()
    stack = LocalStack(data)
    stack.status()
    return stack.settings()


def progress_bar() -> Progress:
    """A bar with what is done of how much, and how long the rest will take."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
