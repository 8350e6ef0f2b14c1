"""A report as it is kept, and as it is shown. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.gateway.reports.questions import questions
from services.gateway.reports.work import FILES, KEPT, KEPT_SCHEDULED
from suishoupai.divisions import ancestry
from suishoupai.ids import new_id

Document = dict[str, Any]


def new_report(division: str, month: str, account: str | None, now: datetime) -> Document:
    """A report that waits to be made; of an account that ordered it, or scheduled."""
    return {
        "_id": new_id(now),
        "account": account,
        "scheduled": account is None,
        "division": division,
        "divisions": ancestry(division),
        "month": month,
        "state": "waiting",
        "done": 0,
        "total": sum(1 for _ in questions(division, month, {})) + FILES,
        "answers": [],
        "parts": [],
        "tries": 0,
        "claimed_until": now,
        "created_at": now,
        "expires_at": now + (KEPT if account else KEPT_SCHEDULED),
    }


def shown(report: Document) -> Document:
    """A report as whoever may see its division sees it."""
    path = f"/api/v1/reports/{report['_id']}"
    as_is = ("division", "month", "scheduled", "state", "done", "total")
    times = ("created_at", "started_at", "finished_at", "expires_at")
    return {
        "id": report["_id"],
        **{name: report[name] for name in as_is},
        "title": report.get("title"),
        "reason": report.get("reason"),
        **{name: at.isoformat() if (at := report.get(name)) else None for name in times},
        "files": [
            {
                "format": part["format"],
                "bytes": part["bytes"],
                "file": f"{path}/file?format={part['format']}",
            }
            for part in report["parts"]
        ],
    }
