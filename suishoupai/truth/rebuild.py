"""Makes the figures anew from the cases and notices, while the system runs.

The new edition grows beside the live one and learns from every event what the live one learns;
what happened before its beginning it takes from the cases. Cut off, it goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient

from suishoupai.settings import Settings
from suishoupai.truth.rooms import Rooms

PAGE = 500
"""Cases taken over in one transaction."""
READERS_SECONDS = 5.0
"""How long a reader that asked for the live edition before the change may still read the old."""

Document = dict[str, Any]


def are_outdated(client: MongoClient[Document], settings: Settings) -> bool:
    """Whether the figures were made by other definitions than those of this version."""
    return bool(Rooms(client, settings, None).figures.stale)


def rebuild_figures(
    client: MongoClient[Document], settings: Settings, show: Callable[[int, int], None]
) -> int:
    """Builds the new edition and makes it the live one; returns how many cases are in it.

    ``show`` is told how many cases are in it and how many there are. Raises ``Overtaken`` when
    another process is at the same.
    """
    rooms = Rooms(client, settings, None)
    building = rooms.rebuilding()
    while True:
        show(building.done, rooms.amount())
        cases = rooms.cases({"$gt": building.cursor}, PAGE)
        if not cases:
            break
        notices = rooms.notices({"$in": [case.id for case in cases]})
        building.take(cases, notices)
    old = building.finish()
    time.sleep(READERS_SECONDS)
    old.drop()
    return int(building.done)
