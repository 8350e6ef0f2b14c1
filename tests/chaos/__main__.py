"""``make chaos``: every round in full, with a progress bar, and a report at the end."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.table import Table

from suishoupai.cli.options import console, progress_bar

from . import rounds

ROUNDS = ("killed", "two_of_each", "meddled", "poisoned", "time_passes", "leader_lost", "disk_full")


def main():
    """Runs the rounds that were asked for; leaves with 1 when one of them found a fault."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--reports", type=int, default=10_000, help="of each of the large rounds")
    parser.add_argument("--rate", type=float, default=100.0, help="reports a second")
    parser.add_argument("--times", type=int, default=3, help="how often each program is killed")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("rounds", nargs="*", default=ROUNDS, help=", ".join(ROUNDS))
    given = parser.parse_args()
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="suishoupai-chaos-") as folder:
        for name in given.rounds:
            outcomes.append(_run(name, given, Path(folder) / name))
    _report(outcomes)
    if given.json:
        given.json.write_text(json.dumps([vars(each) for each in outcomes], indent=1))
    sys.exit(any(each.faults for each in outcomes))


def _run(name, given, folder):
    folder.mkdir(parents=True)
    begun = time.monotonic()
    with progress_bar() as progress:
        small = name in ("leader_lost", "poisoned", "time_passes")
        size = 100 if name == "disk_full" else given.reports // 10 if small else given.reports
        task = progress.add_task(name, total=size)
        try:
            outcome = _round(name, given, folder, size, lambda: progress.advance(task))
        except Exception as error:
            outcome = rounds.Outcome(name, faults=[f"{type(error).__name__}: {error}"])
    outcome.figures["whole round, s"] = round(time.monotonic() - begun)
    return outcome


def _round(name, given, folder, size, advance):
    if name == "leader_lost":
        return rounds.leader_lost(folder, size, given.rate / 2, advance)
    if name == "disk_full":
        return rounds.disk_full(folder, advance)
    stack = rounds.new_stack(folder / "stack")
    stack.up(lambda _: None)
    try:
        times = (given.times,) if name in ("killed", "two_of_each") else ()
        return getattr(rounds, name)(stack, size, given.rate, advance, *times)
    finally:
        stack.down()


def _report(outcomes):
    table = Table("round", "figures", "faults", title="chaos")
    for each in outcomes:
        figures = "\n".join(f"{name}: {value}" for name, value in each.figures.items())
        table.add_row(each.name, figures, "\n".join(each.faults) or "none")
    console.print(table)


main()
