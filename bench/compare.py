"""``python -m bench.compare small.json large.json``: what more cases cost, question by question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.board import GOAL

TIMES = 1.3
"""How much longer a question may take over the larger figures."""
GRACE = 2.0
"""Milliseconds that say nothing: what a busy machine adds to a question that takes two."""


def compare(
    small: Path,
    large: Path,
    grace: Annotated[float, typer.Option(help="Milliseconds that say nothing.")] = GRACE,
) -> None:
    """Show how much longer each question takes over more cases; leave with 1 if one is too slow."""
    few, many = _read(small), _read(large)
    table = Table(
        "question", title=f"p95: {few['cases']:,} → {many['cases']:,} cases, milliseconds"
    )
    for name in (f"{few['cases']:,}", f"{many['cases']:,}", "times", ""):
        table.add_column(name, justify="right")
    failed = 0
    for name, after in many["questions"].items():
        before = few["questions"].get(name)
        verdict = fault(before and before["p95"], after["p95"], grace)
        failed += bool(verdict)
        times = f"{after['p95'] / before['p95']:.2f}" if before else "-"
        was = f"{before['p95']:.1f}" if before else "-"
        style = "red" if verdict else ""
        table.add_row(name, was, f"{after['p95']:.1f}", times, verdict, style=style)
    console = Console()
    console.print(table)
    console.print(f"{failed} of {len(many['questions'])} do not pass: at most {GOAL:.0f} ms, and")
    console.print(f"at most {TIMES} times the time before (and {grace:g} ms)")
    raise typer.Exit(1 if failed else 0)


def fault(before: float | None, after: float, grace: float) -> str:
    """What is wrong with a p95; empty when nothing is. ``before``: with fewer cases, if known."""
    if after > GOAL:
        return "too slow"
    if before is not None and after > before * TIMES + grace:
        return "grows"
    return ""


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


if __name__ == "__main__":
    typer.run(compare)
