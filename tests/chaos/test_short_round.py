"""A short round of everything: the long ones are `make chaos`."""

from collections import Counter

import pytest

from suishoupai.client import Client

from ..integration.recounted import CUTS, agree, agree_in_cut, documents
from . import load, rounds

REPORTS = 1000


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = rounds.new_stack(tmp_path_factory.mktemp("chaos") / "data")
    stack.up(print)
    yield stack
    stack.down()


def check(outcome):
    print(outcome.figures)
    assert not outcome.faults, outcome
    assert (outcome.figures["lost"], outcome.figures["doubled"]) == (0, 0)
    assert outcome.figures["differences"] == 0


def test_nothing_is_lost_or_doubled_while_everything_is_killed(stack):
    outcome = rounds.killed(stack, REPORTS * 6 // 10, 20, lambda: None, times=1)
    check(outcome)
    assert outcome.figures["acknowledged"] == REPORTS * 6 // 10
    assert outcome.figures["disturbances"] == 8


def test_nothing_is_doubled_by_what_comes_twice_and_out_of_order(stack):
    check(rounds.meddled(stack, REPORTS * 2 // 10, 50, lambda: None))


def test_poison_is_parked_and_harms_no_other(stack):
    check(rounds.poisoned(stack, REPORTS // 10, 50, lambda: None))


def test_two_of_each_service_do_nothing_twice(stack):
    check(rounds.two_of_each(stack, REPORTS // 20, 20, lambda: None, times=0))


def test_what_time_brings_about_happens_once(stack):
    check(rounds.time_passes(stack, REPORTS // 20, 20, lambda: None))


def test_after_all_of_that_every_indicator_in_every_cut_is_the_slow_recount(stack):
    county = Client(stack.url).login("admin", load.PASSWORD)
    cases = documents(stack)
    assert len(cases) >= REPORTS
    assert agree(county.get("/stats/indicators"), cases)
    # Members are told apart within a community or a grid only.
    busiest = Counter(case["divisions"][2] for case in cases).most_common(3)
    divisions = {division for community, _ in busiest for division in (community, community[:9])}
    for division in divisions:
        there = [case for case in cases if division in case["divisions"]]
        for cut in CUTS:
            if cut != "member" or len(division) > 9:
                answer = county.get("/stats/indicators", division=division, cut=cut)
                assert agree_in_cut(answer, cut, there), (division, cut)
