"""Random facts of cases, marks of simple rules over them, and a slow recount of those."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from services.stats import counting
from services.stats.cuts import CUTS
from services.stats.handlers import derived

GRIDS = ("341324001001001", "341324001001002", "341324001002001", "341324002001001")
DIVISIONS = sorted({grid[:length] for grid in GRIDS for length in (6, 9, 12, 15)})
BEGIN = datetime(2026, 11, 29, 13, tzinfo=UTC)
"""Random instants lie in the three days from here, over the end of a local month, or years away."""


class Rules:
    """A stand-in for the indicators."""

    def __init__(self, digest="1", extra=()):
        self.digest = digest
        self.extra = extra

    def marks(self, fact):
        if not fact["reported"]:
            return {}
        at, handled, due = fact["reported"]["at"], fact["handled_at"], fact["due_at"]
        found = {"reported/reported": at, "reported/filed": at if fact["filed"] else None}
        found["standing/open"] = None if handled else at
        if due is not None:
            counts_at = handled if handled and handled <= due else due
            found["disposal/should"] = counts_at
            found["disposal/handled"] = counts_at if handled else None
            found["disposal/on time"] = handled if handled and handled <= due else None
        found |= {name: at for name in self.extra}
        return {name: instant for name, instant in found.items() if instant is not None}


RULES = Rules()

instants = st.one_of(
    st.integers(0, 3 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
    st.integers(0, 72).map(lambda hours: BEGIN + timedelta(hours=hours)),
    st.integers(0, 72).map(lambda hours: BEGIN + timedelta(hours=hours, milliseconds=-1)),
    st.integers(0, 730).map(lambda days: BEGIN - timedelta(days=days, seconds=7)),
)


@st.composite
def facts(draw, issue):
    """What may be known of a case at some time, stamped with its marks."""
    at = draw(st.one_of(st.none(), instants))
    grid = draw(st.sampled_from([None, *GRIDS]))
    party = draw(st.sampled_from([None, "property-1", "bureau-2"]))
    fact = {
        **counting.new_fact(issue),
        "reported": at and counting.reported(at, "341324-20261129-00001"),
        "assignment": counting.assignment(1, grid) if grid else None,
        "case": at
        and counting.case(
            1,
            "filed",
            draw(st.sampled_from(["06010", "96001"])),
            party and {"id": party, "kind": "property"},
        ),
        "source": draw(st.sampled_from([None, "patrol", "resident"])),
        "courier": draw(st.sampled_from([None, True, False])),
        "member": draw(st.sampled_from([None, "li|day|2026", "wang"])),
        "filed": draw(st.booleans()),
        "handled_at": draw(st.one_of(st.none(), instants)),
        "due_at": draw(st.one_of(st.none(), instants)),
    }
    return {**fact, **derived(fact, RULES)}


@st.composite
def changes(draw, most=12):
    """What becomes known, one after the other, of a few cases: each replaces what was known."""
    issues = draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=most))
    return [draw(facts(issue)) for issue in issues]


def value_of(fact, cut):
    """The value of a cut the obvious way, or None."""
    if cut == "courier":
        return {True: "true", False: "false", None: None}[fact["courier"]]
    return {
        "": "",
        "category": fact["case"]["category"],
        "party": fact["case"]["party"],
        "source": fact["source"],
        "member": fact["member"],
    }[cut]


def divisions_of(fact):
    grid = fact["assignment"] and fact["assignment"]["grid"]
    return [grid[:6], grid[:9], grid[:12], grid] if grid else ["341324"]


def counted(known, rules=RULES):
    """(division, cut, value, mark, instant) of all that counts, the obvious way."""
    return [
        (division, cut, value_of(fact, cut), mark, at)
        for fact in known
        for mark, at in rules.marks(fact).items()
        for division in divisions_of(fact)
        for cut in CUTS
        if value_of(fact, cut) is not None
        if cut == "" or not mark.startswith("standing/")
    ]


def recount(known, division, since, until, cut):
    """Value → mark → cases, the obvious way."""
    found = {}
    for where, by, value, mark, at in counted(known):
        if (where, by) == (division, cut) and since <= at < until:
            found.setdefault(value, Counter())[mark] += 1
    return found
