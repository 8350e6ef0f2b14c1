from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.issues.deadlines import (
    Deadline,
    Limit,
    Run,
    allowed,
    deadline_of,
    spent,
)
from services.issues.seed import read_catalogue
from services.issues.working_time import WorkingTime
from suishoupai.contracts.words import LIMIT_UNITS

from .minutes import (
    COUNTIES,
    INSTANTS,
    MINUTE,
    STARTS,
    Minutes,
    days_between,
    instant_of,
    local,
    number_of,
)

ROOT = Path(__file__).resolve().parents[4]
MILLISECOND = timedelta(milliseconds=1)
NOMINAL = WorkingTime()

COUNTED = {name: (WorkingTime(*county), Minutes(*county)) for name, county in COUNTIES.items()}
either_county = pytest.mark.parametrize(("county", "minutes"), COUNTED.values(), ids=COUNTED)
patient = settings(deadline=None)

LIMITS = st.lists(
    st.builds(Limit, st.integers(1, 3), st.sampled_from(LIMIT_UNITS)), min_size=1, max_size=3
)
SPANS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=4)
"""Minutes that the clock runs, and then stands."""


def runs_of(start, spans, unit=MINUTE):
    """The runs of a clock that runs and stands for so long in turn, and now goes on."""
    runs = []
    for running, standing in spans:
        runs.append(Run(start, start + running * unit))
        start += (running + standing) * unit
    return [*runs, Run(start, None)]


RUNS = st.builds(runs_of, STARTS, SPANS)
FINE_RUNS = st.builds(
    lambda start, spans: runs_of(start, spans, timedelta(seconds=61, microseconds=7)),
    INSTANTS,
    SPANS,
)
"""Runs on minutes, and runs that begin and end at any microsecond."""


def minutes_of(limits, county):
    """The minutes of limits, spelt out for each unit."""
    day = sum(closes - opens for opens, closes in county.hours)
    each = {"工作时": 60, "工作日": day, "紧急工作时": 60, "紧急工作日": 1440}
    return sum(limit.number * each[limit.unit] for limit in limits)


def used_minutes(limits, runs, county):
    """Every minute that the clock uses, in order, without end."""
    urgent = limits[0].unit.startswith("紧急")
    for run in runs:
        minute = number_of(run.start)
        while run.end is None or minute < number_of(run.end):
            if urgent or county.works(minute):
                yield minute
            minute += 1


def due_of(limits, runs, county):
    """The instants at which three quarters of the limits and all of them are used."""
    amount = minutes_of(limits, county)
    soon = amount * 3 // 4
    for count, minute in enumerate(used_minutes(limits, runs, county), 1):
        if count == soon:
            soon_at = instant_of(minute + 1)
        if count == amount:
            return instant_of(minute + 1), soon_at
    raise AssertionError("the last run goes on")


def assumed_of(limits, runs, due_at, county):
    """Whether a day between the start of a run and its end, or the due instant, is not known."""
    return not limits[0].unit.startswith("紧急") and any(
        not county.known(day)
        for run in runs
        if run.start < due_at
        for day in days_between(run.start, min(run.end or due_at, due_at))
    )


@either_county
@given(limits=LIMITS, runs=RUNS)
@patient
def test_it_equals_walking_the_minutes_of_every_run(county, minutes, limits, runs):
    due_at, soon_at = due_of(limits, runs, minutes)
    assumed = assumed_of(limits, runs, due_at, minutes)
    assert deadline_of(limits, runs, county) == Deadline(due_at, soon_at, assumed)


@either_county
@given(limits=LIMITS, runs=RUNS, after=st.integers(-600, 20_000))
@patient
def test_what_is_spent_equals_counting_the_minutes_used(county, minutes, limits, runs, after):
    at = runs[0].start + after * MINUTE
    counted = 0
    for minute in used_minutes(
        limits, [*runs[:-1], Run(runs[-1].start, max(at, runs[-1].start))], minutes
    ):
        if instant_of(minute) >= at:
            break
        counted += 1
    assert spent(limits, runs, at, county) == counted * MINUTE


