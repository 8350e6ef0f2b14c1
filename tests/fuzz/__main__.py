"""``make fuzz``: every caller against every operation for minutes, with progress and a report."""

import argparse
import json
import secrets
import sys
import tempfile
import time
from pathlib import Path

from rich.table import Table

from services.gateway.api import OPERATIONS
from suishoupai.cli.options import console, progress_bar

from ..integration.api.callers import ROLES, Callers
from ..integration.api.footprint import nothing_expires
from .fuzzing import Effort, fuzz, values_of
from .stack import filled, new_world

EXAMPLES = 50
"""Of each operation, before the next phase has its turn; time is what ends a round."""


def main():
    """Sends until the time is up; leaves with 1 when something was wrong."""
    given = _arguments()
    console.print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="suishoupai-fuzz-") as folder:
        world = new_world(Path(folder) / "stack")
        world.stack.up(lambda _: None)
        try:
            with nothing_expires(world):
                outcomes = _rounds(filled(world), given)
        finally:
            world.stack.down()
    _report(outcomes)
    if given.json:
        given.json.write_text(json.dumps([_plain(each) for each in outcomes], indent=1))
    sys.exit(any(each.faults for each in outcomes))


def _arguments():
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0, help="for all callers together")
    parser.add_argument("--role", action="append", choices=tuple(ROLES), help="default: each")
    names = sorted(operation.id for operation in OPERATIONS)
    parser.add_argument("--operation", choices=names, metavar="ID", help="the only one to call")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--json", type=Path, help="file for the figures and faults")
    return parser.parse_args()


def _rounds(world, given):
    names = given.role or tuple(ROLES)
    seconds = max(1, round(given.minutes * 60 / len(names)))
    effort = Effort(EXAMPLES, seed=given.seed, seconds=seconds, operation=given.operation)
    outcomes = []
    with progress_bar() as progress:
        for name in names:
            begun = time.monotonic()
            task = progress.add_task(name, total=seconds)

            def advance(task=task, begun=begun):
                progress.update(task, completed=min(seconds, time.monotonic() - begun))

            callers = Callers(world, "fuzz")  # anew: an admin disables, moves and revokes
            outcomes.append(fuzz(world, callers, name, effort, values_of(world), advance))
            progress.update(task, completed=seconds)
    return outcomes


def _report(outcomes):
    table = Table("caller", "requests", "good", "refused", "sent again", "faults", title="fuzz")
    for each in outcomes:
        good = sum(number for (_, status), number in each.statuses.items() if status < 400)
        figures = (each.requests, good, each.requests - good, each.replayed, len(each.faults))
        table.add_row(each.caller, *map(str, figures))
    console.print(table)
    for each in outcomes:
        if each.faults:
            console.print(each.report(), markup=False, highlight=False)


def _plain(outcome):
    return {
        "caller": outcome.caller,
        "requests": outcome.requests,
        "replayed": outcome.replayed,
        "statuses": {f"{name} {status}": n for (name, status), n in outcome.statuses.items()},
        "faults": [" · ".join(fault) for fault in outcome.faults],
    }


main()
