"""Lives as chance has them, in a store of figures, for the tests that recount what it tells."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.stats import breakdowns, counting, summary, trends
from services.stats.definitions import current, current_progress
from services.stats.sources import Sources
from suishoupai import clock
from suishoupai.access import Caller

from .. import walk
from ..chance import random_life
from ..unit.services.stats.facts import GRIDS
from ..unit.services.stats.recount import obvious
from .tallying import COUNTY, emptied, learn

INDICATORS, PROGRESS = current(), current_progress()
NOW = datetime(2026, 11, 25, 2, 2, 44, tzinfo=UTC)
FIRST = timedelta(days=420)
"""Before now the first of the lives began."""
LIVES = 150
HERE = SimpleNamespace(code=COUNTY, divisions={GRIDS[0][:9]: "运河街道"})
ADMIN = Caller("admin", ("admin",))


class Lived:
    """Lives of more than a year, counted in a store; the time is ``NOW``."""

    def __init__(self, database):
        chance = random.Random(6)
        with pytest.MonkeyPatch.context() as patch:
            self.lives = [lived(chance, number, patch) for number in range(LIVES)]
        self.store = emptied(database)
        learn(self.store, [life.fact for life in self.lives], INDICATORS)

    def answer(self, what, **filters):
        """An answer as its service gives it."""
        rooms = (trends, breakdowns, summary)
        ask = next(getattr(room, what) for room in rooms if hasattr(room, what))
        sources = Sources(self.store, INDICATORS, PROGRESS, None, HERE)
        shaped = {
            name: each.isoformat() if isinstance(each, datetime) else each
            for name, each in filters.items()
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: NOW)
            return ask(ADMIN, shaped, sources)


def lived(chance, number, patch):
    """A life that began some time before now, in one of the grids; every tenth was said to be due
    soon when it was seen last, and of every third a party was told."""
    ago = chance.choice([2, 40, 400]) * chance.random() * timedelta(days=1) if number else FIRST
    patch.setattr(walk, "AT", (NOW - ago).replace(microsecond=0))
    life = random_life(chance) if number % 10 else walk.to("handling").ring()
    fact = counting.new_fact(f"{number:04}")
    for event in life.events:
        fact = counting.learn(fact, event)
    grid = COUNTY
    if "assignment" in life.case:
        grid = chance.choice(GRIDS)
        fact["assignment"] = counting.assignment(life.case["assignment"], grid)
    marks = obvious(life)
    if number % 3 == 0:
        fact["notices"] = ["a notice"]
        marks["reported/told"] = life.case["reported_at"]
    return SimpleNamespace(fact=fact, case=life.case, marks=marks, grid=grid)
