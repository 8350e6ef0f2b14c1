"""``catalogue import | export | history``: the catalogue as a file, and who changed it when."""

from __future__ import annotations

import getpass
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from suishoupai import clock
from suishoupai.cli.options import DATA, Data, console, errors, settings_of, told
from suishoupai.contracts.problems import Problem
from suishoupai.mongo import connect, database
from suishoupai.settings import Settings

app = typer.Typer(help="The catalogue of case classes, with its dates.", no_args_is_help=True)

OPEN = "…"
"""How the end of a version is shown that has none."""

Document = dict[str, Any]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="From which day on; else tomorrow."),
    ] = None,
    end_missing: Annotated[
        bool, typer.Option("--end-missing", help="End the codes that are not in the file.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Make the catalogue what a CSV file says, from a day on; cases keep the row they have.

    Leaves with 2 when anything is wrong with the file; then nothing is written.
    """
    at = clock.now()
    today = at.astimezone(clock.LOCAL).date()
    on = start.date() if start else today + timedelta(days=1)
    if on < today:
        why = "lies in the past, and what was in force is not changed any more"
        raise typer.BadParameter(why, param_hint="--from")
    with told(), _catalogue(data) as (store, settings):
        wanted = _read(file, settings)
        edition = store.edition()
        changes = _room("catalogue").compare(store.all_rows(), wanted, on, end_missing)
        _show(changes)
        _refuse_overwriting(changes, today)
        if dry_run:
            console.print("nothing written: --dry-run")
        elif not changes.nothing:
            note = _room("catalogue_store").Note(getpass.getuser(), at, str(file), str(on))
            store.apply(changes, edition, note)
            console.print(f"written: edition {edition + 1} of the catalogue")


@app.command()
def export(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Rows of this day and later; else today."),
    ] = None,
    data: Data = DATA,
) -> None:
    """Write the rows in force, and those decided for later, as CSV; imported they change nothing.

    From the day of ``valid_to`` on a row is no longer in force.
    """
    with told(), _catalogue(data) as (store, _):
        rows = _room("catalogue").from_day(store.all_rows(), on.date() if on else _today())
        typer.echo(_room("catalogue_file").write_catalogue(rows).encode(), nl=False)


@app.command()
def history(
    code: Annotated[str, typer.Argument(help="Five digits, such as 06010.")], data: Data = DATA
) -> None:
    """Show every version of a code, and who changed it when, with which file."""
    with told(), _catalogue(data) as (store, _):
        versions, changes = store.versions(code), store.changes_of(code)
    if not versions and not changes:
        errors.print(Text(f"there never was a category {code}", "red"))
        raise typer.Exit(1)
    console.print(_versions(versions))
    console.print(_changes(code, changes))


@contextmanager
def _catalogue(data: Path) -> Iterator[tuple[Any, Settings]]:
    """The store of a seeded catalogue and the stack's settings."""
    settings = settings_of(data)
    with connect(settings) as client:
        store = _room("catalogue_store").CatalogueStore(database(client, settings, "issues"))
        if lacking := store.missing():
            raise Problem("unavailable", lacking)
        yield store, settings


def _room(name: str) -> Any:
    return importlib.import_module(f"services.issues.{name}")


def _today() -> date:
    return clock.now().astimezone(clock.LOCAL).date()


def _read(file: Path, settings: Settings) -> list[Document]:
    duties = _room("seed").read_duties(settings.county)
    rows, faults = _room("catalogue_file").read_catalogue(file.read_bytes(), duties)
    if faults:
        table = Table("line", Column("column", no_wrap=True), "what is wrong")
        for each in faults:
            table.add_row(*map(Text, (str(each.line), each.column, each.message)))
        errors.print(table)
        errors.print(Text(f"{file}: {len(faults)} faults, nothing written", "red"))
        raise typer.Exit(2)
    return list(rows)


def _refuse_overwriting(changes: Any, today: date) -> None:
    codes = _room("catalogue").overwritten(changes, today)
    if codes:
        why = "began today and are in force: change them from tomorrow on; nothing written"
        errors.print(Text(f"{', '.join(codes)} {why}", "red"))
        raise typer.Exit(2)


def _show(changes: Any) -> None:
    if not changes.nothing:
        table = Table("", Column("code", no_wrap=True), "name", Column("from", no_wrap=True))
        for title in ("what", "old", "new"):
            table.add_column(title)
        for words in sorted(_lines(changes)):
            table.add_row(*map(Text, words))
        console.print(table)
    console.print(
        f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.ended)} ended, "
        f"{len(changes.unchanged)} unchanged"
    )
    if changes.missing:
        console.print(
            f"{len(changes.missing)} in force are not in the file and stay as they are "
            f"(--end-missing ends them): {', '.join(changes.missing)}"
        )


def _lines(changes: Any) -> Iterator[tuple[str, ...]]:
    """The lines of the table of changes: sign, code, name, from, what, old, new."""
    written = {row["_id"]: row for row in changes.written}
    for step in changes.added:
        row = written[f"{step.code}@{step.on}"]
        summary = f"{_worded('responsible', row['responsible'])} {row['limit']} {row['limit_unit']}"
        yield "+", step.code, step.name, step.on, "", "", summary
    for step in changes.changed:
        for name, old, new in step.fields:
            yield "~", step.code, step.name, step.on, name, _worded(name, old), _worded(name, new)
    for step in changes.ended:
        yield "-", step.code, step.name, step.on, "ends", "", ""
    for row in changes.replaced:
        if row["_id"] not in written:
            yield "-", row["code"], row["name"], row["valid_from"], "was planned", "", ""


def _worded(name: str, value: Any) -> str:
    shown: str = _room("catalogue_file").worded(name, value)
    return shown or (OPEN if name == "valid_to" else "")


def _versions(versions: list[Document]) -> Table:
    """Each version: the first in full, of the others what differs from the one before."""
    table = Table(Column("from", no_wrap=True), Column("to", no_wrap=True), "what", "is")
    before: Document = {}
    for version in versions:
        period = (version["valid_from"], version["valid_to"] or OPEN)
        said = [
            (name, _worded(name, version[name]))
            for name in _room("catalogue").CONTENT
            if not before or version[name] != before[name]
        ]
        for n, (name, value) in enumerate(said or [("as before", "")]):
            table.add_row(*map(Text, (*(("", "") if n else period), name, value)))
        before = version
    return table


def _changes(code: str, changes: list[Document]) -> Table:
    table = Table("edition", Column("at", no_wrap=True), "by", "file", "what")
    for change in changes:
        at = f"{change['at'].astimezone(clock.LOCAL):%Y-%m-%d %H:%M}"
        what = "\n".join(_told(code, change))
        words = (str(change["_id"]), at, change["by"], change["file"], what)
        table.add_row(*map(Text, words))
    return table


def _told(code: str, change: Document) -> Iterator[str]:
    """What a change did to a code, in a line each."""
    for part in ("added", "changed", "ended"):
        for step in change[part]:
            if step["code"] == code:
                yield f"{part} from {step['on']}"
                for each in step["fields"]:
                    old, new = (_worded(each["field"], each[which]) for which in ("old", "new"))
                    yield f"{each['field']}: {old} → {new}"
    for row in change["replaced"]:
        if row["code"] == code:
            yield f"replaced: what was planned from {row['valid_from']}"
