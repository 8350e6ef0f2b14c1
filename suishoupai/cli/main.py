"""The commands, in the order in which they are met."""

from __future__ import annotations

import typer

from suishoupai.cli import admin, catalogue, dead, reports, stack, truth, words

app = typer.Typer(
    help="随手拍 · Suishoupai: event-driven grass-roots governance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
app.command()(stack.logs)
app.command()(reports.demo)
app.command()(reports.seed)
app.command()(reports.replay)
app.add_typer(admin.app, name="admin")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(dead.app, name="dead")
app.command()(truth.verify)
app.add_typer(truth.rebuilds, name="rebuild")
app.add_typer(words.app, name="words")
