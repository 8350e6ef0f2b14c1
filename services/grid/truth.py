"""The assignments that were made (see ``suishoupai.truth``)."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.grid.store import GridStore
from suishoupai.truth.records import Assignment

Document = dict[str, Any]


def assignments(
    database: Database[Document], ids: Document, session: ClientSession | None = None
) -> dict[str, Assignment]:
    """The assignment of each issue whose id fits a filter."""
    return {
        raw["_id"]: Assignment(raw["sequence"], raw["grid"], raw["responsible"])
        for raw in GridStore(database).assigned(ids, session)
    }
