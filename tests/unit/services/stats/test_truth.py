"""What is made of a case is, to the letter, what its events made."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.issues.truth import case
from services.stats import counting
from services.stats.definitions import current
from services.stats.handlers import derived
from services.stats.truth import COMPARED, TALLIED, fact_differences, fact_of
from suishoupai.contracts.events import read_event
from suishoupai.truth.records import Notice

from ....chance import random_life
from ....lives import lives
from ....walk import Walk, assignment

LIVES = lives()
PARTS = (*COMPARED, *TALLIED)


def learned(events):
    """The fact that events make, each read from the wire, and a notice to a party."""
    fact = counting.new_fact(events[0].subject)
    for event in events:
        fact = counting.learn(fact, read_event(event.to_json()))
    fact = counting.merge(fact, {**counting.new_fact(fact["_id"]), "notices": ["n"]})
    return {**fact, **derived(fact, current())}


def placed(walk):
    """What grid said of it last."""
    return assignment(sequence=walk.case["assignment"])


def differences(walk, events=None):
    notices = [Notice("n", "dispatched", 2, "party:p"), Notice("m", "closed", 3, "account:li")]
    fact = learned(events or [*walk.events, placed(walk)])
    expected = fact_of(case(walk.case), notices, current())
    return [part for part, *_ in fact_differences(expected, fact, PARTS)]


@pytest.mark.parametrize("walk", LIVES, ids=lambda walk: walk.events[-1].type)
def test_a_case_makes_the_fact_that_its_events_made(walk):
    assert differences(walk) == []


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_so_does_every_case_that_chance_led(chance):
    walk = random_life(chance)
    events = [*walk.events, *([placed(walk)] if walk.case["proposal"] else [])]
    assert differences(walk, events) == []


@settings(deadline=None)
@given(st.sampled_from(LIVES), st.randoms())
def test_in_whatever_order_and_however_often_they_came(walk, chance):
    events = [*walk.events, *chance.choices(walk.events, k=5), placed(walk)]
    chance.shuffle(events)
    assert differences(walk, events) == []


@pytest.mark.parametrize("source", [{"patrol": False}, {"reporter": "program:hotline"}])
def test_how_a_report_came_is_the_same_either_way(source):
    walk = Walk(courier=True, **{"patrol": True, **source})
    assert differences(walk) == []
    assert fact_of(case(walk.case), [], current())["member"] is None


def test_a_step_that_is_missing_or_other_is_found():
    walk = LIVES[0]
    lacking = differences(walk, [*walk.events[:-1], placed(walk)])
    assert lacking == ["case", "steps", "marks"]
    without_one = [*walk.events, placed(walk)]
    without_one.pop(random.Random(1).randrange(1, len(walk.events) - 1))
    assert differences(walk, without_one) == ["steps"]


def test_everything_that_is_counted_is_compared():
    fact = learned(LIVES[0].events)
    assert {*fact} - {"_id"} == set(PARTS)
