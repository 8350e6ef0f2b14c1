"""Finds the repeat places of the county anew, every so often, aside from who asks for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from eventlet import tpool

from services.stats.repeat_places import SPAN, Place, complaints_of, found_places
from services.stats.store import Edition, StatsStore

Document = dict[str, Any]


def make_due(
    store: StatsStore, county: str, digest: str, every: timedelta, at: datetime
) -> int | None:
    """Makes a snapshot if one is due; how many places it has, or None where none was made.

    Of several replicas one makes it. Of figures that other definitions made (``digest``) none is
    made: their cases may have no points yet.
    """
    if store.is_stale(digest):
        return None
    claim = store.repeat_places.claim(at, every)
    if claim is None:
        return None
    found = places_at(store.live(), county, at)
    rows = [place.to_dict() for place in found]
    return len(rows) if store.repeat_places.publish(claim, at, rows) else None


def places_at(edition: Edition, division: str, until: datetime) -> list[Place]:
    """The places of a division's cases of the days before an instant, as the cases are now.

    In a thread: tens of thousands of cases take a second or more.
    """
    complaints = complaints_of(edition.heat.placed(division, until - SPAN, until))
    found: list[Place] = tpool.execute(found_places, complaints)
    return found
