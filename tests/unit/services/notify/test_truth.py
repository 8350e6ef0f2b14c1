"""Who had to be told is asked of the very same tables that tell."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify import truth
from services.notify.changes import change_of
from services.notify.notices import notices_of
from services.notify.rules import COLUMNS, read_rules
from services.notify.truth import LATE, expected, in_force, teller
from suishoupai.contracts.events import CHANGES
from suishoupai.settings import ROOT

from .events import AT, category, changed

SHIPPED = ROOT / "data" / "notices" / "rules.csv"
RULES = read_rules(SHIPPED, None)
HEAD = ",".join(COLUMNS)


@pytest.fixture
def tables(monkeypatch):
    """The tables that were in force, as the database has them."""
    rows = []
    kept = SimpleNamespace(all=lambda session: rows)
    monkeypatch.setattr(truth, "TableStore", lambda database: kept)
    return rows


@pytest.mark.parametrize("event_type", CHANGES)
@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("confidential", [False, True])
def test_what_must_be_told_is_what_is_told(tables, event_type, urgent, confidential):
    event = changed(event_type, urgent=urgent, category=category(confidential))
    sent = {each.notice["recipient"] for each in notices_of(event, RULES, AT)}
    assert expected(change_of(event), RULES) == sent
    assert teller(ROOT / "data", None)(change_of(event), ()) == sent


def test_a_county_without_a_table_of_its_own_goes_by_the_one_that_is_shipped(tables, tmp_path):
    change = change_of(changed("issue.closed"))
    assert teller(tmp_path, None)(change, ()) == teller(ROOT / "data", None)(change, ())
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "rules.csv").write_text(HEAD)
    assert teller(tmp_path, None)(change, ()) == frozenset()


def test_a_change_is_judged_by_the_table_of_its_time(tables):
    edited = AT + timedelta(days=10)
    tables += [
        {"since": AT, "text": f"{HEAD}\nissue.closed,party,,closed,all"},
        {"since": edited, "text": f"{HEAD}\nissue.closed,town,,closed,all"},
    ]
    judge, change = teller(ROOT / "data", None), change_of(changed("issue.closed"))
    party, town = frozenset({"party:property-1"}), frozenset({"supervisor:341324001"})
    early, late = replace(change, at=edited - 2 * LATE), replace(change, at=edited)
    assert judge(early, town) == judge(replace(change, at=AT - LATE), town) == party
    assert judge(late, party) == judge(replace(change, at=None), party) == town
    # On its way when the table was edited: right by either, and by nothing else.
    between = replace(change, at=edited - LATE / 2)
    assert judge(between, party) == party
    assert judge(between, town) == town
    assert judge(between, frozenset()) == town


@given(st.lists(st.integers(0, 50), min_size=1, unique=True), st.integers(-5, 60))
def test_some_table_is_always_in_force(days, day):
    tables = [(AT + timedelta(days=each), (each,)) for each in sorted(days)]
    at = AT + timedelta(days=day)
    found = [rules[0] for rules in in_force(tables, at)]
    held = [each for each in sorted(days) if each <= day] or sorted(days)[:1]
    begun = [each for each in sorted(days) if day < each <= day + 1 and each != held[-1]]
    assert found == [held[-1], *begun]
