"""Facts of cases that lie somewhere, whatever happens to them; and a slow recount of where."""

from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st

from services.stats import counting
from services.stats.handlers import derived

from .facts import GRIDS, RULES, divisions_of, instants

CATEGORIES = ("06010", "96001", "94002")
CONFIDENTIAL = "94002"
POINTS = [(117.9 + n % 4 * 0.0004, 33.48 + n // 4 * 0.011) for n in range(12)]
"""Some in one cell of any level, some far from each other."""


def placed_fact(issue, at, point, grid=None, category="06010", confidential=None, state="filed"):
    """What is known of a case that was reported at a point."""
    hidden = category == CONFIDENTIAL if confidential is None else confidential
    step = {"sequence": 1, "action": "report", "from": None, "to": "reported", "at": at}
    fact = {
        **counting.new_fact(issue),
        "reported": counting.reported(at, "341324-20261129-00001"),
        "assignment": counting.assignment(1, grid) if grid else None,
        "case": counting.case(1, state, category, None),
        "steps": [{**step, "category": category, "confidential": hidden, "role": "reporter"}],
        "point": list(point),
        "filed": True,
        "handled_at": None,
        "due_at": None,
    }
    return {**fact, **derived(fact, RULES)}


@st.composite
def facts(draw, issue):
    """A case as it is known at some time: of another category, in another grid, or not yet placed;
    or of the time before points were known."""
    fact = placed_fact(
        issue,
        draw(instants),
        draw(st.sampled_from(POINTS)),
        draw(st.sampled_from([None, *GRIDS])),
        draw(st.sampled_from(CATEGORIES)),
    )
    if draw(st.integers(0, 9)) == 0:
        fact = {**fact, "point": None}
        fact = {**fact, **derived(fact, RULES)}
    return fact


@st.composite
def changes(draw, most=12):
    """What becomes known, one after the other, of a few cases: each replaces what was known."""
    issues = draw(st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=most))
    return [draw(facts(issue)) for issue in issues]


def is_shown(fact):
    return fact["point"] is not None and not fact["steps"][-1]["confidential"]


def local_day(at):
    return (at + timedelta(hours=8)).date()


def recount(known, division, since, until, category, tile_of):
    """``tile_of(lng, lat)`` → cases, the obvious way."""
    return Counter(
        tile_of(*fact["point"])
        for fact in known
        if is_shown(fact)
        and division in divisions_of(fact)
        and since <= fact["reported"]["at"] < until
        and category in ("", fact["case"]["category"])
    )
