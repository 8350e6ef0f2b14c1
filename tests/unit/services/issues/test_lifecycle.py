"""The table against a matrix written by hand from DOMAIN, and against histories of any kind."""

from datetime import timedelta

import pytest

from services.issues import drawing
from services.issues.guards import GUARDS
from services.issues.lifecycle import (
    ENDED,
    OPEN,
    STEPS,
    TRANSITIONS,
    NotAllowed,
    find_transition,
    offered,
    replayed,
    roles_towards,
)
from suishoupai.access import Caller
from suishoupai.contracts.events import EVENTS
from suishoupai.contracts.questions import Action
from suishoupai.contracts.words import ACTION_EVENTS, ACTIONS, STATES

from ....conftest import ROOT
from ....matrix import EXPECTED, LETTERS
from ....walk import COMMUNITY, GIVEN, LEAD_ROW, PROPERTY, SLOW_ROW, Walk, assignment, to

CASES = {state: to(state) for state in STATES}
"""A case in each state, patrolled, placed, checked where that is asked for."""


def ready(action, state):
    """A case in that state in which every guard of the action holds."""
    if (action, state) == ("close", "checking"):
        return to("checking").do("check")
    return CASES[state]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"report"}))
def test_each_action_is_for_these_roles_in_these_states_and_no_others(action, state):
    allowed = EXPECTED.get((action, state), set())
    walk = ready(action, state)
    given = {} if action == "redispatch" else GIVEN
    for role in LETTERS.values():
        if role in allowed:
            row = find_transition(action, walk.case, [role], given, walk.at)
            assert (row.action, row.source) == (action, state)
        else:
            with pytest.raises(NotAllowed):
                find_transition(action, walk.case, [role], given, walk.at)


def test_every_row_of_the_table_is_in_the_matrix():
    rows = {(row.action, row.source) for row in TRANSITIONS if row.source}
    assert rows == set(EXPECTED)
    for action, state in rows:
        roles = set().union(
            *(r.roles for r in TRANSITIONS if (r.action, r.source) == (action, state))
        )
        assert roles == EXPECTED[action, state]


@pytest.mark.parametrize("role", sorted({*LETTERS.values()}))
@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_is_what_is_allowed(state, role):
    walk = CASES[state]
    possible = {row.action for row in offered(walk.case, [role], walk.at)}
    for action in ACTIONS:
        try:
            find_transition(action, walk.case, [role], {}, walk.at)
        except NotAllowed:
            assert action not in possible
        else:
            assert action in possible


def test_the_table_speaks_of_known_words_only():
    assert {row.target for row in TRANSITIONS} == set(STATES)
    assert {row.action for row in TRANSITIONS} == set(ACTIONS) == set(ACTION_EVENTS)
    assert {name for row in TRANSITIONS for name in row.guards} <= set(GUARDS)
    fields = {name for row in TRANSITIONS for name in (*row.needs, *row.takes)}
    assert fields == set(Action().fields) - {"version"}
    assert set(ACTION_EVENTS.values()) <= {event_type for event_type, _ in EVENTS}
    assert set(OPEN) | set(ENDED) == set(STATES)


def test_every_state_is_reached_and_only_ends_have_no_way_on():
    moving = [row for row in TRANSITIONS if row.source != row.target]
    assert {row.target for row in moving} == set(STATES)
    ends = {"rejected", "withdrawn", "rated", "void"}
    assert set(STATES) - {row.source for row in moving} == ends


@pytest.mark.parametrize("state", STATES)
def test_a_history_replays_to_the_present_state(state):
    case = CASES[state].case
    assert replayed(case["history"]) == case["state"]
    assert len(case["history"]) == case["version"]


def test_a_history_with_a_step_the_table_does_not_have_is_not_replayed():
    history = CASES["closed"].case["history"]
    with pytest.raises(NotAllowed):
        replayed([*history[:2], *history[3:]])
    with pytest.raises(NotAllowed):
        replayed([*history[:-1], {**history[-1], "role": "reporter"}])
    assert ("close", "checking", "closed", "dispatcher") in STEPS


def refused(walk, action, role, **given):
    with pytest.raises(NotAllowed) as refusal:
        find_transition(action, walk.case, [role], {**GIVEN, **given}, walk.at)
    return str(refusal.value)


def test_a_residents_report_is_verified_first():
    walk = Walk(patrol=False)
    assert "verified" in refused(walk, "accept", "dispatcher")
    assert "verified" in refused(walk, "self_handle", "reporter")
    assert walk.do("verify").do("accept").case["state"] == "accepted"


