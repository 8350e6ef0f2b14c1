"""The notices that were sent, and who had to be told (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.notify.rulebook import folder_of
from services.notify.rules import Rules, read_rules, recipients
from services.notify.store import NoticeStore
from suishoupai.truth.records import Notice, Told

Document = dict[str, Any]


def notices(
    database: Database[Document], issues: Document, session: ClientSession | None = None
) -> dict[str, list[Notice]]:
    """The notices of each issue whose id fits a filter."""
    found: dict[str, list[Notice]] = defaultdict(list)
    for raw in NoticeStore(database).about(issues, session):
        # One that no service of today has looked at yet has a party only.
        recipient = raw.get("recipient") or f"party:{raw['party']}"
        sequence = raw.get("sequence") or raw["assignment"]
        kind = raw.get("kind", "assigned")
        found[raw["issue"]].append(Notice(raw["_id"], kind, sequence, recipient))
    return dict(found)


def teller(county: Path) -> Callable[[Told], frozenset[str]]:
    """The function from a change to the recipients that must be told of it, by the county's rule
    table as it is now."""
    rules = read_rules(folder_of(county) / "rules.csv", None)
    return lambda change: expected(change, rules)


def expected(change: Told, rules: Rules) -> frozenset[str]:
    """Every recipient that must be told of a change."""
    return frozenset(recipients(change, rules))
