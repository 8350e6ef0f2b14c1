"""The tallies on a real database: kept with the facts, read by indexes alone, made anew."""

import uuid
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient, monitoring

from services.stats import counting
from services.stats.cuts import CUTS, PATHS
from services.stats.handlers import changes
from services.stats.periods import PERIODS, start_of
from services.stats.store import StatsStore
from services.stats.tallies_store import Asked
from services.stats.truth import Figures, Rebuilding
from suishoupai.clock import now
from suishoupai.truth.records import Assignment, Case

from ..unit.services.stats import facts as made
from ..unit.services.stats.facts import BEGIN, DIVISIONS, GRIDS, RULES, Rules, instants

MARKS = (
    "reported/reported",
    "reported/filed",
    "disposal/should",
    "disposal/handled",
    "disposal/on time",
)
DAY = timedelta(days=1)
COUNTY, TOWN, COMMUNITY, GRID = (GRIDS[0][:length] for length in (6, 9, 12, 15))
ISSUES = 400


class Recorder(monitoring.CommandListener):
    """The commands a client sent since it was asked last."""

    def __init__(self):
        self.commands = []

    def started(self, event):
        self.commands.append(dict(event.command))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass

    def take(self):
        taken, self.commands = self.commands, []
        return taken


@pytest.fixture(scope="module")
def recorder():
    return Recorder()


@pytest.fixture(scope="module")
def connection(world, recorder):
    uri = world.stack.settings().mongodb_uri
    with MongoClient(uri, tz_aware=True, w="majority", event_listeners=[recorder]) as client:
        yield client


@pytest.fixture(scope="module")
def database(connection):
    """A database of its own beside the stack's, gone afterwards."""
    name = f"tallies_{uuid.uuid4().hex}"
    yield connection[name]
    connection.drop_database(name)


def learn(store, batch, rules=RULES):
    """Counts facts that take the place of what was known, as one batch."""
    facts = {fact["_id"]: fact for fact in batch}

    def learned(known):
        return changes(known, facts, now(), rules)

    store.update(facts, learned, rules.digest)


def emptied(database):
    for name in database.list_collection_names():
        database[name].delete_many({})
    return StatsStore(database)


def asked(division=COUNTY, since=BEGIN, until=BEGIN + 3 * DAY, marks=MARKS, **more):
    return Asked(division, since, until, marks, **more)


@given(st.data())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_read_is_the_recount(database, data):
    store = emptied(database)
    history = data.draw(made.changes(24))
    size = data.draw(st.integers(1, 9))
    for first in range(0, len(history), size):
        learn(store, history[first : first + size])
    known = [fact for fact in {fact["_id"]: fact for fact in history}.values() if fact["reported"]]
    tallies = store.live().tallies
    for division in DIVISIONS:
        one, other, cut = data.draw(st.tuples(instants, instants, st.sampled_from(CUTS)))
        since, until = sorted((one, other))
        which = asked(division, since, until, cut=cut)
        expected = made.recount(known, division, since, until, cut)
        assert tallies.tallied(which) == expected
        some = sorted(expected)[:1]
        assert tallies.tallied(replace(which, values=some)) == {
            value: expected[value] for value in some
        }
        the_mark = data.draw(st.sampled_from(MARKS))
        assert tallies.tallied(replace(which, marks=[the_mark])) == {
            value: Counter({the_mark: counts[the_mark]})
            for value, counts in expected.items()
            if counts[the_mark]
        }
        below = {code for code in DIVISIONS if code[:-3] == division}
        assert tallies.children(which) == {
            code: sum(found.values(), Counter())
            for code in below
            if (found := made.recount(known, code, since, until, cut))
        }
        in_series(tallies, which, known, data.draw(st.sampled_from(PERIODS)))