def test_what_has_no_place_yet_goes_nowhere():
    walk = Walk(place=False).do("accept").do("file")
    assert "grid" in refused(walk, "dispatch", "dispatcher")
    walk.assign(assignment())
    assert walk.case["state"] == "filed"
    assert walk.do("dispatch").case["state"] == "dispatched"


def test_a_party_that_is_barred_never_gets_it():
    walk = Walk(place=False)
    walk.assign(assignment(party=COMMUNITY, barred=[PROPERTY["id"]], barred_kinds=["department"]))
    walk.do("accept").do("file")
    assert "forbid" in refused(walk, "dispatch", "dispatcher", party=PROPERTY)
    assert "forbid" in refused(walk, "dispatch", "supervisor")
    assert walk.do("dispatch", party=COMMUNITY).case["responsible"] == COMMUNITY


def test_a_case_is_not_sent_back_to_whom_returned_it():
    walk = to("returned")
    assert "returned" in refused(walk, "redispatch", "dispatcher", party=walk.case["responsible"])
    assert walk.do("redispatch", party=PROPERTY).case["responsible"] == PROPERTY


def test_general_cases_get_no_extension_others_one_and_a_second_by_the_supervisor():
    general = to("handling", row={**SLOW_ROW, "extensible": False})
    assert "no extension" in refused(general, "ask_extension", "handler")
    walk = to("extension_asked").do("grant_extension").do("ask_extension", "handler")
    assert "supervisor" in refused(walk, "grant_extension", "dispatcher")
    walk.do("grant_extension", "supervisor")
    assert "extended 2 times" in refused(walk, "ask_extension", "handler")


def test_nothing_is_closed_that_was_not_checked_since_it_was_fed_back():
    walk = to("checking")
    assert "checked" in refused(walk, "close", "dispatcher")
    walk.do("check").do("rework").do("feed_back", "handler")
    assert "checked" in refused(walk, "close", "dispatcher")


@pytest.mark.parametrize(("days", "open_again"), [(7, True), (8, False)])
def test_a_closed_case_is_opened_again_within_seven_days(days, open_again):
    walk = to("closed")
    walk.at = walk.case["closed_at"] + timedelta(days=days)
    if open_again:
        assert walk.do("reopen", "reporter").case["state"] == "reopened"
    else:
        assert "7 days" in refused(walk, "reopen", "reporter")


def test_a_confidential_lead_is_fed_back_without_photos():
    lead = to("handling", row=LEAD_ROW)
    row = find_transition("feed_back", lead.case, ["handler"], {}, lead.at)
    assert "photos" not in row.needs
    ordinary = to("handling")
    row = find_transition("feed_back", ordinary.case, ["handler"], {}, ordinary.at)
    assert "photos" in row.needs and row.photos == 1


@pytest.mark.parametrize("state", ["reported", "verifying", "accepted", "filed", "dispatched"])
def test_merging_is_undone_to_where_it_was(state):
    walk = to(state).do("merge")
    assert (walk.case["state"], walk.case["main"]) == ("merged", GIVEN["main"])
    walk.do("unmerge")
    assert (walk.case["state"], walk.case["main"]) == (state, None)


@pytest.mark.parametrize(
    ("caller", "roles"),
    [
        (Caller("member", ("reporter",)), {"reporter"}),
        (Caller("other", ("reporter",)), set()),
        (Caller("h", ("handler",), party=PROPERTY["id"]), {"handler"}),
        (Caller("h", ("handler",), party="property-002"), set()),
        (Caller("d", ("dispatcher",), "341324001001", COMMUNITY["id"]), {"dispatcher"}),
        (Caller("d", ("dispatcher",), "341324001002"), set()),
        (Caller("d", ("dispatcher",), "341324001001", PROPERTY["id"]), {"dispatcher", "handler"}),
        (Caller("s", ("supervisor",), "341324001"), {"supervisor"}),
        (Caller("s", ("supervisor",), "341324002"), set()),
        (Caller("a", ("admin",)), {"admin"}),
        (Caller("a", ("admin",), "341325"), set()),
        (Caller("member", ("dispatcher",), "341324"), {"reporter", "dispatcher"}),
    ],
)
def test_what_a_caller_is_towards_a_case(caller, roles):
    case = to("dispatched").do("recall").do("dispatch", party=PROPERTY).case
    assert roles_towards(caller, case) == roles


def test_the_page_about_the_life_of_a_case_is_the_one_of_the_table():
    kept = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert kept == drawing.render(), "python -m services.issues.drawing > docs/lifecycle.md"
