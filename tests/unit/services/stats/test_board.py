"""A board against a slow recount over the marks of its cases."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.board import board, board_at, lights
from services.stats.definitions import current_progress
from services.stats.sources import Sources
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.words import LIGHTS, STATES

BOARD = current_progress()
NOW = datetime(2026, 11, 30, 3, 20, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 29, 16, tzinfo=UTC)
"""The beginning of the local day that ``NOW`` lies in."""

instants = st.one_of(
    st.sampled_from([MIDNIGHT, MIDNIGHT - timedelta(milliseconds=1), NOW]),
    st.integers(-90 * 24, 90 * 24).map(lambda hours: NOW + timedelta(hours=hours)),
)


@st.composite
def cases(draw):
    """The marks of a case: open or not, in one state, perhaps due, perhaps near its limit."""
    reported = min(draw(instants), NOW - timedelta(milliseconds=1))
    state, due = draw(st.sampled_from(list(STATES))), draw(instants)
    found = {"reported/reported": reported, f"standing/now_{state}": reported}
    if draw(st.booleans()):
        found["reported/open"] = reported
        if draw(st.booleans()):
            found["disposal/overdue_unhandled"] = due
            if draw(st.booleans()):
                found["disposal/near_limit"] = due
    for name in ("filing/filings", "closure/closures", "disposal/handled_on_time"):
        if draw(st.booleans()):
            found[name] = min(draw(instants), NOW - timedelta(milliseconds=1))
    return found


class Tallies:
    """Counts the cases one by one."""

    def __init__(self, cases):
        self.cases = cases

    def tallied(self, asked):
        counts = Counter(
            mark
            for case in self.cases
            for mark, at in case.items()
            if mark in asked.marks and asked.since <= at < asked.until
        )
        return {"": counts} if counts else {}


@given(st.lists(cases(), max_size=12))
def test_it_is_the_recount_of_its_cases(known):
    told = board_at(Tallies(known), "341324", NOW, BOARD)
    assert (told["division"], told["at"]) == ("341324", NOW.isoformat())
    for each in told["today"]:
        mark = next(shown.mark for shown in BOARD.today if shown.id == each["set"])
        assert each["cases"] == sum(
            1 for case in known if mark in case and MIDNIGHT <= case[mark] < NOW
        )
    for each in told["by_state"]:
        assert each["cases"] == sum(1 for case in known if f"standing/now_{each['state']}" in case)
        assert each["name"] == STATES[each["state"]]
    assert told["open"] == sum(1 for case in known if "reported/open" in case)
    shown = [light(case) for case in known]
    assert {name: each["cases"] for name, each in told["lights"].items()} == {
        name: shown.count(name) for name in LIGHTS
    }
    assert {name: each["word"] for name, each in told["lights"].items()} == LIGHTS


def light(case):
    """The light of one case, the obvious way; None of one that is not open."""
    if "reported/open" not in case:
        return None
    due = case.get("disposal/overdue_unhandled")
    if due is not None and due < NOW:
        return "red"
    return "yellow" if "disposal/near_limit" in case else "green"


@given(*(st.integers(0, 5) for _ in range(3)))
def test_no_light_is_less_than_nothing(open_cases, overdue, near):
    told = lights(open_cases, overdue, near)
    assert (told["red"], told["yellow"]) == (overdue, near)
    assert told["green"] == (open_cases - overdue - near if sum(told.values()) == open_cases else 0)


class Store:
    """Figures of the definitions that are asked for, or of others."""

    class Live:
        tallies = Tallies([])

    def is_stale(self, digest):
        return digest == "others"

    def live(self):
        return self.Live()


class Known:
    def __init__(self, digest="these"):
        self.digest = digest


def asked(filters, division="341324001", known=None):
    caller = Caller("a", ("supervisor",), division)
    county = SimpleNamespace(code="341324")
    return board(caller, filters, Sources(Store(), known or Known(), BOARD, None, county))


def test_left_out_it_is_the_callers_own_division_and_now():
    before = clock.now()
    told = asked({})
    assert told["division"] == "341324001"
    assert before <= datetime.fromisoformat(told["at"]) <= clock.now()


@pytest.mark.parametrize(
    ("filters", "known", "code"),
    [
        ({"division": "341324002"}, Known(), "forbidden"),
        ({"division": "341324"}, Known(), "forbidden"),
        ({"division": "34"}, Known(), "invalid"),
        ({"colour": "red"}, Known(), "invalid"),
        ({}, Known("others"), "unavailable"),
    ],
)
def test_what_cannot_be_told_is_refused(filters, known, code):
    with pytest.raises(Problem) as refused:
        asked(filters, known=known)
    assert refused.value.code == code
