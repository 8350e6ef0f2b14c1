"""Both clocks of a case: what runs when, and what rings when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.issues.cases import rung_case
from services.issues.views import shown
from suishoupai.access import Caller
from suishoupai.contracts.words import STATES

from ....walk import AT, DEPARTMENT, HOURS, ROW, SLOW_ROW, Walk, to

BY_ITSELF = {**ROW, "auto_dispatch": "always"}
HOUR = timedelta(hours=1)


def alarms(walk):
    return [(alarm["kind"], alarm["of"]) for alarm in walk.case["alarms"]]


def test_a_dispatched_case_knows_when_it_is_due():
    walk = Walk(BY_ITSELF)
    # AT is Monday 09:02 local: the two hours of the noon break do not count.
    assert walk.case["due_at"] == AT + timedelta(hours=6)
    assert walk.case["due_soon_at"] == AT + timedelta(hours=5)
    assert walk.case["bundled_due_at"] == walk.case["due_at"]
    assert alarms(walk) == [
        ("due_soon", ["clock", "bundled"]),
        ("overdue", ["clock", "bundled"]),
    ]
    assert walk.events[-1].data["due_at"] == walk.case["due_at"].isoformat()
    assert walk.case["light"] == "green"


def test_alarms_ring_one_after_the_other_each_with_its_own_version():
    walk = Walk(BY_ITSELF)
    assert rung_case(walk.case, walk.case["due_soon_at"] - timedelta(milliseconds=1), HOURS) is None
    walk.ring()
    assert (walk.events[-1].type, walk.events[-1].sequence) == ("issue.due_soon", 3)
    assert walk.case["light"] == "yellow"
    assert rung_case(walk.case, walk.at, HOURS) is None
    walk.ring()
    assert (walk.events[-1].type, walk.events[-1].sequence) == ("issue.overdue", 4)
    assert walk.at == walk.case["due_at"]
    assert walk.case["light"] == "red"
    last = walk.case["history"][-1]
    assert (last["from"], last["to"], last["by"]) == ("dispatched", "dispatched", "clock")


def test_a_case_overdue_before_its_first_alarm_rang_says_only_that():
    walk = Walk(BY_ITSELF)
    walk.ring(walk.case["due_at"])
    assert walk.events[-1].type == "issue.overdue"
    assert [kind for kind, _ in alarms(walk)] == ["write_notice", "circulate"]


def test_what_is_overdue_is_pressed_for_in_writing_and_then_by_circular():
    walk = Walk(BY_ITSELF)
    walk.ring(walk.case["due_at"]).ring()
    # Overdue on Monday the 23rd: Tuesday morning, and Monday morning a week later.
    assert (walk.events[-1].type, walk.at.isoformat()) == (
        "issue.notice_written",
        "2026-11-24T00:30:00+00:00",
    )
    walk.ring()
    assert (walk.events[-1].type, walk.at.isoformat()) == (
        "issue.circulated",
        "2026-11-30T00:30:00+00:00",
    )
    assert walk.case["alarms"] == []


def test_nobody_is_pressed_for_what_was_fed_back():
    walk = Walk(BY_ITSELF)
    walk.ring(walk.case["due_at"]).do("take", "handler").do("feed_back", "handler")
    assert [kind for kind, _ in alarms(walk)] == ["due_soon", "overdue"]
    assert walk.case["clock"]["activity"] == "check"
    walk.do("rework")
    assert {"write_notice", "circulate"} < {kind for kind, _ in alarms(walk)}


def test_the_bundled_clock_goes_on_over_rework_and_stands_while_it_is_checked():
    walk = Walk(BY_ITSELF).do("take", "handler").pass_by(hours=1).do("feed_back", "handler")
    assert walk.case["bundled_due_at"] is None
    walk.pass_by(days=1).do("rework")
    # One of four hours is used; the new activity has its whole limit.
    assert walk.case["bundled_due_at"] == walk.at + 5 * HOUR
    assert walk.case["due_at"] == walk.at + 6 * HOUR
    walk.ring(walk.case["bundled_due_at"])
    assert (walk.events[-1].type, walk.case["light"]) == ("issue.overdue", "red")
    walk.do("feed_back", "handler").do("check").do("close")
    assert walk.case["outcome"] == "normal", "at the limit is in time"


def test_on_time_is_judged_by_the_bundled_clock():
    walk = Walk(BY_ITSELF).do("take", "handler").pass_by(hours=2).do("feed_back", "handler")
    walk.do("rework")
    walk.at = walk.case["bundled_due_at"] + timedelta(minutes=1)
    assert walk.at < walk.case["due_at"]
    walk.do("feed_back", "handler").do("check").do("close")
    assert walk.case["outcome"] == "overdue"


@pytest.mark.parametrize("state", ["suspended", "returned", "merged"])
def test_both_clocks_stand_while_it_is_suspended_returned_or_merged(state):
    walk = Walk(BY_ITSELF)
    if state != "returned":
        walk.do("take", "handler")
    walk.pass_by(hours=1)
    away = {"suspended": "suspend", "returned": "return", "merged": "merge"}[state]
    walk.do(away, "handler" if state == "returned" else "supervisor")
    assert (walk.case["due_at"], walk.case["bundled_due_at"]) == (None, None)
    assert walk.case["light"] is None
    assert "overdue" not in {kind for kind, _ in alarms(walk)}
    walk.pass_by(days=7)
    back = {"suspended": "resume", "returned": "refuse_return", "merged": "unmerge"}[state]
    walk.do(back)
    # Monday 10:02 again, three of four hours left: two before noon, one after.
    assert walk.case["due_at"] == walk.case["bundled_due_at"] == walk.at + 5 * HOUR


def test_a_suspension_ends_by_itself():
    walk = to("suspended")
    until = walk.case["suspended_until"]
    assert [alarm["kind"] for alarm in walk.case["alarms"]] == ["resume"]
    walk.ring()
    assert (walk.at, walk.case["state"]) == (until, "handling")
    assert walk.case["due_at"] is not None


def test_a_new_party_has_the_whole_limit_again_and_the_old_clocks_are_kept():
    walk = (
        Walk(BY_ITSELF).pass_by(hours=1).do("return", "handler").do("redispatch", party=DEPARTMENT)
    )
    assert walk.case["due_at"] == walk.case["bundled_due_at"] == walk.at + 6 * HOUR
    kept = shown(walk.case, Caller("boss", ("admin",)))["earlier_clocks"]
    assert [(each["which"], each["activity"], each["due_at"]) for each in kept] == [
        ("clock", "disposal", None),
        ("bundled", "disposal", None),
    ]
    assert "earlier_clocks" not in shown(walk.case, Caller("h", ("handler",)))


def test_a_granted_extension_moves_both_and_rings_anew():
    walk = to("handling", row=SLOW_ROW)
    before = walk.case["due_at"], walk.case["bundled_due_at"]
    walk.ring().do("ask_extension", "handler", extension={"number": 2, "unit": "工作日"})
    assert walk.case["light"] == "yellow"
    walk.do("grant_extension")
    assert walk.case["due_at"] == before[0] + timedelta(days=2)
    assert walk.case["bundled_due_at"] == before[1] + timedelta(days=2)
    assert (walk.case["light"], alarms(walk)[0][0]) == ("green", "due_soon")


def test_another_category_means_another_limit_counted_from_the_same_start():
    walk = Walk({**SLOW_ROW, "auto_dispatch": "always"}).pass_by(hours=1)
    start = walk.case["clock"]["runs"][0]["start"]
    walk.do("recategorise", row=ROW)
    assert walk.case["due_at"] == walk.case["bundled_due_at"] == start + 6 * HOUR
    assert [each["limits"] for each in walk.case["clocks"]] == [
        [{"number": 15, "unit": "工作日"}]
    ] * 2


@pytest.mark.parametrize(
    ("state", "activity"), [("verifying", "verification"), ("checking", "check")]
)
def test_verification_and_check_have_a_limit_of_their_own(state, activity):
    walk = to(state, row={**SLOW_ROW, "check_limit": 2, "check_unit": "紧急工作时"})
    assert walk.case["clock"]["activity"] == activity
    assert walk.case["due_at"] == walk.at + 2 * HOUR
    walk.ring()
    assert walk.events[-1].data["activity"] == activity
    assert walk.ring().case["light"] == "red"
    assert walk.case["alarms"] == [], "the desk is not pressed for by circular"


@pytest.mark.parametrize("state", STATES)
def test_what_is_shown_of_the_clocks_is_what_they_say(state):
    case = to(state).case
    running = (case.get("clock") or {}).get("due_at")
    assert case.get("due_at") == running
    assert bool(case.get("light")) == bool(running or case.get("bundled_due_at"))
    assert all(alarm["at"] > AT for alarm in case["alarms"])


@given(st.lists(st.sampled_from(["wait", "suspend", "return", "feed_back"]), max_size=8))
def test_whatever_happens_no_working_time_is_lost_or_given_away(steps):
    """The minutes in which the party had the case and the minutes left make up its limit."""
    walk, had = Walk({**SLOW_ROW, "auto_dispatch": "always"}), timedelta()

    def hold(hours):
        nonlocal had
        before = walk.at
        walk.pass_by(hours=hours)
        had += HOURS.between(before, walk.at)

    for step in steps:
        if step == "return":
            if walk.case["state"] == "dispatched":
                hold(1)
                walk.do("return", "handler").pass_by(hours=5).do("refuse_return")
            continue
        if walk.case["state"] == "dispatched":
            walk.do("take", "handler")
        hold(2)
        if step == "suspend":
            walk.do("suspend", "supervisor").pass_by(hours=30).do("resume")
        elif step == "feed_back":
            walk.do("feed_back", "handler").pass_by(hours=7).do("rework")
    left = HOURS.between(walk.at, walk.case["bundled_due_at"])
    assert abs(had + left - 15 * HOURS.day_length) <= timedelta(milliseconds=1)


def test_a_case_filed_before_limits_were_kept_has_no_deadline_and_no_alarms():
    bare = {name: value for name, value in BY_ITSELF.items() if "limit" not in name}
    walk = Walk(bare)
    assert (walk.case["due_at"], walk.case["alarms"], walk.case["light"]) == (None, [], None)
