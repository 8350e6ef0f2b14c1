"""The notices that were sent (see ``suishoupai.truth``)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.notify.store import NoticeStore
from suishoupai.truth.records import Notice

Document = dict[str, Any]


def notices(
    database: Database[Document], issues: Document, session: ClientSession | None = None
) -> dict[str, list[Notice]]:
    """The notices of each issue whose id fits a filter."""
    found: dict[str, list[Notice]] = defaultdict(list)
    for raw in NoticeStore(database).about(issues, session):
        # One of before notices had kinds is about an assignment.
        kind, sequence = raw.get("kind", "assigned"), raw.get("sequence") or raw["assignment"]
        found[raw["issue"]].append(Notice(raw["_id"], kind, sequence, raw["party"]))
    return dict(found)
