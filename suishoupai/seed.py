"""First data of a stack: each service's own ``seed`` room, run against its own database."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from suishoupai.mongo import connect, database
from suishoupai.settings import SERVICES, Settings, read_settings

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


def seed_when_empty(settings: Settings) -> bool:
    """Seeds a stack whose seed never ran to its end; says whether it did."""
    with connect(settings) as client:
        finished = database(client, settings, "setup")["finished"]
        if finished.find_one({"_id": "seed"}) is not None:
            return False
        list(seed(settings))
        finished.insert_one({"_id": "seed"})
    return True


if __name__ == "__main__":
    print("seeded" if seed_when_empty(read_settings()) else "seeded before")
