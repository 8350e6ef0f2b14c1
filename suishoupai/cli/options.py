"""What the commands have in common: where the stack is, and how a failure is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from suishoupai.contracts.problems import Problem
from suishoupai.local import CannotStart
from suishoupai.local.stack import NoStack

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
    except (CannotStart, Problem) as error:
        errors.print(f"[red]{error}[/]", highlight=False, markup=True)
        raise typer.Exit(1) from error
