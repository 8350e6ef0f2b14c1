"""Conditions as data: what they mean, and what they refuse."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.conditions import OPERATORS, condition
from services.stats.standing import FIELDS, NOTHING

AT = datetime(2026, 11, 23, tzinfo=UTC)


def holds(raw, **known):
    return condition(raw, "here")({**NOTHING, "state": "handling", **known})


@pytest.mark.parametrize(
    ("raw", "known", "wanted"),
    [
        ({"field": "handled_at", "is": "set"}, {"handled_at": AT}, True),
        ({"field": "handled_at", "is": "set"}, {}, False),
        ({"field": "handled_at", "is": "unset"}, {}, True),
        ({"field": "on_time", "is": True}, {"on_time": True}, True),
        ({"field": "on_time", "is": True}, {"on_time": None}, False),
        ({"field": "on_time", "is": False}, {"on_time": False}, True),
        ({"field": "on_time", "is": False}, {"on_time": None}, False),
        ({"field": "on_time", "is": "set"}, {"on_time": False}, True),
        ({"field": "reworks", "at_least": 2}, {"reworks": 2}, True),
        ({"field": "reworks", "at_least": 2}, {"reworks": 1}, False),
        ({"field": "satisfaction", "at_least": 0}, {"satisfaction": None}, False),
        ({"field": "reworks", "at_most": 2}, {"reworks": 2}, True),
        ({"field": "reworks", "at_most": 2}, {"reworks": 3}, False),
        ({"field": "satisfaction", "at_most": 5}, {"satisfaction": None}, False),
        ({"field": "state", "one_of": ["handling", "void"]}, {}, True),
        ({"field": "state", "one_of": ["void"]}, {}, False),
        ({"field": "state", "none_of": ["handling"]}, {}, False),
        ({"field": "outcome", "none_of": ["normal"]}, {"outcome": None}, True),
        ({"field": "outcome", "one_of": ["normal"]}, {"outcome": None}, False),
    ],
)
def test_what_a_condition_says_of_one_field(raw, known, wanted):
    assert holds(raw, **known) is wanted


@pytest.mark.parametrize(
    ("apart", "wanted"),
    [
        (timedelta(), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, milliseconds=1), False),
    ],
)
def test_within_hours_is_up_to_the_last_of_them(apart, wanted):
    raw = {"field": "contacted_at", "within_hours": 24, "of": "dispatched_at"}
    assert holds(raw, contacted_at=AT + apart, dispatched_at=AT) is wanted
    assert not holds(raw, contacted_at=AT)
    assert not holds(raw, dispatched_at=AT)


def test_no_later_than_is_up_to_that_instant():
    raw = {"field": "closed_at", "no_later_than": "disposal_due_at"}
    assert holds(raw, closed_at=AT, disposal_due_at=AT)
    assert not holds(raw, closed_at=AT + timedelta(milliseconds=1), disposal_due_at=AT)
    assert not holds(raw, closed_at=AT)
    assert not holds(raw, disposal_due_at=AT)


LEAVES = st.sampled_from(["on_time", "solved", "suspended"]).map(
    lambda name: {"field": name, "is": True}
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(
        st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: {pair[0]: pair[1]}),
)


def obvious(raw, known):
    if "field" in raw:
        return known[raw["field"]]
    parts = [obvious(part, known) for part in raw.get("all", raw.get("any"))]
    return False not in parts if "all" in raw else True in parts


@given(TREES, st.fixed_dictionaries({n: st.booleans() for n in ("on_time", "solved", "suspended")}))
def test_all_and_any_within_each_other(raw, known):
    assert holds(raw, **known) == obvious(raw, known)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("handled", "here: a condition is an object"),
        ({}, "no field None"),
        ({"is": "set"}, "no field None"),
        ({"field": "hadled_at", "is": "set"}, "here: no field 'hadled_at'"),
        ({"field": ["handled_at"], "is": "set"}, "no field"),
        ({"field": "handled_at"}, "no operator ''"),
        ({"field": "handled_at", "before": "closed_at"}, "no operator 'before'"),
        ({"field": "handled_at", "is": "there"}, "here.is: set, unset, true or false"),
        ({"field": "handled_at", "is": 1}, "here.is: set, unset"),
        ({"field": "handled_at", "is": None}, "here.is: set, unset"),
        ({"field": "handled_at", "is": True}, "handled_at is no truth, it is of kind instant"),
        ({"field": "handled_at", "at_least": 1}, "handled_at is no number"),
        ({"field": "reworks", "at_least": "1"}, "here.at_least: a whole number"),
        ({"field": "reworks", "at_most": True}, "here.at_most: a whole number"),
        ({"field": "reworks", "at_most": -1}, "here.at_most: a whole number"),
        ({"field": "reworks", "at_most": 0.5}, "here.at_most: a whole number"),
        ({"field": "reworks", "one_of": ["void"]}, "reworks is no word"),
        ({"field": "state", "one_of": []}, "here.one_of: a list of words"),
        ({"field": "state", "none_of": "void"}, "here.none_of: a list of words"),
        ({"field": "state", "none_of": ["voided"]}, "state is never 'voided'"),
        ({"field": "outcome", "one_of": ["void"]}, "outcome is never 'void'"),
        ({"field": "closed_at", "no_later_than": "state"}, "state is no instant"),
        ({"field": "state", "no_later_than": "closed_at"}, "state is no instant"),
        ({"field": "closed_at", "no_later_than": "due"}, "no field 'due'"),
        ({"field": "closed_at", "within_hours": 24}, "within_hours takes of beside it"),
        ({"field": "closed_at", "within_hours": "a", "of": "filed_at"}, "a whole number"),
        ({"field": "closed_at", "within_hours": 24, "of": "filed"}, "no field 'filed'"),
        ({"field": "reworks", "at_least": 1, "at_most": 2}, "at_least takes nothing beside it"),
        ({"field": "reworks", "at_least": 1, "of": "filed_at"}, "at_least takes nothing beside"),
        ({"all": []}, "here: all holds a list of conditions"),
        ({"any": {"field": "on_time", "is": True}}, "here: any holds a list"),
        ({"all": [{"field": "on_time", "is": True}], "any": []}, "all holds a list"),
        (
            {"all": [{"any": [{"field": "x", "is": "set"}]}]},
            r"here.all\[0\].any\[0\]: no field 'x'",
        ),
    ],
)
def test_what_is_no_condition_is_refused_where_it_stands(raw, reason):
    with pytest.raises(ValueError, match=reason):
        condition(raw, "here")


def test_every_operator_refuses_a_field_of_a_kind_that_it_is_not_for():
    operands = {"is": True, "one_of": ["void"], "none_of": ["void"], "no_later_than": "filed_at"}
    for operator in OPERATORS:
        beside = {"of": "filed_at"} if operator == "within_hours" else {}
        taken = set()
        for field, kind in FIELDS.items():
            try:
                condition({"field": field, operator: operands.get(operator, 1), **beside}, "here")
            except ValueError:
                continue
            taken.add(kind)
        assert len(taken) <= 1
