"""Which reports are to be made by themselves: of the month that is due, one for each division that
somebody has subscribed to in time, however many gateways look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.gateway.reports.months import Timetable, due, due_at
from services.gateway.reports.records import new_report
from services.gateway.reports.store import ReportStore
from suishoupai.settings import Settings

SCHEDULE_SECONDS = 20
"""How often it is looked whether a month is due."""


def timetable(settings: Settings) -> Timetable:
    """When in a month reports are made."""
    return Timetable(settings.report_day, settings.report_at)


def schedule(now: datetime, when: Timetable, store: ReportStore) -> int:
    """Orders the reports that are due and not there; says how many.

    Whoever subscribed after the month was due hears of the next one first.
    """
    month = due(now, when)
    wanted = store.subscribed(due_at(month, when)) - store.scheduled(month)
    rows: list[dict[str, Any]] = [new_report(code, month, None, now) for code in sorted(wanted)]
    return sum(map(store.schedule, rows))
