"""The tallies made anew from the cases, recounted and held against them."""

import uuid
from collections import Counter
from copy import deepcopy
from datetime import timedelta

import pytest

from services.stats.store import StatsStore
from services.stats.truth import Figures, Rebuilding
from suishoupai.mongo import connect
from suishoupai.truth.records import Assignment, Case

from ..unit.services.stats.facts import BEGIN, GRIDS, RULES, Rules
from .tallying import COUNTY, DAY, GRID, TOWN, asked, emptied, fact_of, learn


@pytest.fixture(scope="module")
def database(world):
    """A database of its own beside the stack's, gone afterwards."""
    name = f"tallies_{uuid.uuid4().hex}"
    with connect(world.stack.settings()) as client:
        yield client[name]
        client.drop_database(name)


class States(Rules):
    """Marks that can be told from what the cases say themselves."""

    def marks(self, fact):
        if not fact["reported"]:
            return {}
        at = fact["reported"]["at"]
        return {"reported/reported": at, f"reported/{fact['case']['state']}": at}


STATES = States("states-1")


def case_of(n, state="filed"):
    at = BEGIN + timedelta(hours=n, milliseconds=n)
    party = {"id": "p", "name": "", "kind": "property"}
    given = Assignment(1, GRIDS[n % 4], "p")
    number = f"341324-20261129-{n:05d}"
    return Case(f"case-{n:03}", number, "06010", at, state, n + 1, party, given, (), ())


def verdict(database, cases, rules):
    """What `verify` finds of these cases."""
    figures = Figures(database, None, rules)
    facts = figures.facts({"$gte": ""})
    figures.recount(facts.values())
    parts = [
        (case.id, part)
        for case in cases
        for part, _, _ in figures.fact_differences(case, (), facts.get(case.id))
    ]
    return parts, [name for name, _, _ in figures.differences()]


def rebuilt(database, cases, rules):
    rebuilding = Rebuilding(database, rules)
    rebuilding.take(cases[: len(cases) // 2], {})
    again = Rebuilding(database, rules)
    assert again.cursor == cases[len(cases) // 2 - 1].id
    again.take(cases[len(cases) // 2 :], {})
    again.finish().drop()


def tallied(database):
    found = StatsStore(database).live().tallies.tallied(asked(COUNTY, until=BEGIN + 9 * DAY))
    return found.get("", Counter())


def test_tallies_are_made_anew_from_the_cases_and_hold(database):
    emptied(database)
    cases = [case_of(n) for n in range(30)]
    rebuilt(database, cases, STATES)
    assert verdict(database, cases, STATES) == ([], [])
    assert tallied(database) == {"reported/reported": 30, "reported/filed": 30}
    store = StatsStore(database)
    assert not store.is_stale("states-1")
    assert store.is_stale("states-2")


def first_part(row):
    return row["parts"][min(row["parts"])]


DAMAGES = {
    "a figure": lambda row: first_part(row).update({"reported/reported": 77}),
    "a mark that nobody has": lambda row: first_part(row).update({"reported/closed": 2}),
    "another value": lambda row: row.update(value="other"),
    "another time": lambda row: row.update(start=BEGIN + 400 * DAY),
    "a part too many": lambda row: row["parts"].update({"02": {"reported/filed": 1}}),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_tally_that_is_not_the_sum_over_the_facts_is_named(database, how):
    emptied(database)
    cases = [case_of(n) for n in range(8)]
    rebuilt(database, cases, STATES)
    tallies = database[f"tallies.{StatsStore(database)._read_model()['live']}"]
    for cut, period, unit in (
        ("", "day", "hour"),
        ("", "year", "month"),
        ("party", "month", "day"),
    ):
        kept = tallies.find_one({"cut": cut, "period": period, "division": TOWN})
        damaged = deepcopy(kept)
        DAMAGES[how](damaged)
        tallies.replace_one({"_id": kept["_id"]}, damaged)
        _, names = verdict(database, cases, STATES)
        which = f"{TOWN} {cut} " if cut else f"{TOWN} "
        assert [name for name in names if unit in name]
        assert all(name.startswith(which) for name in names), names
        tallies.replace_one({"_id": kept["_id"]}, kept)
    assert verdict(database, cases, STATES) == ([], [])
    lost = tallies.find_one_and_delete({"division": GRID})
    figures = [lost.get("figures", {}), *lost["parts"].values()]
    assert len(verdict(database, cases, STATES)[1]) == sum(map(len, figures))


def test_a_year_that_is_not_the_sum_over_the_facts_is_named(database):
    emptied(database)
    cases = [case_of(n) for n in range(8)]
    rebuilt(database, cases, STATES)
    tallies = database[f"tallies.{StatsStore(database)._read_model()['live']}"]
    which = {"cut": "", "period": "year", "division": TOWN}
    tallies.update_one(which, {"$inc": {"figures.reported/reported": 1}})
    _, names = verdict(database, cases, STATES)
    assert names == [f"{TOWN} year 2025-12-31T16Z reported/reported"]


def test_a_fact_with_other_marks_than_its_case_is_named(database):
    emptied(database)
    cases = [case_of(n) for n in range(4)]
    rebuilt(database, cases, STATES)
    facts = database[f"facts.{StatsStore(database)._read_model()['live']}"]
    facts.update_one({"_id": "case-001"}, {"$pop": {"marks": 1}})
    parts, names = verdict(database, cases, STATES)
    assert parts == [("case-001", "marks")]
    assert names


def test_an_edition_of_other_definitions_is_stale_until_it_is_made_anew(database):
    store = emptied(database)
    assert not store.is_stale("states-1")
    learn(store, [fact_of(1)], RULES)
    assert not store.is_stale(RULES.digest)
    cases = [case_of(n) for n in range(6)]
    rebuilt(database, cases, STATES)
    newer = States("states-2")
    assert verdict(database, cases, newer) == ([], ["definitions"])
    learn(StatsStore(database), [{**fact_of(1), "_id": "new"}], newer)
    assert store.is_stale("states-2")
    assert not store.is_stale("states-1")
    StatsStore(database).begin_building("states-1.5")
    rebuilt(database, cases, newer)
    assert not store.is_stale("states-2")
    assert verdict(database, cases, newer) == ([], [])
    left = [name for name in database.list_collection_names() if name.startswith("tallies.")]
    assert len(left) == 1
