"""First data of a stack: each service's own ``seed`` room, run against its own database."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from suishoupai.mongo import connect, database
from suishoupai.settings import SERVICES, Settings, read_settings

EDITION = 3
"""Raised when first data takes another shape, so that a stack of before is seeded once more."""

SEEDED = ("issues", "grid", "gateway")
"""Services that start with data; the others fill from events."""


def seed(settings: Settings) -> Iterator[str]:
    """Seeds every service, the catalogue, the county and in demo mode its accounts; says what.

    Seeding again writes the same again and doubles nothing.
    """
    with connect(settings) as client:
        for name in (service for service in SERVICES if service in SEEDED):
            room = importlib.import_module(f"services.{name}.seed")
            yield f"{name}: {room.seed(database(client, settings, name), settings)}"


def seed_when_outdated(settings: Settings) -> bool:
    """Seeds a stack that was never seeded to the end, or by an earlier edition; says whether it
    did."""
    with connect(settings) as client:
        finished = database(client, settings, "setup")["finished"]
        done = finished.find_one({"_id": "seed"})
        if done is not None and done.get("edition", 1) >= EDITION:
            return False
        list(seed(settings))
        finished.update_one({"_id": "seed"}, {"$set": {"edition": EDITION}}, upsert=True)
    return True


if __name__ == "__main__":
    print("seeded" if seed_when_outdated(read_settings()) else "seeded before")
