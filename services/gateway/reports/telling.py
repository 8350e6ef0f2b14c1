"""What is told of a report: one event, for those who subscribed to its division."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suishoupai import tracing
from suishoupai.contracts.events import Event, new_event

Document = dict[str, Any]

SOURCE = "/gateway"


def made(report: Document, content: Document, accounts: Sequence[str], link: str) -> Event:
    """The event that a report was made."""
    return new_event(
        "report.made",
        source=SOURCE,
        subject=report["_id"],
        sequence=1,
        trace=tracing.current(),
        data={
            "division": content["division"],
            "month": report["month"],
            "made_at": content["made_at"],
            "link": link,
            "subscribers": list(accounts),
        },
    )
