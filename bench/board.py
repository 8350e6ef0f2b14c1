"""``python -m bench.board``: asks every question of the table of a filled folder, and how long each
takes."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.asking import Asking
from bench.county import DemoCounty
from bench.fill import Folder, Uri
from bench.folder import figures, read_filling
from bench.loading import is_filled
from bench.questions import QUESTIONS, Question
from suishoupai.clock import now
from suishoupai.contracts.problems import Problem
from suishoupai.settings import read_settings

ROUNDS = 40
WARM_UP = 2
GOAL = 100.0
"""Milliseconds that 95 of 100 questions may take at most."""


@dataclass(frozen=True)
class Taken:
    """How long a question took, milliseconds."""

    median: float
    p95: float
    most: float


def board(
    folder: Folder = Path(".bench"),
    rounds: Annotated[int, typer.Option(min=1, help="How often each is asked.")] = ROUNDS,
    seed: Annotated[int, typer.Option(help="Of what is drawn for each question.")] = 1,
    only: Annotated[str, typer.Option(help="Only questions whose name holds this.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="JSON of the figures, for bench.compare.")
    ] = None,
    mongo_url: Uri = None,
) -> None:
    """Ask every question the board asks, and show how long each takes."""
    console = Console()
    filling = read_filling(folder)
    if filling is None:
        console.print(
            f"[red]nothing is filled in {folder}: python -m bench.fill --folder {folder}[/]"
        )
        raise typer.Exit(2)
    wanted = [each for each in QUESTIONS if only in each.name]
    with figures(folder, mongo_url) as database:
        asking = Asking(database, DemoCounty(read_settings().county), filling.wanted.until)
        if not is_filled(database):
            console.print(f"[red]{folder} is not filled to the end yet: run bench.fill again[/]")
            raise typer.Exit(2)
        asking.prepare()
        known = [each for each in wanted if asking.knows(each)]
        found = {
            each.name: measured(asking, each, rounds, seed)
            for each in track(known, "questions", console=console)
        }
    console.print(_table(found, filling.cases))
    if absent := sorted({each.method for each in wanted if not asking.knows(each)}):
        console.print(f"not answered yet: {', '.join(absent)}")
    if out is not None:
        out.write_text(_json(found, filling.cases, rounds), encoding="utf-8")


def measured(asking: Asking, question: Question, rounds: int, seed: int) -> Taken:
    """Asks a question so many times, each time with other terms, after a few that do not count.

    Raises ``Problem`` naming the question when it is refused.
    """
    chance = random.Random(f"{seed}|{question.name}")
    return taken(list(_times(asking, question, rounds + WARM_UP, chance))[WARM_UP:])


def taken(times: Sequence[float]) -> Taken:
    """What is told of some times: the median, and what 95 of 100 of them do not exceed."""
    times = sorted(times)
    return Taken(
        median=times[len(times) // 2],
        p95=times[min(len(times) - 1, -(-len(times) * 95 // 100) - 1)],
        most=times[-1],
    )


def _times(
    asking: Asking, question: Question, rounds: int, chance: random.Random
) -> Iterator[float]:
    for _ in range(rounds):
        ask = asking.prepared(question, chance)
        begun = time.perf_counter()
        try:
            ask()
        except Problem as problem:
            problem.add_note(question.name)
            raise
        yield (time.perf_counter() - begun) * 1000


def _table(found: dict[str, Taken], cases: int) -> Table:
    table = Table("question", title=f"{cases:,} cases, milliseconds")
    for name in ("median", "p95", "most"):
        table.add_column(name, justify="right")
    for name, taken in found.items():
        style = "red" if taken.p95 > GOAL else ""
        table.add_row(name, *(f"{each:.1f}" for each in asdict(taken).values()), style=style)
    return table


def _json(found: dict[str, Taken], cases: int, rounds: int) -> str:
    told = {
        "cases": cases,
        "rounds": rounds,
        "at": now().isoformat(),
        "questions": {name: asdict(taken) for name, taken in found.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    typer.run(board)
