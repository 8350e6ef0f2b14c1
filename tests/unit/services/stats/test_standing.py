"""What became of a case, against what its service keeps of it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats import counting
from services.stats.standing import FIELDS, WORDS, standing

from ....chance import random_life
from ....walk import DEPARTMENT, PROPERTY, ROW, Walk, to


def fact_of(events):
    fact = counting.new_fact("01A")
    for event in events:
        fact = counting.learn(fact, event)
    return fact


def known(walk):
    return standing(fact_of(walk.events))


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_it_agrees_with_the_case(chance):
    walk = random_life(chance)
    found, case = known(walk), walk.case
    rating = case.get("rating", {})
    closed = case["state"] in ("closed", "rated")
    wanted = {
        **{
            name: case[name] for name in ("reported_at", "state", "reworks", "extensions", "urgent")
        },
        "confidential": case["category"]["confidential"],
        "suspended": case["state"] == "suspended",
        "solved": rating.get("solved"),
        "satisfaction": rating.get("satisfaction"),
        "closed_at": case["closed_at"] if closed else None,
        "outcome": case["outcome"] if closed else None,
    }
    assert {name: found[name] for name in wanted} == wanted
    if case["state"] not in ("checking", "closed", "rated"):
        assert found["disposal_due_at"] == case.get("bundled_due_at")
        assert found["handled_at"] is None


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_field_is_there_and_of_its_kind(chance):
    found = known(random_life(chance))
    assert set(found) == set(FIELDS)
    for name, value in found.items():
        kind = "number" if type(value) is int else "truth" if type(value) is bool else FIELDS[name]
        assert value is None or kind == FIELDS[name]
    assert set(WORDS) == {name for name, kind in FIELDS.items() if kind == "word"}
    assert all(found[name] is None or found[name] in words for name, words in WORDS.items())


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_events_and_their_repetition_change_nothing(chance):
    walk = random_life(chance)
    late = chance.sample(walk.events, chance.randint(0, len(walk.events)))
    some = [event for event in walk.events if event not in late]
    events = some + chance.choices(some, k=3) if some else []
    chance.shuffle(events)
    assert standing(fact_of(events)) == standing(fact_of(some))
    assert standing(fact_of([*events, *late])) == known(walk)


def test_nothing_became_of_a_case_whose_report_is_not_known():
    walk = to("closed")
    assert standing(fact_of(walk.events[1:])) is None
    assert standing(counting.new_fact("01A")) is None


def test_a_fact_without_steps_tells_its_report_and_its_state():
    fact = fact_of(to("handling").events)
    found = standing(counting.as_today({**fact, **counting.NOT_TOLD}))
    assert (found["state"], found["reported_at"]) == ("handling", fact["reported"]["at"])
    assert found["dispatched_at"] is None


def test_what_is_worked_at_again_was_not_handled():
    walk = to("checking")
    assert known(walk)["on_time"] is True
    walk.pass_by(hours=1).do("rework")
    found = known(walk)
    assert (found["handled_at"], found["on_time"], found["reworks"]) == (None, None, 1)
    assert found["disposal_due_at"] == walk.case["bundled_due_at"]


def test_what_is_opened_again_was_not_closed_and_has_no_limit_until_it_is_dispatched():
    walk = to("closed")
    assert known(walk)["ended_at"] == walk.at
    walk.do("reopen", "reporter")
    names = ("handled_at", "closed_at", "outcome", "ended_at", "disposal_due_at")
    assert [known(walk)[name] for name in names] == [None] * 5
    first = known(walk)["dispatched_at"]
    walk.pass_by(hours=1).do("dispatch")
    assert known(walk)["dispatched_at"] == first
    assert known(walk)["disposal_due_at"] == walk.case["bundled_due_at"]


def test_the_limit_a_case_was_handled_under_stays_with_it():
    walk = to("handling", ROW)
    limit = walk.case["bundled_due_at"]
    walk.pass_by(days=3).ring(walk.at).do("feed_back", "handler").do("check").do("close")
    found = known(walk)
    assert (found["disposal_due_at"], found["on_time"], found["outcome"]) == (
        limit,
        False,
        "overdue",
    )


@pytest.mark.parametrize(("after", "on_time"), [(timedelta(), True), (timedelta(seconds=1), False)])
def test_what_is_handled_on_the_spot_is_in_time_up_to_its_limit(after, on_time):
    walk = to("dispatched", ROW)
    walk.at = walk.case["bundled_due_at"] + after
    walk.do("self_handle", "reporter")
    assert (known(walk)["on_time"], known(walk)["self_handled"]) == (on_time, True)


def test_before_any_limit_runs_it_is_in_time():
    found = known(Walk().pass_by(days=40).do("self_handle", "reporter"))
    assert (found["on_time"], found["disposal_due_at"]) == (True, None)
    assert found["filed_at"] == found["closed_at"] == found["handled_at"]


@pytest.mark.parametrize(
    ("steps", "returned"),
    [
        (["refuse_return"], 0),
        (["redispatch"], 1),
        (["escalate"], 1),
        (["refuse_return", "return", "redispatch", "return", "redispatch"], 2),
    ],
)
def test_a_return_counts_once_the_desk_agrees(steps, returned):
    walk = to("returned")
    for step in steps:
        other = PROPERTY if walk.case["responsible"] == DEPARTMENT else DEPARTMENT
        walk.do(step, "handler" if step == "return" else "dispatcher", party=other)
    assert known(walk)["returned"] == returned


def test_while_its_clock_stands_no_limit_can_pass():
    for state in ("suspended", "returned"):
        assert known(to(state))["disposal_due_at"] is None
    assert known(to("suspended"))["suspended"] is True
    assert known(to("suspended").do("resume"))["disposal_due_at"] is not None
