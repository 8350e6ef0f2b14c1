"""The parts of a range against what the range itself says of instants, one by one."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from services.stats.periods import end_of, start_of
from services.stats.planning import Part, planned, whole
from services.stats.tallies import UNITS

from .facts import BEGIN, instants

TICK = timedelta(microseconds=1)
SOME_UNITS = st.sampled_from([UNITS[first:last] for first in range(5) for last in range(first, 5)])


def looked_at(parts, since, until):
    """Every instant at which something may change, and those beside."""
    edges = {since, until, *(at for part in parts for at in (part.since, part.until))}
    return {near for at in edges for near in (at - TICK, at, at + TICK)}


@given(instants, instants, SOME_UNITS)
@example(BEGIN, BEGIN, UNITS)
@example(BEGIN + TICK, BEGIN + timedelta(minutes=59), UNITS)
def test_every_instant_of_the_range_is_counted_once_and_no_other(since, until, units):
    parts = planned(since, until, units)
    for at in looked_at(parts, since, until):
        counted = sum(part.sign for part in parts if part.since <= at < part.until)
        assert counted == (since <= at < until)


@given(instants, instants, SOME_UNITS)
def test_parts_are_whole_units_and_few(since, until, units):
    parts = planned(since, until, units)
    for part in parts:
        assert part.since < part.until
        if part.unit is not None:
            assert part.unit in units
            assert start_of(part.unit, part.since) == part.since
            assert start_of(part.unit, part.until) == part.until
    rest = sorted((part for part in parts if part.unit is None), key=lambda part: part.since)
    assert all(one.until <= other.since for one, other in pairwise(rest))
    for unit in units:
        assert sum(part.unit == unit for part in parts) <= 2
    assert len(rest) <= 2


@given(instants, instants)
def test_what_is_counted_of_facts_is_half_an_hour_at_either_end(since, until):
    rest = [part for part in planned(since, until) if part.unit is None]
    assert all(part.until - part.since <= timedelta(minutes=30) for part in rest)


@given(instants, instants, st.sampled_from(UNITS))
def test_whole_units_lie_within_and_leave_less_than_one_at_either_end(since, until, unit):
    since, until = sorted((since, until))
    first, last = whole(unit, since, until)
    assert since <= first <= last <= until
    if first < last:
        assert (start_of(unit, first), start_of(unit, last)) == (first, last)
    if since < first:
        assert first <= end_of(unit, since)
    if last < until:
        assert until < end_of(unit, last)
        assert start_of(unit, last) == last


def test_a_year_until_today_is_the_year_less_what_is_to_come():
    begin = start_of("year", BEGIN)
    until = begin + timedelta(days=330, hours=20)
    parts = planned(begin, until)
    whole_year, *taken_off = [(part.unit, part.sign) for part in parts]
    assert whole_year == ("year", 1)
    assert taken_off == [(unit, -1) for unit in UNITS[1:]]
    assert planned(begin, until, ()) == [Part(None, begin, until)]


def test_a_range_of_two_years_to_the_minute_is_read_in_a_handful_of_parts():
    since, until = BEGIN - timedelta(days=730, minutes=7), BEGIN + timedelta(minutes=7)
    assert len(planned(since, until)) <= 9
