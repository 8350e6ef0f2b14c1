"""Facts, and what is asked of their tallies, for the tests of both."""

from datetime import timedelta

from services.stats import counting
from services.stats.asked import Asked
from services.stats.handlers import changes
from services.stats.store import StatsStore
from suishoupai.clock import now

from ..unit.services.stats.facts import BEGIN, GRIDS, RULES

MARKS = (
    "reported/reported",
    "reported/filed",
    "disposal/should",
    "disposal/handled",
    "disposal/on time",
)
DAY = timedelta(days=1)
ISSUES = 400
COUNTY, TOWN, COMMUNITY, GRID = (GRIDS[0][:length] for length in (6, 9, 12, 15))


def learn(store, batch, rules=RULES):
    """Counts facts that take the place of what was known, as one batch."""
    facts = {fact["_id"]: fact for fact in batch}

    def learned(known):
        return changes(known, facts, now(), rules)

    store.update(facts, learned, rules.digest)


def emptied(database):
    for name in database.list_collection_names():
        database[name].delete_many({})
    return StatsStore(database)


def asked(division=COUNTY, since=BEGIN, until=BEGIN + 3 * DAY, marks=None, **more):
    """Of all marks when none are named: those that a cut has, where there is one."""
    every = MARKS if more.get("cut") else (*MARKS, "standing/open")
    return Asked(division, since, until, every if marks is None else marks, **more)


def fact_of(n, county=COUNTY):
    at = BEGIN + timedelta(hours=n // 4 * 7, minutes=n % 16 // 4 * 2)
    grid = county + GRIDS[n % 4][6:]
    return {
        **counting.new_fact(f"{county}-{n:05}"),
        "reported": counting.reported(at, f"{county}-20261129-{n:05d}"),
        "assignment": counting.assignment(1, grid),
        "case": counting.case(
            1, "filed", f"060{n % 7}0", {"id": f"party-{n % 5}", "kind": "property"}
        ),
        "source": ("patrol", "resident")[n % 2],
        "courier": n % 3 == 0,
        "member": f"member-{n % 11}",
        "filed": n % 10 != 0,
        "handled_at": None if n % 6 == 0 else at + timedelta(hours=n % 40),
        "due_at": at + timedelta(hours=24),
    }


def many_learned(database):
    """Cases of four weeks in all grids, some of them handled, some not; and their store."""
    store = emptied(database)
    facts = [fact_of(n) for n in range(ISSUES)]
    for first in range(0, ISSUES, 50):
        learn(store, facts[first : first + 50])
    # Another county's cases, which no read of this one may look at.
    elsewhere = [fact_of(n, county="110101") for n in range(ISSUES)]
    for first in range(0, ISSUES, 100):
        learn(store, elsewhere[first : first + 100])
    return store, facts
