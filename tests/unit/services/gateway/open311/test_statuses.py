"""Open311's words for states and steps, held against the table of transitions."""

import pytest

from services.gateway.open311.statuses import (
    DETAILED,
    EXPLAINED,
    KNOWN_ELSEWHERE,
    TOLD,
    explained,
    states_of,
    status_of,
)
from services.issues.lifecycle import TRANSITIONS
from suishoupai.contracts.words import ACTIONS, ENDED, STATES


def test_every_state_has_a_word_and_those_that_end_a_case_close_its_request():
    assert set(DETAILED) == set(STATES)
    assert set(DETAILED.values()) <= set(KNOWN_ELSEWHERE)
    assert {state for state in STATES if status_of(state) == "closed"} == set(ENDED)
    assert sorted([*states_of("open"), *states_of("closed")]) == sorted(STATES)


def test_every_step_that_changes_the_status_elsewhere_is_told():
    for row in TRANSITIONS:
        if row.source and DETAILED[row.source] != DETAILED[row.target]:
            assert row.action in TOLD, row
    assert set(EXPLAINED) < set(TOLD) <= set(ACTIONS)


def test_what_the_county_says_to_its_parties_is_not_told():
    within = {"supervise", "urge", "overdue", "circulate", "place", "check", "ask_extension"}
    assert not within & set(TOLD)


@pytest.mark.parametrize(
    ("state", "action", "why", "said"),
    [
        ("rejected", "reject", "不属于受理范围", "不予受理：不属于受理范围"),
        ("closed", "close", ACTIONS["close"], "已结案"),
        ("filed", "recall", "某单位推诿", "已立案"),
        ("dispatched", "dispatch", "位于小区内", "已派遣"),
    ],
)
def test_only_reasons_that_are_for_everybody_are_said(state, action, why, said):
    assert explained(state, action, why) == said
