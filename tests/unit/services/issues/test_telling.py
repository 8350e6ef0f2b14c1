"""What is told of each step, and that its history keeps what no later version shows."""

from datetime import datetime

import pytest

from services.issues.telling import source_of

from ....lives import lives
from ....walk import LEAD_ROW, ROW, Walk, to

FIGURES = ("due_at", "bundled_due_at", "on_time", "outcome")


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("walk", lives(), ids=lambda walk: walk.events[-1].type)
def test_the_history_keeps_of_every_step_what_its_event_told_of_limits_and_judgements(walk):
    for event, entry in zip(walk.events, walk.case["history"], strict=True):
        kept = {name: plain(entry["told"][name]) for name in FIGURES if name in entry["told"]}
        told = {name: event.data.get(name) for name in FIGURES}
        assert kept == {name: value for name, value in told.items() if value is not None}


def test_the_limit_over_all_rounds_is_told_while_its_clock_runs():
    walk = to("handling")
    limit = walk.case["bundled_due_at"]
    assert walk.events[-1].data["bundled_due_at"] == limit.isoformat()
    walk.pass_by(hours=1).do("feed_back", "handler")
    assert walk.events[-1].data["bundled_due_at"] is None
    assert walk.events[-1].data["due_at"] == walk.case["due_at"].isoformat()
    walk.pass_by(hours=1).do("rework")
    # An hour of checking does not count.
    assert walk.case["bundled_due_at"] > limit
    assert walk.events[-1].data["bundled_due_at"] == walk.case["bundled_due_at"].isoformat()


@pytest.mark.parametrize(("late", "judged"), [(False, True), (True, False)])
def test_whether_it_was_in_time_is_told_once_it_was_fed_back(late, judged):
    walk = to("handling", ROW)
    assert walk.events[-1].data["on_time"] is None
    walk.pass_by(days=3 if late else 0).do("feed_back", "handler")
    assert walk.events[-1].data["on_time"] is judged
    assert walk.case["history"][-1]["told"]["on_time"] is judged


def test_how_it_was_rated_is_told():
    walk = to("closed")
    assert (walk.events[-1].data["solved"], walk.events[-1].data["satisfaction"]) == (None, None)
    walk.do("rate", "reporter", solved=False, satisfaction=2)
    assert (walk.events[-1].data["solved"], walk.events[-1].data["satisfaction"]) == (False, 2)


@pytest.mark.parametrize(
    ("reporter", "patrol", "source"),
    [
        ("member", True, "patrol"),
        ("wang.fang", True, "patrol"),
        ("li.na", False, "resident"),
        ("anonymous", False, "resident"),
        ("programme", False, "resident"),
        ("program:hotline", False, "program"),
    ],
)
def test_how_a_report_came_is_told_with_every_step(reporter, patrol, source):
    walk = Walk(LEAD_ROW, reporter=reporter, patrol=patrol).do("verify")
    assert source_of(walk.case) == source
    assert {event.data["source"] for event in walk.events} == {source}


@pytest.mark.parametrize("courier", [True, False])
def test_that_a_courier_reported_is_told_and_no_more_of_them(courier):
    walk = Walk(courier=courier).do("accept")
    assert [event.data["courier"] for event in walk.events] == [courier] * 3
    assert not any("member" in name for name in (*walk.case, *walk.events[-1].data))
