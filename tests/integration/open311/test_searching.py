"""Searches of cases and steps, on a real database, against a slow look at every case there is."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.issues import searching
from services.issues.store import CHANGES, IssueStore
from suishoupai.access import Caller, Whereabouts, lies_within, reach
from suishoupai.contracts.words import ACTIONS, ENDED, STATES
from suishoupai.ids import new_id
from suishoupai.mongo import connect

from ...unit.services.issues.test_earlier import DISPATCHED
from ...walk import AT, LEAD_ROW, ROW, SLOW_ROW, to

COUNTY = Caller("program:1", ("program",), "341324")
TOWN = Caller("program:2", ("program",), "341324001")
ELSEWHERE = Caller("program:3", ("program",), "341324002")
READERS = (COUNTY, TOWN, ELSEWHERE)


def moved(value, by):
    """A document with every instant in it later."""
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, dict):
        return {name: moved(each, by) for name, each in value.items()}
    return [moved(each, by) for each in value] if isinstance(value, list) else value


def case(chance, number):
    state = chance.choice(list(STATES))
    walk = to(state, row=chance.choice([SLOW_ROW, SLOW_ROW, {**SLOW_ROW, "code": ROW["code"]}]))
    if chance.random() < 0.2 and state == "reported":
        walk = to(state, row=LEAD_ROW)
    if chance.random() < 0.3 and walk.case["state"] in ("closed", "reported", "handling"):
        walk.pass_by(hours=chance.randint(1, 500)).do("remark", "reporter")
    by = timedelta(milliseconds=chance.randint(0, 100 * 86_400_000))
    made = moved(walk.case, by)
    divisions = made["divisions"]
    if chance.random() < 0.3:
        divisions = ["341324", "341324002", "341324002001", "341324002001001"]
    more = {"_id": new_id(AT + by), "number": f"341324-20261123-{number:05}"}
    return {**made, **more, "divisions": divisions}


@pytest.fixture(scope="module")
def cases(world):
    chance = random.Random(7)
    with connect(world.stack.settings()) as client:
        name = f"search_{uuid.uuid4().hex}"
        store = IssueStore(client[name])
        store.create_indexes()
        made = [case(chance, number) for number in range(400)]
        store.issues.insert_many(made)
        yield store, made
        client.drop_database(name)


def sees(reader, case):
    where = Whereabouts(case["reporter"], None, case["divisions"], case["category"]["confidential"])
    return lies_within(reach(reader), where)


def changed_at(case):
    """When it changed last; once it has ended, when it ended."""
    times, ended = [], False
    for entry in case["history"]:
        if not (ended and entry["to"] in ENDED):
            times.append(entry["at"])
        ended = entry["to"] in ENDED
    return times[-1]


def fits(case, search):
    checks = (
        ("issues", lambda names: {case["_id"], case["number"]} & set(names)),
        ("categories", lambda codes: case["category"]["code"] in codes),
        ("states", lambda states: case["state"] in states),
        ("from", lambda at: case["reported_at"] >= datetime.fromisoformat(at)),
        ("before", lambda at: case["reported_at"] < datetime.fromisoformat(at)),
        ("changed_from", lambda at: changed_at(case) >= datetime.fromisoformat(at)),
        ("changed_before", lambda at: changed_at(case) < datetime.fromisoformat(at)),
    )
    return all(check(search[name]) for name, check in checks if name in search)


def some_search(chance, made):
    def instant():
        one = chance.choice(made)
        return (chance.choice(one["history"])["at"]).isoformat()

    search = {}
    for name in ("from", "before", "changed_from", "changed_before"):
        if chance.random() < 0.3:
            search[name] = instant()
    if chance.random() < 0.4:
        search["states"] = chance.sample(list(STATES), chance.randint(1, 8))
    if chance.random() < 0.3:
        search["categories"] = chance.sample(["06001", "06010", "94001", "none"], 2)
    if chance.random() < 0.15:
        some = chance.sample(made, 20)
        search["issues"] = [each[chance.choice(["_id", "number"])] for each in some]
    return search


def test_a_search_finds_what_a_look_at_every_case_finds(cases):
    store, made = cases
    chance, found_any = random.Random(11), 0
    for _ in range(300):
        reader, search = chance.choice(READERS), some_search(chance, made)
        skip, limit = chance.choice([(0, 1000), (5, 10), (0, 7)])
        found = searching.find_changed(reader, {**search, "skip": skip, "limit": limit}, store)
        expected = sorted(
            (each["_id"] for each in made if sees(reader, each) and fits(each, search)),
            reverse=True,
        )
        assert [each["id"] for each in found["items"]] == expected[skip : skip + limit], search
        found_any += bool(expected)
        for item in found["items"]:
            (one,) = (each for each in made if each["_id"] == item["id"])
            assert item["changed_at"] == changed_at(one).isoformat()
    assert 50 < found_any < 300


def test_the_steps_of_a_span_are_those_that_a_look_at_every_step_finds(cases):
    store, made = cases
    chance, found_any = random.Random(13), 0
    for _ in range(60):
        reader = chance.choice(READERS)
        start = chance.choice(chance.choice(made)["history"])["at"]
        end = start + timedelta(milliseconds=chance.choice([1, 3_600_000, 20 * 86_400_000]))
        actions = chance.sample(list(ACTIONS), chance.choice([5, 20, len(ACTIONS)]))
        limit = chance.choice([1000, 7])
        search = {"from": start.isoformat(), "before": end.isoformat()}
        search |= {"actions": actions, "limit": limit}
        found = searching.find_steps(reader, search, store)["items"]
        expected = sorted(
            (entry["at"], each["_id"], version)
            for each in made
            if sees(reader, each)
            for version, entry in enumerate(each["history"], start=1)
            if start <= entry["at"] < end and entry["action"] in actions
        )
        seen = [(datetime.fromisoformat(s["at"]), s["issue"], s["version"]) for s in found]
        assert seen == expected[:limit]
        found_any += bool(expected)
    assert found_any > 20


def test_the_steps_of_a_span_are_found_by_their_index(cases):
    store, _ = cases
    span = {"$gte": datetime(2026, 12, 1, tzinfo=UTC), "$lt": datetime(2026, 12, 2, tzinfo=UTC)}
    query = {"history": {"$elemMatch": {"at": span}}}
    plan = store.issues.find(query).hint(CHANGES).explain()
    stats = plan["executionStats"]
    assert stats["totalDocsExamined"] == stats["nReturned"] < 50
    bounds = str(plan["queryPlanner"]["winningPlan"])
    assert "2026-12" in bounds or "1796" in bounds


def test_the_parts_of_a_span_are_the_span():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hours in (0, 1, 12, 13, 100):
        parts = list(searching.windows(start, start + timedelta(hours=hours)))
        assert bool(parts) == bool(hours)
        ends = [start, *(end for _, end in parts)]
        assert [begin for begin, _ in parts] == ends[:-1]
        assert ends[-1] == start + timedelta(hours=hours)


def test_a_case_of_the_time_before_steps_had_actions_is_found_like_any(cases):
    store, _ = cases
    old = {**DISPATCHED, "_id": "01OLD", "number": "341324-20200101-00001"}
    at = AT - timedelta(days=1000)
    old |= {"reported_at": at, "history": [{**each, "at": at} for each in old["history"]]}
    store.issues.insert_one(old)
    (found,) = searching.find_changed(TOWN, {"issues": ["01OLD"]}, store)["items"]
    assert (found["state"], found["changed_at"]) == ("dispatched", at.isoformat())
    assert found["led_here"]["action"] == "dispatch"
    span = {"from": at.isoformat(), "before": (at + timedelta(seconds=1)).isoformat()}
    wanted = {**span, "actions": ["dispatch", "report"]}
    steps = searching.find_steps(TOWN, wanted, store)["items"]
    assert [step["action"] for step in steps] == ["report", "dispatch"]
    changed = {"changed_from": span["from"], "changed_before": span["before"]}
    (again,) = searching.find_changed(TOWN, changed, store)["items"]
    assert again == found
