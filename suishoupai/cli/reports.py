"""``demo``, ``seed`` and ``replay``: commands that bring reports and first data into a stack."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from suishoupai.cli import demo as played
from suishoupai.cli.morning import Morning
from suishoupai.cli.options import (
    DATA,
    Data,
    Port,
    console,
    errors,
    progress_bar,
    settings_of,
    told,
)
from suishoupai.cli.replay import Replay, UnreadableFile
from suishoupai.cli.stack import bring_up, stay_until_interrupted
from suishoupai.client import Client
from suishoupai.contracts.words import PARTY_KINDS
from suishoupai.local.stack import LocalStack
from suishoupai.seed import seed as seed_services

DEMO_PASSWORD = "suishoupai"  # noqa: S105 - public by purpose: only the demo seed makes it
ACCOUNTS = {
    "member": "网格员（骑手）· sends reports",
    "resident": "居民 · sends reports that are verified first",
    "handler": "物业 · sees its cases and inbox",
    "department": "环卫部门 · sees its cases and inbox",
    "dispatcher": "社区调度 · sees the community",
    "town": "镇街督办 · sees the town",
    "supervisor": "县督办 · sees the county",
    "admin": "管理员 · sees everything",
}


def demo(
    reports: Annotated[int, typer.Option("--reports", min=1, help="How many reports.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="The same number, the same morning.")] = 1,
    port: Port = None,
    data: Data = DATA,
) -> None:
    """Start a stack and play a morning of reports; with DEMO_EXIT=1, stop after the table."""
    stack = LocalStack(data, port)
    bring_up(stack)
    leave = os.environ.get("DEMO_EXIT", "") not in ("", "0")
    try:
        with told():
            findings = _play(stack, reports, seed)
    except BaseException:
        if leave:
            stack.down()
        raise
    _show(stack, findings)
    if leave:
        stack.down()
        raise typer.Exit(0 if findings.complete else 1)
    stay_until_interrupted(stack)


def _play(stack: LocalStack, count: int, seed: int) -> played.Findings:
    county = Client(stack.url).login("admin", DEMO_PASSWORD)
    phone = Client(stack.url).login("member", DEMO_PASSWORD)
    bodies = list(Morning(stack.settings().county, seed).reports(count))
    before = county.get("/stats/summary")
    with progress_bar() as progress:
        task = progress.add_task("上报 reports", total=count)
        receipts = played.send(phone, bodies, lambda: progress.advance(task))
    with console.status("waiting for the last report to be counted"):
        played.await_counted(county, before, count)
    with console.status("looking every case up"):
        return played.inspect(county, receipts, before, county.get("/stats/summary"))


def _show(stack: LocalStack, findings: played.Findings) -> None:
    table = Table("", "", title="随手拍 · one morning", show_header=False)
    table.add_row("上报 reported", str(findings.reported))
    for kind, name in PARTY_KINDS.items():
        table.add_row(f"派至{name} assigned ({kind})", str(findings.assigned[kind]))
    table.add_row("已告知 noticed", str(findings.noticed))
    table.add_row("已计入 counted", str(findings.counted))
    for name, seconds in (
        ("201 → assigned", findings.to_assigned),
        ("201 → counted", findings.to_counted),
    ):
        p50, p95 = (played.percentile(seconds, share) * 1000 for share in (0.5, 0.95))
        table.add_row(f"{name}, p50 / p95", f"{p50:.0f} / {p95:.0f} ms")
    console.print(table)
    for fault in findings.faults[:10]:
        errors.print(f"[red]{fault}[/]")
    for name, path in (
        ("接口 API", "/docs"),
        ("健康 health", "/readyz"),
        ("指标 metrics", "/metrics"),
    ):
        console.print(f"{name}: {stack.url}{path}")
    accounts = Table("account", "", title=f"demo accounts, password {DEMO_PASSWORD}")
    for name, meaning in ACCOUNTS.items():
        accounts.add_row(name, meaning)
    console.print(accounts)


def seed(data: Data = DATA) -> None:
    """Write the catalogue, the county and in demo mode its accounts; again changes nothing."""
    with told():
        for line in seed_services(settings_of(data)):
            console.print(line)


def replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    url: Annotated[str, typer.Option("--url", help="A gateway; else the stack's own.")] = "",
    username: Annotated[str, typer.Option(envvar="SUISHOUPAI_USERNAME")] = "member",
    password: Annotated[str, typer.Option(envvar="SUISHOUPAI_PASSWORD")] = DEMO_PASSWORD,
    data: Data = DATA,
) -> None:
    """Send the reports of a CSV file: time, lng, lat, datum, category, description.

    Interrupted, the same command goes on where it stopped; refused rows are listed beside the file.
    """
    with told():
        address = url or _running(LocalStack(data)).url
        client = Client(address).login(username, password)
        try:
            replayed = Replay(file, client)
        except UnreadableFile as error:
            errors.print(f"[red]{file}: {error}[/]")
            raise typer.Exit(2) from error
        with progress_bar() as progress:
            total = len(replayed.rows)
            task = progress.add_task("上报 reports", total=total, completed=replayed.done)
            outcome = replayed.run(lambda rows: progress.advance(task, rows))
    console.print(f"{outcome.sent} sent, {outcome.rejected} rejected")
    if outcome.rejected:
        console.print(f"rejected rows, with line and reason: {replayed.reject_file}")


def _running(stack: LocalStack) -> LocalStack:
    stack.status()
    return stack
