"""Counting against a slow, obvious recount, under any order and repetition of events."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.stats import counting
from suishoupai.contracts.events import Event, schema_name

START = datetime(2026, 11, 23, tzinfo=UTC)
GRIDS = ("341324001001001", "341324001002001", "341324002001001")


def event(event_type, issue, sequence, data, key):
    return Event(
        id=key,
        source="/test",
        type=event_type,
        subject=issue,
        time=START.isoformat(),
        sequence=sequence,
        dataschema=schema_name(event_type, 1),
        data=data,
        correlationid="c",
        traceparent="t",
    )


@st.composite
def histories(draw):
    """Whole histories of a few issues: what each was, and its events."""
    issues = {}
    for n in range(draw(st.integers(1, 4))):
        issue, steps = f"issue-{n}", draw(st.integers(1, 4))
        at = START + timedelta(minutes=draw(st.integers(0, 300)))
        category = draw(st.sampled_from(["06010", "09005"]))
        grid = draw(st.sampled_from(GRIDS))
        kind = draw(st.sampled_from(["property", "community"]))
        number = f"341324-20261123-{n:05d}"
        reported = {
            "number": number,
            "reported_at": at.isoformat(),
            "category": {"code": category},
        }
        party = {"id": f"{kind}-1", "kind": kind}
        assigned = {"grid": {"code": grid}, "responsible": party}
        events = [
            event("issue.reported", issue, 1, reported, f"{n}r"),
            event("issue.assigned", issue, 1, assigned, f"{n}a"),
            event("issue.dispatched", issue, 2, {"to": "dispatched"}, f"{n}d"),
            event("notice.sent", issue, 1, {"notice": f"notice-{n}"}, f"{n}n"),
        ][:steps]
        issues[issue] = (at, category, grid, kind, steps, events)
    return issues


def recount(issues):
    """Every cell, counted the obvious way from what happened."""
    cells = Counter()
    for at, category, grid, kind, steps, _ in issues.values():
        divisions = [grid[:6], grid[:9], grid[:12], grid] if steps > 1 else ["341324"]
        hour = at.replace(minute=0)
        for division in divisions:
            cells[division, hour, "reported"] += 1
            cells[division, hour, f"category.{category}"] += 1
            cells[division, hour, f"state.{'dispatched' if steps > 2 else 'reported'}"] += 1
            if steps > 1:
                cells[division, hour, "assigned"] += 1
                cells[division, hour, f"party_kind.{kind}"] += 1
                cells[division, hour, f"party.{kind}-1"] += 1
            if steps > 3:
                cells[division, hour, "noticed"] += 1
    return cells


@given(st.data())
def test_any_order_and_repetition_gives_the_recount(data):
    issues = data.draw(histories())
    events = [event for *_, own in issues.values() for event in own]
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=8))
    totals = Counter()
    facts = {}
    for each in data.draw(st.permutations(repeated)):
        before = facts.get(each.subject) or counting.new_fact(each.subject)
        facts[each.subject] = counting.learn(before, each)
        for cell, amount in counting.difference(before, facts[each.subject]):
            totals[cell] += amount
    assert +totals == recount(issues)
    assert not -totals


def test_an_event_that_tells_nothing_new_leaves_the_very_same_fact():
    notice = event("notice.sent", "i", 1, {"notice": "n"}, "1")
    fact = counting.learn(counting.new_fact("i"), notice)
    assert counting.learn(fact, notice) is fact


def test_nothing_is_counted_before_the_report():
    notice = event("notice.sent", "i", 1, {"notice": "n"}, "1")
    assert not counting.cells(counting.learn(counting.new_fact("i"), notice))
