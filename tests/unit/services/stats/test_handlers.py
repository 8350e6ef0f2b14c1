"""Whose figures a counted batch may have changed."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.stats.handlers import changes, divisions_changed

from .facts import RULES, divisions_of, facts

AT = datetime(2026, 11, 30, tzinfo=UTC)


def learnt(known, batch):
    known = {fact["_id"]: fact for fact in known}
    return changes(known, {**known, **{fact["_id"]: fact for fact in batch}}, AT, RULES)


def lies(fact):
    return set(divisions_of(fact)) if fact["reported"] or fact["assignment"] else set()


@given(st.tuples(*map(facts, "abc")), st.tuples(*map(facts, "bcd")))
def test_they_are_those_where_a_changed_case_lies_or_lay(known, batch):
    known = learnt([], known).facts
    found = learnt(known, batch)
    before = {fact["_id"]: fact for fact in known}
    expected = set()
    for fact in found.facts:
        expected |= lies(fact) | lies(before.get(fact["_id"], fact))
    assert divisions_changed(found) == expected


@given(st.tuples(*map(facts, "abc")))
def test_what_is_known_changes_nobodys(known):
    known = learnt([], known).facts
    assert divisions_changed(learnt(known, known)) == set()
