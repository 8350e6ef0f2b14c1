"""Cases that the tests of the bench share: made once, by a fixed seed."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.cases import Cases, Wanted
from services.issues import truth

COUNTY = Path(__file__).parents[3] / "data"
UNTIL = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
"""Wednesday, 16:30 in Shanghai."""
AMOUNT = 5000


def cases(amount=AMOUNT, seed=7, until=UNTIL):
    return Cases(COUNTY, Wanted(amount, seed, until))


@cache
def walks():
    """All the cases over two years with what happened to them."""
    made = cases()
    return [walk for position in range(len(made.arrivals.days)) for walk in made.walks(position)]


@cache
def lately():
    """The cases of the last four days of a county with 400 a day."""
    made = cases(amount=250_000)
    last = len(made.arrivals.days)
    return [walk for position in range(last - 4, last) for walk in made.walks(position)]


@cache
def records(of=walks):
    """The same cases as the others must agree with them."""
    return [truth.case(walk.case) for walk in of()]
