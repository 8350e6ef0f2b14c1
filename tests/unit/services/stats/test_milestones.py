"""What cases reach is counted once, in whatever order and however often it becomes known."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.stats import counting
from services.stats.milestones import Milestone, reached_newly

BEGIN = datetime(2026, 11, 25, 1, tzinfo=UTC)
ACTIONS = (
    *("place", "accept", "dispatch", "redispatch", "hand_down", "take", "feed_back", "self_handle"),
    *("rework", "due_soon", "overdue", "reopen", "recategorise"),
)


def step(sequence, action, party_kind="property", category="06010"):
    at = BEGIN + timedelta(minutes=sequence)
    found = {"sequence": sequence, "action": action, "at": at, "category": category}
    return {**found, **({"party_kind": party_kind} if party_kind else {})}


def fact(*steps):
    ordered = sorted(steps, key=lambda each: each["sequence"])
    return {**counting.new_fact("a"), "steps": ordered}


@st.composite
def lives(draw):
    """The steps of a case, each with a number that orders it."""
    actions = ["report", *draw(st.lists(st.sampled_from(ACTIONS), max_size=10))]
    kinds = st.sampled_from([None, "property", "department"])
    classes = st.sampled_from(["06010", "96001"])
    return [step(n, each, draw(kinds), draw(classes)) for n, each in enumerate(actions)]


@st.composite
def arrivals(draw):
    """A life, and the batches in which it becomes known: in any order, some of it again."""
    life = draw(lives())
    order = draw(st.permutations(life)) + draw(st.lists(st.sampled_from(life), max_size=4))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=4)) | {len(order)})
    return life, [order[begin:end] for begin, end in zip([0, *cuts], cuts, strict=False)]


def counted(batches):
    """Everything that was newly reached, batch by batch."""
    known, found = {}, []
    for batch in batches:
        before = fact(*known.values()) if known else None
        known |= {each["sequence"]: each for each in batch}
        found += reached_newly(before, fact(*known.values()))
    return found


def obvious(life):
    """How often what is reached, told by a walk through the life."""
    found, dispatched = Counter(), False
    for each in life:
        action = each["action"]
        if action in ("dispatch", "redispatch", "hand_down"):
            found["dispatched"], dispatched = 1, True
        found["reported"] |= action == "report"
        found["overdue"] += action == "overdue"
        found["responded"] |= dispatched and action == "take"
        found["handled"] |= dispatched and action in ("feed_back", "self_handle")
    return +found


@given(arrivals())
def test_each_is_reached_once_however_it_becomes_known(told):
    life, batches = told
    assert Counter(each.name for each in counted(batches)) == obvious(life)


@given(lives())
def test_nothing_new_is_reached_by_what_is_known(life):
    assert reached_newly(fact(*life), fact(*life)) == []


@given(lives())
def test_labels_and_times_are_those_of_the_step(life):
    steps = {each["sequence"]: each for each in life}
    for milestone in reached_newly(None, fact(*life)):
        assert milestone.major in {each["category"][:2] for each in steps.values()}
        timed = milestone.name in ("responded", "handled")
        assert (milestone.seconds is not None) == timed
        assert not timed or 0 < milestone.seconds < 60 * len(life)


def test_a_case_from_its_report_to_its_handling():
    life = [
        step(1, "report", None),
        step(2, "self_handle", None),
        step(3, "recategorise", None, "96001"),
        step(4, "dispatch", "property", "96001"),
        step(6, "overdue", "property", "96001"),
        step(7, "take", "property", "96001"),
        step(8, "redispatch", "department", "96001"),
        step(9, "take", "department", "96001"),
        step(11, "feed_back", "department", "96001"),
        step(12, "rework", "department", "96001"),
        step(13, "overdue", "department", "96001"),
        step(14, "feed_back", "department", "96001"),
    ]
    assert set(reached_newly(None, fact(*life))) == {
        Milestone("reported", "06", "none"),
        Milestone("dispatched", "96", "property"),
        Milestone("overdue", "96", "property"),
        Milestone("overdue", "96", "department"),
        Milestone("responded", "96", "property", 180),
        Milestone("handled", "96", "department", 420),
    }
