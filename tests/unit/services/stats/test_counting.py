"""Counting against a slow, obvious recount, under any order and repetition of events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.stats import counting
from suishoupai.contracts.events import Event, schema_name

from ....lives import lives
from ....walk import assignment

START = datetime(2026, 11, 23, tzinfo=UTC)
GRIDS = ("341324001001001", "341324001002001", "341324002001001")
LIVES = [walk.events for walk in lives()]


def event(event_type, issue, sequence, data, key="k"):
    return Event(
        id=key,
        source="/test",
        type=event_type,
        subject=issue,
        time=START.isoformat(),
        sequence=sequence,
        dataschema=schema_name(event_type, 2),
        data=data,
        correlationid="c",
        traceparent="t",
    )


def notice(issue, name="n", kind="dispatched", recipient="party:property-1"):
    return event("notice.sent", issue, 1, {"notice": name, "kind": kind, "recipient": recipient})


@st.composite
def histories(draw):
    """Lives of a few cases, each up to some moment: how it was told, and how often its party was
    told that it has it."""
    issues = {}
    for n in range(draw(st.integers(1, 4))):
        issue, life = f"issue-{n}", draw(st.sampled_from(LIVES))
        at = START + timedelta(minutes=draw(st.integers(0, 300)))
        number = f"341324-20261123-{n:05d}"
        grid = draw(st.sampled_from([None, *GRIDS]))
        told = draw(st.integers(0, 2))
        events = [
            replace(each, subject=issue, data={**each.data, "number": number})
            for each in life[: draw(st.integers(1, len(life)))]
        ]
        events[0].data["reported_at"] = at.isoformat()
        others = [notice(issue, f"{issue}-{k}") for k in range(told)]
        others.append(notice(issue, "other", "closed", "account:member"))
        others.append(notice(issue, "lost", "dispatched", "account:member"))
        if grid:
            placed = assignment(grid={"code": grid, "name": ""})
            others.append(replace(placed, subject=issue))
        issues[issue] = (at, grid, told, events, others)
    return issues


@given(st.data())
def test_any_order_and_repetition_makes_the_same_facts(data):
    issues = data.draw(histories())
    events = [each for *_, own, others in issues.values() for each in (*own, *others)]
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=8))
    facts = {}
    for each in data.draw(st.permutations(repeated)):
        before = facts.get(each.subject) or counting.new_fact(each.subject)
        facts[each.subject] = counting.learn(before, each)
    assert facts.keys() == issues.keys()
    for issue, (at, grid, told, own, _) in issues.items():
        fact, last = facts[issue], own[-1].data
        party = last.get("responsible")
        assert fact["reported"] == {"at": at, "county": "341324"}
        assert fact["case"]["state"] == last.get("to", "reported")
        assert fact["case"]["category"] == last["category"]["code"]
        assert fact["case"]["party"] == (party and party["id"])
        assert [step["sequence"] for step in fact["steps"]] == [each.sequence for each in own]
        divisions = [grid[:6], grid[:9], grid[:12], grid] if grid else ["341324"]
        assert counting.divisions_of(fact) == divisions
        assert counting.figures(fact) == {
            "reported": 1,
            "assigned": int(bool(party)),
            "noticed": int(told > 0),
        }


def test_an_event_that_tells_nothing_new_leaves_the_very_same_fact():
    fact = counting.learn(counting.new_fact("i"), notice("i"))
    assert counting.learn(fact, notice("i")) is fact


def test_nothing_is_counted_before_the_report():
    fact = counting.learn(counting.new_fact("i"), notice("i"))
    assert counting.figures(fact) == {}
    assert counting.divisions_of(fact) == []


def test_events_of_the_time_before_cases_had_actions_tell_what_they_can():
    old = {"to": "dispatched", "responsible": {"id": "p", "kind": "property"}}
    fact = counting.learn(counting.new_fact("i"), event("issue.dispatched", "i", 2, old))
    assert fact == counting.new_fact("i")
    told = event("notice.sent", "i", 1, {"notice": "n", "party": {"id": "p"}})
    assert counting.learn(fact, told)["notices"] == ["n"]


def test_a_fact_of_that_time_counts_as_it_did_and_is_learned_on():
    at = START + timedelta(minutes=7)
    old = {
        "_id": "i",
        "reported": {"at": at, "hour": START, "county": "341324", "category": "06010"},
        "assignment": {"sequence": 1, "grid": GRIDS[0], "party": "p", "party_kind": "property"},
        "state": {"sequence": 2, "value": "dispatched"},
        "notices": ["n"],
    }
    fact = counting.as_today(old)
    assert counting.figures(fact) == {"reported": 1, "assigned": 1, "noticed": 1}
    assert fact["case"] == counting.case(2, "dispatched", "06010", {"id": "p", "kind": "property"})
    taken = next(each for each in LIVES[0] if each.type == "issue.taken")
    assert counting.learn(fact, replace(taken, subject="i"))["case"]["state"] == "handling"
    assert counting.as_today(fact) is fact
    bare = {**old, "reported": None, "assignment": None, "state": None}
    assert not counting.figures(counting.as_today(bare))


def test_a_fact_of_the_time_before_steps_were_counted_is_learned_on():
    fact = counting.learn(counting.new_fact("i"), replace(LIVES[0][0], subject="i"))
    old = {name: part for name, part in fact.items() if name not in counting.NOT_TOLD}
    assert counting.figures(counting.as_today(old)) == counting.figures(fact)
    assert counting.as_today(old)["steps"] == []
    assert counting.merge(counting.as_today(old), fact) == fact


@st.composite
def parts(draw):
    """Facts of one case that know different things of it."""
    life = draw(st.sampled_from(LIVES))
    facts = []
    for _ in range(3):
        fact = counting.new_fact("01A")
        for each in draw(st.lists(st.sampled_from(life), max_size=6)):
            data = each.data
            if draw(st.booleans()):
                data = {name: value for name, value in data.items() if name not in UNSAID}
            fact = counting.learn(fact, replace(each, data=data))
        facts.append(fact)
    return facts


UNSAID = ("bundled_due_at", "on_time", "source", "courier", "solved", "satisfaction")
"""What earlier versions of events do not tell."""


@given(parts())
def test_facts_are_united_in_whatever_order(facts):
    one, other, third = facts
    assert counting.merge(one, other) == counting.merge(other, one)
    assert counting.merge(counting.merge(one, other), third) == counting.merge(
        one, counting.merge(other, third)
    )
    assert counting.merge(one, one) is one
    together = counting.merge(one, other)
    assert counting.merge(together, one) is together
    sequences = [step["sequence"] for step in together["steps"]]
    assert sequences == sorted(set(sequences))


def test_a_step_that_an_earlier_version_told_is_completed():
    fed_back = next(each for each in LIVES[0] if each.type == "issue.fed_back")
    less = {name: value for name, value in fed_back.data.items() if name not in UNSAID}
    old = counting.learn(counting.new_fact("01A"), replace(fed_back, data=less))
    assert "on_time" not in old["steps"][0]
    (step,) = counting.learn(old, fed_back)["steps"]
    assert (step["on_time"], step["from"], step["to"]) == (True, "handling", "checking")


def test_only_who_was_on_patrol_is_named():
    assert counting.origin("patrol", True, "li")["member"] == "li"
    for source in ("resident", "program", None):
        assert counting.origin(source, False, "li")["member"] is None
