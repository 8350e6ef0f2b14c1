"""The tallies on a real database: kept with the facts, read by indexes alone."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.cuts import CUTS
from services.stats.periods import PERIODS, start_of

from ..unit.services.stats import facts as made
from ..unit.services.stats.facts import BEGIN, DIVISIONS, instants
from .explaining import explained, on_a_database
from .tallying import COMMUNITY, DAY, GRID, MARKS, TOWN, asked, emptied, learn, many_learned


@given(st.data())
@on_a_database
def test_every_read_is_the_recount(recorded, data):
    store = emptied(recorded)
    history = data.draw(made.changes(24))
    size = data.draw(st.integers(1, 9))
    for first in range(0, len(history), size):
        learn(store, history[first : first + size])
    known = [fact for fact in {fact["_id"]: fact for fact in history}.values() if fact["reported"]]
    tallies = store.live().tallies
    for division in DIVISIONS:
        one, other, cut = data.draw(st.tuples(instants, instants, st.sampled_from(CUTS)))
        since, until = sorted((one, other))
        which = asked(division, since, until, cut=cut)
        expected = made.recount(known, division, since, until, cut)
        assert tallies.tallied(which) == expected
        some = sorted(expected)[:1]
        assert tallies.tallied(replace(which, values=some)) == {
            value: expected[value] for value in some
        }
        the_mark = data.draw(st.sampled_from(MARKS))
        assert tallies.tallied(replace(which, marks=[the_mark])) == {
            value: Counter({the_mark: counts[the_mark]})
            for value, counts in expected.items()
            if counts[the_mark]
        }
        below = {code for code in DIVISIONS if code[:-3] == division}
        assert tallies.children(which) == {
            code: sum(found.values(), Counter())
            for code in below
            if (found := made.recount(known, code, since, until, cut))
        }
        in_series(tallies, which, known, data.draw(st.sampled_from(PERIODS)))


def in_series(tallies, which, known, period):
    which = replace(which, since=max(which.since, BEGIN - 40 * DAY)) if period == "hour" else which
    series = tallies.series(which, period)
    expected = {start: Counter() for start in series}
    for where, by, _, mark, at in made.counted(known):
        if (where, by) == (which.division, which.cut) and which.since <= at < which.until:
            expected[start_of(period, at)][mark] += 1
    assert series == expected
    assert list(series) == sorted(series)
    if which.since < which.until:
        assert start_of(period, which.since) in series


@pytest.fixture(scope="module")
def many(recorded):
    return many_learned(recorded)


UNTIL = BEGIN + 20 * DAY + timedelta(minutes=7)
READS = {
    "all cases": lambda tallies: tallies.tallied(asked(TOWN, until=UNTIL)),
    "of the county": lambda tallies: tallies.tallied(asked(until=UNTIL)),
    "a cut": lambda tallies: tallies.tallied(asked(TOWN, until=UNTIL, cut="party")),
    "a value": lambda tallies: tallies.tallied(
        asked(TOWN, until=UNTIL, cut="member", values=["member-3"])
    ),
    "a cut of a grid": lambda tallies: tallies.tallied(asked(GRID, until=UNTIL, cut="category")),
    "below": lambda tallies: tallies.children(asked(until=UNTIL)),
    "a cut below": lambda tallies: tallies.children(
        asked(TOWN, until=UNTIL, cut="party", values=["party-1", "party-2"])
    ),
    "grids": lambda tallies: tallies.children(asked(COMMUNITY, until=UNTIL)),
    "hours": lambda tallies: tallies.series(asked(TOWN, until=UNTIL), "hour"),
    "days": lambda tallies: tallies.series(asked(TOWN, until=UNTIL), "day"),
    "weeks of a value": lambda tallies: tallies.series(
        asked(until=UNTIL, cut="source", values=["patrol"]), "week"
    ),
}


def of_any_mark(condition):
    """No index tells the marks of an anchor or values apart: they are looked for among those of the
    division."""
    (place,) = [name for name in condition if name.startswith("lies_in")]
    marked = {key: condition["marks"]["$elemMatch"][key] for key in ("anchor", "at")}
    return {place: condition[place], "marks": {"$elemMatch": marked}}


@pytest.mark.parametrize("read", READS)
def test_no_read_scans_and_each_is_a_handful(recorded, recorder, many, read):
    tallies = many[0].live().tallies
    recorder.take()
    assert READS[read](tallies)
    commands = recorder.take()
    assert 1 <= len(commands) <= 6
    for command in commands:
        stats = explained(recorded, command)
        if "find" in command:
            matching = recorded["tallies"].count_documents(command["filter"])
            # Every place that is jumped to is a key as well.
            assert stats["totalKeysExamined"] <= 3 * matching + 15
        else:
            wanted = [of_any_mark(each) for each in command["pipeline"][0]["$match"]["$or"]]
            matching = recorded["facts"].count_documents({"$or": wanted})
            # Each instant is a key.
            assert stats["totalKeysExamined"] <= (len(MARKS) + 1) * matching + 15
        assert stats["totalDocsExamined"] == matching
