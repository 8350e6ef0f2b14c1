"""``admin create | list | end-sessions``: the first admin, and whoever must be logged out."""

from __future__ import annotations

import getpass
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from suishoupai import clock
from suishoupai.cli.options import DATA, Data, console, settings_of, told
from suishoupai.divisions import normalise
from suishoupai.mongo import connect, database

app = typer.Typer(help="Accounts: the first admin, who there is, who is logged out.")

Document = dict[str, Any]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="User name: 2 to 32 of a-z0-9._-")],
    division: Annotated[
        str | None, typer.Option("--division", help="Bind it to a division; else the whole county.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Read the password from a file's first line instead of asking for it.",
        ),
    ] = None,
    data: Data = DATA,
) -> None:
    """Make an admin; everybody else is invited by one."""
    bound = _division(division)
    with told(), _operator(data) as operator:
        operator.require_free(name)
        operator.create_admin(name, _password(password_file), bound)
    console.print(Text(f"{name} may log in now, as admin of {bound or 'the whole county'}"))


@app.command("list")
def list_accounts(data: Data = DATA) -> None:
    """Show every account."""
    with told(), _operator(data) as operator:
        accounts = operator.accounts()
    table = Table(Column("account", no_wrap=True), "roles", "division", "party", "since", "")
    for account in accounts:
        table.add_row(*map(Text, _line(account)))
    console.print(table)


@app.command("end-sessions")
def end_sessions(name: Annotated[str, typer.Argument()], data: Data = DATA) -> None:
    """Log an account out everywhere; its access tokens are refused within a second or two."""
    with told(), _operator(data) as operator:
        ended = operator.end_sessions(name)
    console.print(Text(f"{ended} sessions of {name} ended"))


@contextmanager
def _operator(data: Path) -> Iterator[Any]:
    settings = settings_of(data)
    room = importlib.import_module("services.gateway.accounts.operator")
    with connect(settings) as client:
        yield room.Operator(database(client, settings, "gateway"), getpass.getuser())


def _division(code: str | None) -> str | None:
    try:
        return normalise(code) if code else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--division") from error


def _password(file: Path | None) -> str:
    if file is not None:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _line(account: Document) -> tuple[str, ...]:
    return (
        account["_id"],
        ", ".join(account["roles"]),
        account["division"] or "",
        account["party"] or "",
        f"{account['created_at'].astimezone(clock.LOCAL):%Y-%m-%d}",
        "disabled" if account["disabled_at"] else "",
    )
