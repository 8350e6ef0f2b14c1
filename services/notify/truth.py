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
        notice = Notice(raw["_id"], "assigned", raw["assignment"], raw["party"])
        found[raw["issue"]].append(notice)
    return dict(found)
