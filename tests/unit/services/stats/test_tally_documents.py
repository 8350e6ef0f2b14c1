"""Documents of tallies: what is put into them is what they tell, and what is read of them."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.stats.periods import HOLDERS, end_of, start_of
from services.stats.planning import Part
from services.stats.tallies import UNITS
from services.stats.tally_documents import holding, id_of, named, place, shown, told, within
from suishoupai.divisions import parent

from .facts import GRIDS, instants

MARKS = ("reported/reported", "reported/filed", "disposal/handled")


@st.composite
def one_tally(draw):
    grid, unit = draw(st.sampled_from(GRIDS)), draw(st.sampled_from(UNITS))
    division = grid[: draw(st.sampled_from([6, 9, 12, 15]))]
    cut, value = draw(st.sampled_from([("", ""), ("party", "a|b.c"), ("courier", "true")]))
    return division, cut, value, unit, start_of(unit, draw(instants)), draw(st.sampled_from(MARKS))


figures = st.dictionaries(one_tally(), st.integers(1, 9), max_size=20)


def put(tallies):
    """The documents that hold them, by id, as the database would make them."""
    documents = {}
    for tally, cases in tallies.items():
        key, path = place(tally)
        found = documents.setdefault(id_of(key), {"_id": id_of(key), **named(key)})
        *way, last = path.split(".")
        for name in way:
            found = found.setdefault(name, {})
        found[last] = cases
    return documents


@given(figures)
def test_documents_tell_what_was_put_into_them(tallies):
    documents = put(tallies).values()
    assert Counter(dict(each for row in documents for each in told(row))) == Counter(tallies)
    assert sum(len(list(told(row))) for row in documents) == len(tallies)
    for row in documents:
        assert row["parent"] == parent(row["division"])
        for (division, cut, value, *_), _ in told(row):
            assert (division, cut, value) == (row["division"], row["cut"], row["value"])


@given(figures, st.sampled_from(UNITS), instants, instants)
def test_of_a_part_its_units_are_read_and_no_others(tallies, unit, one, other):
    since, until = sorted((start_of(unit, one), end_of(unit, other)))
    part = Part(unit, since, until)
    found = Counter()
    for row in put(tallies).values():
        condition = holding(part)
        start = condition["start"]
        if row["period"] == condition["period"] and start["$gte"] <= row["start"] < start["$lt"]:
            for start, counts in within(row, part):
                for mark, cases in counts.items():
                    found[row["division"], row["cut"], row["value"], unit, start, mark] += cases
    assert found == {
        tally: cases
        for tally, cases in tallies.items()
        if tally[3] == unit and since <= tally[4] < until
    }


def seen(row, projection):
    """A document through a projection, as the database has it."""
    found = {}
    for path in [path for path, wanted in projection.items() if wanted]:
        *way, last = path.split(".")
        inner, into = row, found
        for name in way:
            inner = inner.get(name, {})
            into = into.setdefault(name, {})
        if last in inner:
            into[last] = inner[last]
    return found


@given(figures, st.sampled_from(UNITS), instants, st.sets(st.sampled_from(MARKS), min_size=1))
def test_what_is_shown_is_enough(tallies, unit, at, marks):
    holder = HOLDERS.get(unit, "year")
    part = Part(unit, start_of(unit, at), end_of(holder, at))
    for row in put(tallies).values():
        if row["period"] == holder and row["start"] == start_of(holder, at):
            whole = dict(within(row, part))
            few = dict(within(seen(row, shown(part, "value", sorted(marks))), part))
            for start in whole | few:
                for mark in marks:
                    was = whole.get(start, {}).get(mark)
                    assert few.get(start, {}).get(mark) == was
