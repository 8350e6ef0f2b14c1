"""Who hears of what: the rule table ``data/notices/rules.csv`` (event × role → notice, channels).

An event without a line tells nobody, on purpose. Pure, but for reading the file once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.notify.recipients import ROLES
from services.notify.tables import UnusableTable, one_of
from suishoupai.contracts.events import CHANGES, REPORTS
from suishoupai.contracts.words import ACTIVITIES, NOTICE_KINDS
from suishoupai.truth.records import Told

COLUMNS = ("event", "role", "when", "kind", "channels")
CONDITIONS = ("urgent", *ACTIVITIES)
"""What may stand under ``when``: an urgent case, or what its running clock measures."""
SUBSCRIBER = "subscriber"
"""Whoever wants to hear of reports: the only role there is for them."""
REPORT_KIND = "monthly_report"
EVERY_CHANNEL, NO_CHANNEL = "all", "none"


@dataclass(frozen=True)
class Rule:
    """One line: an event tells a role, by a notice of this kind."""

    event_type: str
    role: str
    conditions: frozenset[str]
    """Any of these; empty for always."""
    kind: str
    channels: frozenset[str] | None
    """Channels besides the inbox that may be used; None for every one there is."""

    def applies(self, change: Told) -> bool:
        """Whether the change is one that this line speaks of."""
        if change.event_type != self.event_type:
            return False
        is_so = {"urgent"} if change.urgent else set()
        return not self.conditions or bool(self.conditions & (is_so | {change.activity}))


Rules = tuple[Rule, ...]


def recipients(change: Told, rules: Iterable[Rule]) -> dict[str, Rule]:
    """Everybody who must hear of a change, each once, with the first line that says so."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.applies(change):
            for recipient in ROLES[rule.role](change):
                found.setdefault(recipient, rule)
    return found


def read_rules(path: Path, channels: Iterable[str] | None) -> Rules:
    """The lines of the table; ``channels``: the names that may be used in it, None for any.

    Raises ``UnusableTable`` naming the line and the column at fault.
    """
    reader = csv.DictReader(io.StringIO(table_text(path), newline=""))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise UnusableTable(path, 1, f"the columns must be {','.join(COLUMNS)}")
    rules: dict[tuple[object, ...], Rule] = {}
    for row in reader:
        for reason in _faults(row, channels):
            raise UnusableTable(path, reader.line_num, reason)
        rule = _rule(row)
        key = (rule.event_type, rule.role, rule.conditions)
        if key in rules:
            raise UnusableTable(path, reader.line_num, "event, role and when are there already")
        rules[key] = rule
    return tuple(rules.values())


def table_text(path: Path) -> str:
    """The table as it is written."""
    return path.read_bytes().decode("utf-8-sig")


def rules_of(text: str) -> Rules:
    """The lines of a table that was read before, whatever may be written in one today."""
    return tuple(map(_rule, csv.DictReader(io.StringIO(text, newline=""))))


def _faults(row: Mapping[str | None, object], channels: Iterable[str] | None) -> Iterator[str]:
    if None in row or None in row.values():
        yield f"needs {len(COLUMNS)} fields"
        return
    of_report = row["event"] in REPORTS
    kinds = {REPORT_KIND} if of_report else set(NOTICE_KINDS) - {"digest", REPORT_KIND}
    allowed: list[tuple[str, Collection[str], bool]] = [
        ("event", (*CHANGES, *REPORTS), False),
        ("role", (SUBSCRIBER,) if of_report else ROLES, False),
        ("kind", kinds, False),
        ("when", () if of_report else CONDITIONS, True),
    ]
    if channels is not None:
        allowed.append(("channels", {*channels, EVERY_CHANNEL, NO_CHANNEL}, True))
    for column, words, several in allowed:
        text = str(row[column])
        given = text.split("|") if several else [text]
        if column == "when" and not text:
            continue
        for word in given:
            if word not in words:
                yield f"{column}: {word!r} {one_of(words)}"


def _rule(row: Mapping[str, str]) -> Rule:
    given = set(row["channels"].split("|"))
    return Rule(
        event_type=row["event"],
        role=row["role"],
        conditions=frozenset(filter(None, row["when"].split("|"))),
        kind=row["kind"],
        channels=None if EVERY_CHANNEL in given else frozenset(given - {NO_CHANNEL}),
    )
