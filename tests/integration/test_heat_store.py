"""Heat on a real database: kept with the facts, read by indexes alone, made anew and recounted."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.heat import KEPT
from services.stats.heat_store import HeatAsked
from services.stats.repeat_places import COUNTED
from services.stats.store import StatsStore
from services.stats.tiles import FINEST, Box, covering, tile_at
from services.stats.truth import Figures

from ..unit.services.stats import placed as made
from ..unit.services.stats.facts import BEGIN, DIVISIONS, GRIDS, RULES, instants
from .explaining import on_a_database
from .tallying import COMMUNITY, COUNTY, DAY, GRID, TOWN, emptied, learn

WIDE = Box(117.85, 33.45, 117.95, 33.55)
"""All points there are."""


def whole(division, since, until, category="", level=FINEST, box=WIDE):
    return HeatAsked(division, since, until, category, covering(box, level))


def expected(known, asked):
    """The obvious recount of what is asked."""
    level, tiles = asked.tiles.level, asked.tiles
    found = made.recount(
        known,
        asked.division,
        asked.since,
        asked.until,
        asked.category,
        lambda lng, lat: tile_at(lng, lat, level),
    )
    return Counter(
        {
            (x, y): cases
            for (x, y), cases in found.items()
            if tiles.left <= x <= tiles.right and tiles.top <= y <= tiles.bottom
        }
    )


def differences(recorded):
    """What `verify` finds among the figures."""
    figures = Figures(recorded, None, RULES)
    figures.recount(figures.facts({"$gte": ""}).values())
    return [name for name, _, _ in figures.differences()]


@given(st.data())
@settings(on_a_database, max_examples=15)
def test_every_read_is_the_recount(recorded, data):
    store = emptied(recorded)
    history = data.draw(made.changes(24))
    size = data.draw(st.integers(1, 9))
    for first in range(0, len(history), size):
        learn(store, history[first : first + size])
    known = list({fact["_id"]: fact for fact in history}.values())
    for division in DIVISIONS:
        since, until = sorted(data.draw(st.tuples(instants, instants)))
        category = data.draw(st.sampled_from(["", "06010", "96001"]))
        west, south = data.draw(st.sampled_from(made.POINTS))
        box = data.draw(st.sampled_from([WIDE, Box(west - 1e-4, south - 1e-4, 117.95, 33.55)]))
        for level in (11, 13, 14, 17, 18, 19):
            asked = whole(division, since, until, category, level, box)
            assert store.live().heat.cells(asked) == expected(known, asked)
    assert not recorded["heat"].find_one({"cases": {"$lte": 0}})
    assert differences(recorded) == []


def fact_of(n, county=COUNTY):
    at = BEGIN - timedelta(hours=n * 7, minutes=n % 16)
    lng, lat = 117.86 + n % 20 * 0.004, 33.46 + n // 20 * 0.004
    grid = county + GRIDS[n % 4][6:]
    return made.placed_fact(
        f"{county}-{n:05}", at, (lng, lat), grid, made.CATEGORIES[n % 3], n % 10 == 0
    )


@pytest.fixture(scope="module")
def many(recorded):
    """Cases of four months in all grids; another county's, which no read of this one may look at;
    and their store."""
    store = emptied(recorded)
    facts = [fact_of(n) for n in range(400)]
    elsewhere = [fact_of(n, county="110101") for n in range(400)]
    for first in range(0, 400, 50):
        learn(store, facts[first : first + 50])
        learn(store, elsewhere[first : first + 50])
    return store, facts


SINCE, UNTIL = BEGIN - 80 * DAY + timedelta(minutes=9), BEGIN - timedelta(minutes=7)
SMALL = Box(117.88, 33.47, 117.9, 33.5)
READS = {
    "the county": whole(COUNTY, SINCE, UNTIL, level=15),
    "a town": whole(TOWN, SINCE, UNTIL, level=17),
    "a level that is made of a finer one": whole(TOWN, SINCE, UNTIL, level=16),
    "a small box": whole(COUNTY, SINCE, UNTIL, level=19, box=SMALL),
    "a category": whole(COUNTY, SINCE, UNTIL, "06010", level=17, box=SMALL),
    "a community": whole(COMMUNITY, SINCE, UNTIL, level=19),
    "a category of a grid": whole(GRID, SINCE, UNTIL, "06010", level=17, box=SMALL),
}


@pytest.mark.parametrize("read", READS)
def test_no_read_scans(recorded, recorder, many, read):
    store, facts = many
    heat = store.live().heat
    recorder.take()
    found = heat.cells(READS[read])
    assert found == expected(facts, READS[read])
    assert found
    for command in recorder.take():
        if command.get("aggregate") in ("heat", "facts"):
            bounded(recorded, command)


def bounded(recorded, command):
    """No collection is scanned, and what is looked at is what is wanted."""
    kept = {key: part for key, part in command.items() if key in ("aggregate", "pipeline", "hint")}
    plan = recorded.command("explain", {**kept, "cursor": {}}, verbosity="executionStats")
    stages = str(plan)
    assert "COLLSCAN" not in stages
    assert "IXSCAN" in stages
    while "stages" in plan:
        plan = plan["stages"][0]["$cursor"]
    stats = plan["executionStats"]
    match = command["pipeline"][0]["$match"]
    matching = recorded[command["aggregate"]].count_documents(match)
    if command["aggregate"] == "heat":
        assert stats["totalDocsExamined"] == matching
        assert "'indexName': 'heat'" in stages
    elif "lies_in.community" in match:
        # Counted from the index alone.
        assert stats["totalDocsExamined"] == 0
        assert "'indexName': 'located'" in stages
        assert command["hint"] == "located"
    else:
        # A few hours of a county or town.
        (span,) = (condition for path, condition in match.items() if path == "reported.at")
        whose = {"divisions": match["divisions"], "reported.at": span}
        assert span["$lt"] - span["$gte"] < DAY
        assert stats["totalDocsExamined"] == recorded["facts"].count_documents(whose)


def test_what_was_changed_behind_its_back_is_found(recorded, many):
    assert differences(recorded) == []
    damages = [
        {"$inc": {"cases": 1}},
        {"$inc": {"cases": 1, "months.11": 1}},
        {"$inc": {"cases": 1, "months.11": 1, "days.11.29": 1}},
        {"$set": {"x": 1}},
        {"$set": {"category": "99999"}},
    ]
    for level in KEPT:
        before = recorded["heat"].find_one({"level": level, "year": 2026, "months.11": {"$gt": 0}})
        for damage in damages:
            recorded["heat"].update_one({"_id": before["_id"]}, damage)
            found = differences(recorded)
            assert found
            assert all(name.startswith("heat ") for name in found)
            recorded["heat"].replace_one({"_id": before["_id"]}, before)
    lost = recorded["heat"].find_one_and_delete({})
    assert differences(recorded)
    recorded["heat"].insert_one(lost)
    assert differences(recorded) == []


def test_repeat_places_are_read_by_an_index_and_one_replica_finds_them(recorded, recorder, many):
    places = many[0].repeat_places
    at, every = BEGIN, timedelta(minutes=5)
    claim = places.claim(at, every)
    assert claim
    assert places.claim(at, every) is None
    assert StatsStore(recorded).repeat_places.claim(at + every / 2, every) is None
    assert places.latest() is None
    rows = [
        {"cases": 9 - n // 3, "divisions": [COUNTY, TOWN] if n % 2 else [COUNTY]} for n in range(12)
    ]
    assert places.publish(claim, at, rows)
    snapshot = places.latest()
    assert (snapshot.id, snapshot.made_at) == (claim, at)
    recorder.take()
    assert places.places(claim, TOWN, 7, 3) == [{"cases": 9}, {"cases": 8}, {"cases": 8}]
    (command,) = recorder.take()
    plan = recorded.command(
        "explain",
        {key: command[key] for key in ("find", "filter", "sort", "limit")},
        verbosity="executionStats",
    )
    assert "'stage': 'SORT'" not in str(plan)
    assert plan["executionStats"]["totalDocsExamined"] == 3
    assert [places.amount(claim, COUNTY, least) for least in (*COUNTED, 9)] == [12, 12, 3]
    # Who took longer than the next one's turn has lost it, and leaves nothing behind.
    later, latest = places.claim(at + every, every), places.claim(at + 2 * every, every)
    assert later != latest
    assert not places.publish(later, at + every, rows)
    assert places.latest() == snapshot
    assert places.publish(latest, at + 2 * every, rows[:5])
    assert places.latest().id == latest
    # Whoever is reading the one before still can, until the next.
    assert places.amount(claim, COUNTY, 3) == 12
    assert places.publish(latest := places.claim(at + 3 * every, every), at + 3 * every, [])
    assert places.amount(claim, COUNTY, 3) == 0
    assert places.places(latest, COUNTY, 3, 10) == []