@either_county
@given(limits=LIMITS)
@patient
def test_the_whole_amount_is_each_limit_in_its_own_unit(county, minutes, limits):
    assert allowed(limits, county) == minutes_of(limits, minutes) * MINUTE


@either_county
@given(limits=LIMITS, runs=FINE_RUNS)
@patient
def test_the_due_millisecond_is_the_first_by_which_all_is_used(county, minutes, limits, runs):
    found, whole = deadline_of(limits, runs, county), allowed(limits, county)
    for at, amount in ((found.due_at, whole), (found.due_soon_at, whole * 3 / 4)):
        assert at.microsecond % 1000 == 0
        assert spent(limits, runs, at, county) >= amount
        assert spent(limits, runs, at - MILLISECOND, county) < amount


@given(LIMITS, FINE_RUNS, st.timedeltas(timedelta(), timedelta(days=9)), st.booleans())
@patient
def test_pausing_for_no_time_changes_nothing(limits, runs, after, twice):
    at = runs[-1].start + after
    pieces = [Run(runs[-1].start, at), *([Run(at, at)] if twice else []), Run(at, None)]
    paused = [*runs[:-1], *pieces]
    assert deadline_of(limits, paused, NOMINAL) == deadline_of(limits, runs, NOMINAL)
    later = at + timedelta(days=3)
    assert spent(limits, paused, later, NOMINAL) == spent(limits, runs, later, NOMINAL)


@given(
    LIMITS,
    FINE_RUNS,
    st.timedeltas(timedelta(), timedelta(days=9)),
    st.timedeltas(timedelta(), timedelta(days=9)),
)
@patient
def test_pausing_never_changes_the_time_used(limits, runs, after, pause):
    at = runs[-1].start + after
    before = spent(limits, runs, at, NOMINAL)
    stopped = [*runs[:-1], Run(runs[-1].start, at)]
    for moment in (at, at + pause / 2, at + pause):
        assert spent(limits, stopped, moment, NOMINAL) == before
    resumed = [*stopped, Run(at + pause, None)]
    assert spent(limits, resumed, at + pause, NOMINAL) == before
    assert deadline_of(limits, resumed, NOMINAL).due_at >= deadline_of(limits, runs, NOMINAL).due_at


@given(LIMITS, LIMITS, FINE_RUNS)
@patient
def test_extensions_only_push_later(limits, extensions, runs):
    found = deadline_of(limits, runs, NOMINAL)
    for number in range(1, len(extensions) + 1):
        extended = deadline_of([*limits, *extensions[:number]], runs, NOMINAL)
        assert extended.due_at > found.due_at
        assert extended.due_soon_at > found.due_soon_at
        assert extended.assumed >= found.assumed
        found = extended


@given(LIMITS, RUNS)
@patient
def test_a_clock_that_does_not_run_has_no_deadline(limits, runs):
    stopped = [*runs[:-1], Run(runs[-1].start, runs[-1].start + MINUTE)]
    assert deadline_of(limits, stopped, NOMINAL) is None
    assert deadline_of(limits, [], NOMINAL) is None
    assert spent(limits, [], runs[0].start, NOMINAL) == timedelta()


def one(start, number, unit, county=NOMINAL):
    return deadline_of([Limit(number, unit)], [Run(local(start), None)], county)


@pytest.mark.parametrize(
    ("start", "number", "unit", "due", "soon"),
    [
        # Monday morning; the noon break does not count.
        ("2026-11-23T09:00", 4, "工作时", "2026-11-23T15:00", "2026-11-23T12:00"),
        ("2026-11-23T09:00", 1, "工作日", "2026-11-24T09:00", "2026-11-23T16:15"),
        # Friday evening starts on Monday.
        ("2026-11-27T20:00", 1, "工作日", "2026-11-30T17:30", "2026-11-30T15:45"),
        ("2026-11-27T20:00", 2, "紧急工作时", "2026-11-27T22:00", "2026-11-27T21:30"),
        ("2026-11-27T20:00", 1, "紧急工作日", "2026-11-28T20:00", "2026-11-28T14:00"),
        # National Day 2026 is free until the 7th; Saturday the 10th is worked for it.
        ("2026-09-30T17:00", 1, "工作日", "2026-10-08T17:00", "2026-10-08T15:15"),
        ("2026-10-09T17:30", 1, "工作日", "2026-10-10T17:30", "2026-10-10T15:45"),
    ],
)
def test_examples(start, number, unit, due, soon):
    assert one(start, number, unit) == Deadline(local(due), local(soon), False)


