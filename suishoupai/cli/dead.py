"""``dead list | show | retry | drop``: what could not be handled, and what becomes of it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from suishoupai.cli.options import DATA, Data, console, errors, settings_of, told
from suishoupai.clock import LOCAL
from suishoupai.messaging.dead_letter_office import QUEUES, DeadLetterOffice, open_office
from suishoupai.messaging.dead_letters import Document, NotOpen
from suishoupai.messaging.publisher import NOT_PUBLISHED

app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)


def _known_queue(queue: str) -> str:
    if queue and queue not in QUEUES:
        raise typer.BadParameter(f"there is no queue {queue}; there are: {', '.join(QUEUES)}")
    return queue


Letters = Annotated[list[str] | None, typer.Argument(help="Ids as `dead list` shows them.")]
Queue = Annotated[
    str,
    typer.Option("--queue", callback=_known_queue, help="Only this queue, such as grid.assign."),
]
Why = Annotated[str, typer.Option("--why", help="The reason, kept with the letter.")]
By = Annotated[str, typer.Option("--by", help="Who decides; else the user of this machine.")]


@app.command("list")
def list_letters(
    queue: Queue = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was sent again or dropped.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Show what waits for a decision, the oldest first."""
    with told(), open_office(settings_of(data)) as office:
        letters = office.find(queue, everything)
    if not letters:
        console.print("no dead letters")
        return
    # Whole, however narrow the terminal: an id is there to be copied.
    table = Table(
        Column("id", no_wrap=True, min_width=16), "parked", "queue", "event", "state", "reason"
    )
    for kept in letters:
        parked = f"{kept['parked_at'].astimezone(LOCAL):%m-%d %H:%M:%S}"
        event = (kept["event"] or {}).get("type") or "?"
        words = (kept["_id"], parked, kept["queue"], event, kept["state"], kept["reason"])
        # What a message says is data: nothing in it is markup.
        table.add_row(*(Text(word) for word in words))
    console.print(table)


@app.command()
def show(letter: Annotated[str, typer.Argument()], data: Data = DATA) -> None:
    """Show one letter: its reason, its body, its traceback and what was done with it."""
    with told(), open_office(settings_of(data)) as office:
        try:
            kept = office.read(letter)
        except NotOpen as error:
            errors.print(f"[red]there is no letter {letter}[/]", highlight=False)
            raise typer.Exit(1) from error
    for line in _described(kept):
        typer.echo(line)


def _described(kept: Document) -> Iterator[str]:
    yield f"{kept['_id']}  {kept['queue']}  {kept['state']}"
    yield f"parked {_second(kept['parked_at'])}: {kept['reason']}"
    for entry in kept["history"]:
        yield f"{entry['action']} {_second(entry['at'])} by {entry['by']}: {entry['why']}"
    for name, value in (kept["event"] or {}).items():
        yield f"event {name}: {value}"
    for name, value in kept["headers"].items():
        yield f"header {name}: {value}"
    yield ""
    yield bytes(kept["body"]).decode(errors="backslashreplace")
    yield ""
    yield kept["traceback"]


def _second(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


@app.command()
def retry(
    why: Why, letters: Letters = None, queue: Queue = "", by: By = "", data: Data = DATA
) -> None:
    """Send letters to their queue again: those named, or all open ones of a queue."""
    _decide(letters, queue, data, lambda office, each: office.retry(each, by or _user(), why))


@app.command()
def drop(
    why: Why, letters: Letters = None, queue: Queue = "", by: By = "", data: Data = DATA
) -> None:
    """Give letters up: they stay readable, and nobody is asked about them any more."""
    _decide(letters, queue, data, lambda office, each: office.drop(each, by or _user(), why))


def _decide(
    letters: list[str] | None,
    queue: str,
    data: Data,
    step: Callable[[DeadLetterOffice, str], None],
) -> None:
    """Takes the step for each letter; leaves with 1 when one of them could not take it."""
    if bool(letters) == bool(queue):
        raise typer.BadParameter("name letters, or a queue with --queue")
    failed = 0
    with told(), open_office(settings_of(data)) as office:
        for each in letters or [kept["_id"] for kept in office.find(queue)]:
            try:
                step(office, each)
                console.print(f"{each} done", highlight=False)
            except NotOpen:
                failed += 1
                errors.print(f"[red]{each}: not there, or decided before[/]", highlight=False)
            except NOT_PUBLISHED as error:
                failed += 1
                errors.print(f"[red]{each} stays open: {error}[/]", highlight=False)
    if failed:
        raise typer.Exit(1)


def _user() -> str:
    return getpass.getuser()