def in_series(tallies, which, known, period):
    which = replace(which, since=max(which.since, BEGIN - 40 * DAY)) if period == "hour" else which
    series = tallies.series(which, period)
    expected = {start: Counter() for start in series}
    for where, by, _, mark, at in made.counted(known):
        if (where, by) == (which.division, which.cut) and which.since <= at < which.until:
            expected[start_of(period, at)][mark] += 1
    assert series == expected
    assert list(series) == sorted(series)
    if which.since < which.until:
        assert start_of(period, which.since) in series


@pytest.fixture(scope="module")
def many(database):
    """Cases of four weeks in all grids, some of them handled, some not; and their store."""
    store = emptied(database)
    facts = [fact_of(n) for n in range(ISSUES)]
    for first in range(0, ISSUES, 50):
        learn(store, facts[first : first + 50])
    # Another county's cases, which no read of this one may look at.
    elsewhere = [fact_of(n, county="110101") for n in range(ISSUES)]
    for first in range(0, ISSUES, 100):
        learn(store, elsewhere[first : first + 100])
    return store, facts


def fact_of(n, county=COUNTY):
    at = BEGIN + timedelta(hours=n // 4 * 7, minutes=n % 16 // 4 * 2)
    grid = county + GRIDS[n % 4][6:]
    return {
        **counting.new_fact(f"{county}-{n:05}"),
        "reported": counting.reported(at, f"{county}-20261129-{n:05d}"),
        "assignment": counting.assignment(1, grid),
        "case": counting.case(
            1, "filed", f"060{n % 7}0", {"id": f"party-{n % 5}", "kind": "property"}
        ),
        "source": ("patrol", "resident")[n % 2],
        "courier": n % 3 == 0,
        "member": f"member-{n % 11}",
        "filed": n % 10 != 0,
        "handled_at": None if n % 6 == 0 else at + timedelta(hours=n % 40),
        "due_at": at + timedelta(hours=24),
    }


def explained(database, command):
    """What the server did for a command: index scans and how much was looked at."""
    kept = {k: v for k, v in command.items() if not k.startswith("$") and k not in ("lsid",)}
    plan = database.command("explain", kept, verbosity="executionStats")
    while "stages" in plan:
        plan = plan["stages"][0]["$cursor"]
    assert "COLLSCAN" not in str(plan)
    assert "IXSCAN" in str(plan)
    return plan["executionStats"]


UNTIL = BEGIN + 20 * DAY + timedelta(minutes=7)
READS = {
    "all cases": lambda tallies: tallies.tallied(asked(TOWN, until=UNTIL)),
    "of the county": lambda tallies: tallies.tallied(asked(until=UNTIL)),
    "a cut": lambda tallies: tallies.tallied(asked(TOWN, until=UNTIL, cut="party")),
    "a value": lambda tallies: tallies.tallied(
        asked(TOWN, until=UNTIL, cut="member", values=["member-3"])
    ),
    "a cut of a grid": lambda tallies: tallies.tallied(asked(GRID, until=UNTIL, cut="category")),
    "below": lambda tallies: tallies.children(asked(until=UNTIL)),
    "a cut below": lambda tallies: tallies.children(
        asked(TOWN, until=UNTIL, cut="party", values=["party-1", "party-2"])
    ),
    "grids": lambda tallies: tallies.children(asked(COMMUNITY, until=UNTIL)),
    "hours": lambda tallies: tallies.series(asked(TOWN, until=UNTIL), "hour"),
    "days": lambda tallies: tallies.series(asked(TOWN, until=UNTIL), "day"),
    "weeks of a value": lambda tallies: tallies.series(
        asked(until=UNTIL, cut="source", values=["patrol"]), "week"
    ),
}


@pytest.mark.parametrize("read", READS)
def test_no_read_scans_and_each_is_a_handful(database, recorder, many, read):
    tallies = many[0].live().tallies
    recorder.take()
    assert READS[read](tallies)
    commands = [command for command in recorder.take() if "getMore" not in command]
    assert 1 <= len(commands) <= 2
    for command in commands:
        stats = explained(database, command)
        of_facts = command["aggregate"] == "facts"
        # Of facts, no index holds the values: they are looked for among those of the division.
        wanted = [
            {key: part for key, part in each.items() if key not in PATHS.values()}
            for each in command["pipeline"][0]["$match"]["$or"]
        ]
        matching = database[command["aggregate"]].count_documents({"$or": wanted})
        assert stats["totalDocsExamined"] == matching
        # Of a fact each mark is a key; of a run of units, every place that is jumped to is one.
        most = len(MARKS) if of_facts else 3
        assert stats["totalKeysExamined"] <= most * matching + 15


def test_cases_of_a_mark_come_in_pages_that_are_read_by_an_index(database, recorder, many):
    store, facts = many
    tallies = store.live().tallies
    at_once = 0
    for division in (COUNTY, TOWN, COMMUNITY, GRID):
        for mark in ("reported/filed", "disposal/should"):
            since, until = BEGIN + timedelta(minutes=15), BEGIN + 9 * DAY
            expected = sorted(
                (at, fact["_id"])
                for fact in facts
                if fact["assignment"]["grid"].startswith(division)
                for name, at in RULES.marks(fact).items()
                if name == mark and since <= at < until
            )
            found, after = [], None
            recorder.take()
            while page := tallies.cases(asked(division, since, until, [mark]), after, 7):
                found += [(each.at, each.fact["_id"]) for each in page]
                after = found[-1]
                assert len(page) <= 7
            assert found == expected
            at_once += len(expected) - len({at for at, _ in expected})
            for command in recorder.take():
                stats = explained(database, command)
                assert stats["totalDocsExamined"] == stats["nReturned"] <= 7
                assert stats["totalKeysExamined"] <= stats["nReturned"] + 1
    assert at_once > 20


def test_cases_of_a_value_are_those_that_were_tallied(many):
    tallies = many[0].live().tallies
    for cut in CUTS:
        every = asked(TOWN, marks=["reported/filed"], cut=cut, until=UNTIL)
        total = Counter()
        for value, counts in tallies.tallied(every).items():
            cases = tallies.cases(replace(every, values=[value]), None, ISSUES)
            assert len(cases) == counts["reported/filed"]
            total.update(counts)
        assert len(tallies.cases(every, None, ISSUES)) == total["reported/filed"] > 50


def test_nothing_is_left_after_a_case_at_the_end_of_its_range(many):
    which = asked(marks=["reported/filed"])
    last = many[0].live().tallies.cases(which, None, ISSUES)[-1]
    after = (last.at, last.fact["_id"])
    tallies = many[0].live().tallies
    assert tallies.cases(which, after, 5) == []
    assert tallies.cases(replace(which, until=last.at), after, 5) == []
    early = (BEGIN - DAY, "zzz")
    assert tallies.cases(which, early, 5) == tallies.cases(which, None, 5)


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


DAMAGES = {
    "a figure": {"$inc": {"figures.reported/reported": 1}},
    "a mark that nobody has": {"$set": {"figures.reported/closed": 2}},
    "another value": {"$set": {"value": "other"}},
    "another hour": {"$set": {"start": BEGIN + 60 * DAY}},
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_tally_that_is_not_the_sum_over_the_facts_is_named(database, how):
    emptied(database)
    cases = [case_of(n) for n in range(8)]
    rebuilt(database, cases, STATES)
    tallies = database[f"tallies.{StatsStore(database)._read_model()['live']}"]
    for cut, unit in (("", "hour"), ("", "month"), ("party", "day")):
        kept = tallies.find_one({"cut": cut, "unit": unit, "division": TOWN})
        tallies.update_one({"_id": kept["_id"]}, DAMAGES[how])
        _, names = verdict(database, cases, STATES)
        which = f" {cut} " if cut else " "
        assert names
        assert all(name.startswith(f"{TOWN}{which}") and unit in name for name in names), names
        tallies.replace_one({"_id": kept["_id"]}, kept)
    lost = tallies.find_one_and_delete({"division": GRID})
    assert len(verdict(database, cases, STATES)[1]) == len(lost["figures"])


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