def test_rework_goes_on_with_what_the_rounds_before_left():
    # Half a day used, checked over the weekend, sent again on Monday at two.
    runs = [
        Run(local("2026-11-27T08:30"), local("2026-11-27T12:00")),
        Run(local("2026-11-30T14:00"), None),
    ]
    found = deadline_of([Limit(1, "工作日")], runs, NOMINAL)
    assert found == Deadline(local("2026-11-30T17:30"), local("2026-11-30T15:45"), False)


def test_what_was_used_up_before_the_clock_stood_was_due_then():
    runs = [
        Run(local("2026-11-23T08:30"), local("2026-11-25T12:00")),
        Run(local("2026-11-30T14:00"), None),
    ]
    found = deadline_of([Limit(1, "工作日")], runs, NOMINAL)
    assert found == Deadline(local("2026-11-23T17:30"), local("2026-11-23T15:45"), False)
    extended = deadline_of([Limit(1, "工作日"), Limit(14, "工作时")], runs, NOMINAL)
    assert extended.due_at == local("2026-11-30T17:30")
    assert extended.due_soon_at == local("2026-11-25T10:15")


def test_the_rows_own_unit_says_in_which_time_an_extension_runs():
    runs = [Run(local("2026-11-27T17:00"), None)]
    working = [Limit(1, "工作时"), Limit(1, "紧急工作时")]
    assert deadline_of(working, runs, NOMINAL).due_at == local("2026-11-30T10:00")
    assert deadline_of(working[::-1], runs, NOMINAL).due_at == local("2026-11-27T19:00")


def test_a_day_not_announced_yet_is_told_wherever_on_the_way_it_lies():
    assert one("2026-12-31T17:00", 1, "工作时") == Deadline(
        local("2027-01-04T09:00"), local("2027-01-04T08:45"), True
    )
    assert not one("2026-12-31T16:30", 1, "工作时").assumed
    assert not one("2027-10-01T09:00", 1, "紧急工作日").assumed
    known = WorkingTime(days={local(f"2027-01-0{day}").date(): day > 3 for day in range(1, 10)})
    assert not one("2026-12-31T17:00", 1, "工作时", known).assumed
    # An earlier run over such a day counts, also when the later ones are over known days only.
    known = WorkingTime(days={local("2027-02-22").date(): True})
    runs = [
        Run(local("2027-01-04T10:00"), local("2027-01-04T11:00")),
        Run(local("2027-02-22T09:00"), local("2027-02-22T09:30")),
        Run(local("2027-02-22T10:00"), None),
    ]
    assert deadline_of([Limit(2, "工作时")], runs, known).assumed
    assert not deadline_of([Limit(2, "工作时")], runs[1:], known).assumed


@pytest.mark.parametrize(
    ("number", "unit", "field"),
    [
        (1, "月", "unit"),
        (1, "", "unit"),
        (1, "紧急", "unit"),
        (0, "工作日", "number"),
        (-1, "工作时", "number"),
        (10_001, "工作日", "number"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_by_its_field(number, unit, field):
    with pytest.raises(ValueError, match=f"^{field}: "):
        Limit(number, unit)


def test_the_largest_limit_still_lies_within_the_calendar():
    for unit in LIMIT_UNITS:
        found = one("2026-11-23T09:00", 10_000, unit)
        assert spent(
            [Limit(1, unit)], [Run(local("2026-11-23T09:00"), None)], found.due_at, NOMINAL
        ) == (allowed([Limit(10_000, unit)], NOMINAL))


def test_every_row_of_the_catalogue_has_a_deadline():
    rows = read_catalogue(ROOT / "data" / "catalogue.csv")
    dues = sorted({one("2026-11-23T09:00", row["limit"], row["limit_unit"]).due_at for row in rows})
    assert dues[0] > local("2026-11-23T09:00")
    assert all(earlier < later for earlier, later in pairwise(dues))
