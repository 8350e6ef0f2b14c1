"""Heat and repeat places as the API answers them, against a slow recount over all the cases."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import cos, radians

import pytest
from shapely.geometry import Point, box

from suishoupai import clock
from suishoupai.distance import EARTH_RADIUS, metres_between
from suishoupai.mongo import connect
from suishoupai.truth.rebuild import rebuild_figures

from .conftest import eventually, report_body
from .people import people_around
from .recounted import documents

GARBAGE, DRAINS, LEAD = "06010", "01003", "94002"
LONG_AGO = "2026-01-01"
COUNTY = "117.5,33.2,118.3,33.9"
NO_COMPLAINT = ("rejected", "withdrawn", "void")


def aside(point, east, north):
    """A point so many metres from another."""
    lng, lat = point
    degree = EARTH_RADIUS * radians(1)
    return lng + east / degree / cos(radians(lat)), lat + north / degree


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def lived(world, compound, village, people):
    """Cases in a compound and in a village that went different ways."""
    here, there = compound[1], village[1]

    def report(point, category=GARBAGE, account=people.resident):
        answer = world.report(report_body(point, category), uuid.uuid4().hex, account)
        assert answer.status == 201, answer
        world.placed(answer.body["id"])
        return answer.body["id"]

    for n in range(7):
        report(aside(here, 5 * n, 3 * n), DRAINS if n % 3 == 0 else GARBAGE, people.member)
    for n in range(4):
        report(aside(there, 12 * n, 0))
    report(here, LEAD)
    becomes_secret, other, gone = (report(aside(here, -9, -n)) for n in range(3))
    given = {"reason": "分类有误"}
    world.done(becomes_secret, "recategorise", people.dispatcher, category=LEAD, **given)
    world.done(other, "recategorise", people.dispatcher, category=DRAINS, **given)
    world.done(gone, "withdraw", people.resident, reason="已经好了")
    eventually(lambda: agree(world, asked(world)))


def where(case):
    return case["location"]["lng"], case["location"]["lat"]


def asked(world, account="admin", **query):
    return world.client(account).get(
        "/stats/heat", **{"from": LONG_AGO, "box": COUNTY, "zoom": 11, **query}
    )


def agree(world, answer, within=COUNTY):
    """Whether every cell has the cases that lie in it, and no case of the box lies in none."""
    since, until = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
    points = [
        where(case)
        for case in documents(world.stack)
        if answer["division"] in case["divisions"]
        and not case["category"]["confidential"]
        and since <= case["reported_at"] < until
        and answer["category"] in (None, case["category"]["code"])
    ]
    cells = [
        (box(*(each[name] for name in ("west", "south", "east", "north"))), each["cases"])
        for each in answer["cells"]
    ]
    found = Counter()
    for point in points:
        inside = [n for n, (cell, _) in enumerate(cells) if cell.contains(Point(point))]
        found.update(inside)
        if not inside and box(*map(float, within.split(","))).contains(Point(point)):
            return False
    return [found[n] for n in range(len(cells))] == [cases for _, cases in cells] and (
        answer["cases"] == found.total() > 0
    )


ZOOMS = {
    9: (COUNTY, 13),
    10: (COUNTY, 14),
    11: (COUNTY, 14),
    12: (COUNTY, 14),
}
"""Zoom → a box to look at, and the level of the cells that are chosen for it."""


def around(point, metres):
    (west, south), (east, north) = aside(point, -metres, -metres), aside(point, metres, metres)
    return f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}"


@pytest.mark.parametrize("zoom", ZOOMS)
def test_every_cell_of_the_county_is_the_recount(world, lived, zoom):
    wide, level = ZOOMS[zoom]
    answer = asked(world, zoom=zoom, box=wide)
    assert agree(world, answer, wide)
    assert (answer["cell"]["level"], answer["datum"]) == (level, "WGS-84")
    assert answer["cell"]["metres"] == pytest.approx(
        2 * 3.141592653589793 * 6378137 * cos(radians(33.55)) / 2**level, abs=0.1
    )


@pytest.mark.parametrize("zoom", [13, 15, 18, 22])
def test_so_is_every_cell_of_a_small_box_in_each_division(world, lived, compound, zoom):
    near = around(compound[1], 300)
    grid = compound[0]["grids"][0]
    for length in (6, 9, 12, 15):
        answer = asked(world, zoom=zoom, box=near, division=grid[:length])
        assert agree(world, answer, near)
        assert answer["cell"]["level"] == min(zoom + 4, 19)
        categories = [
            asked(world, zoom=zoom, box=near, division=grid[:length], category=code)
            for code in (GARBAGE, DRAINS)
        ]
        assert all(agree(world, each, near) for each in categories)
        assert sum(each["cases"] for each in categories) <= answer["cases"]


def test_a_confidential_case_is_in_no_cell_and_in_no_place(world, lived, compound):
    assert [case for case in documents(world.stack) if case["category"]["confidential"]]
    assert asked(world, category=LEAD)["cells"] == []
    told = world.client("admin").get("/stats/repeat-places", limit=100)["places"]
    assert LEAD not in {each["code"] for place in told for each in place["categories"]}


def test_a_span_is_its_days_and_its_hours(world, lived):
    now = clock.now()
    spans = [
        (now - timedelta(minutes=10), now),
        (now - timedelta(days=40, minutes=7), now - timedelta(seconds=30)),
        (now.replace(hour=16, minute=0, second=0) - timedelta(days=2), now),
    ]
    for since, until in spans:
        answer = asked(world, **{"from": since.isoformat(), "to": until.isoformat()})
        assert datetime.fromisoformat(answer["from"]) == since
        assert answer["cases"] == 0 or agree(world, answer)
    ahead = asked(world, to="2030-01-01")
    assert datetime.fromisoformat(ahead["to"]) <= clock.now()


BAD = {
    "box": [
        {"box": "118.3,33.2,117.5,33.9"},
        {"box": "117.5,33.9,118.3,33.2"},
        {"box": "117.5,33.2,118.3"},
        {"box": "117.5,33.2,518.3,33.9"},
        {"box": "117.5,33.2,118.3,89"},
    ],
    "zoom": [{"zoom": 14}, {"zoom": 23}, {"zoom": -1}, {"zoom": "x"}],
    "category": [{"category": "0601"}],
    "to": [{"from": "2026-05-01", "to": "2026-04-01"}],
    "from": [{"from": "2011-01-01"}, {"from": "2040-01-01"}],
    "cut": [{"cut": "party"}],
}


@pytest.mark.parametrize(("field", "query"), [(name, each) for name in BAD for each in BAD[name]])
def test_what_does_not_fit_is_refused_by_name(world, field, query):
    wanted = {"from": LONG_AGO, "box": COUNTY, "zoom": "11", **query}
    answer = world.request("GET", "/api/v1/stats/heat", "admin", fields=wanted)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_a_zoom_that_fits_is_named(world):
    wanted = {"box": COUNTY, "zoom": "19"}
    answer = world.request("GET", "/api/v1/stats/heat", "admin", fields=wanted)
    (error,) = answer.body["errors"]
    assert "at most 12 for this box" in error["message"]
    assert asked(world, zoom=12)


def obvious(cases):
    """Repeat places the obvious way: (lng, lat, cases) of each, in the order of the answer."""
    near = {
        each["_id"]: [
            other["_id"]
            for other in cases
            if abs(where(each)[1] - where(other)[1]) < 0.001
            and metres_between(where(each), where(other)) <= 50
        ]
        for each in cases
    }
    known, found = {each["_id"]: each for each in cases}, []
    while known:
        left = {issue: [other for other in near[issue] if other in known] for issue in known}
        most = max(len(others) for others in left.values())
        if most < 3:
            break
        centre = min(
            (issue for issue in left if len(left[issue]) == most),
            key=lambda issue: (-known[issue]["reported_at"].timestamp(), issue),
        )
        found.append((*where(known[centre]), most, known[centre]["divisions"]))
        known = {issue: case for issue, case in known.items() if issue not in left[centre]}
    return found


def complaints(world, until, division):
    return [
        case
        for case in documents(world.stack)
        if division in case["divisions"]
        and not case["category"]["confidential"]
        and case["state"] not in NO_COMPLAINT
        and until - timedelta(days=30) <= case["reported_at"] < until
    ]


def told(answer):
    return [(each["lng"], each["lat"], each["cases"]) for each in answer["places"]]


def made_anew(world, account="admin", **query):
    """The places once they were found after this moment."""
    before = clock.now()
    world.database("stats")["repeat_places_made"].update_one({}, {"$set": {"due_at": before}})

    def anew():
        answer = world.client(account).get("/stats/repeat-places", limit=100, **query)
        return answer if datetime.fromisoformat(answer["made_at"]) >= before else None

    return eventually(anew)


def places_agree(world):
    answer = made_anew(world)
    made_at = datetime.fromisoformat(answer["made_at"])
    slow = obvious(complaints(world, made_at, answer["division"]))
    sizes = [cases for _, _, cases, _ in slow]
    counts = {str(least): sum(size >= least for size in sizes) for least in (3, 5)}
    same = told(answer) == [each[:3] for each in slow][:100] and answer["counts"] == counts
    return (answer, slow) if same else None


def test_repeat_places_are_the_slow_search_over_the_cases(world, lived, compound, village):
    answer, slow = eventually(lambda: places_agree(world))
    assert (answer["within_metres"], answer["days"], answer["datum"]) == (50, 30, "WGS-84")
    assert answer["counts"]["3"] >= answer["counts"]["5"] > 0
    for place in answer["places"]:
        assert sum(each["cases"] for each in place["categories"]) == place["cases"]
        assert place["first_at"] <= place["last_at"] < answer["made_at"]
    grid = compound[0]["grids"][0]
    for length in (9, 12, 15):
        code = grid[:length]
        inside = [each[:3] for each in slow if code in each[3]]
        answered = world.client("admin").get("/stats/repeat-places", division=code, limit=100)
        assert told(answered) == inside[:100]
        least = world.client("admin").get(
            "/stats/repeat-places", division=code, at_least=5, limit=2
        )
        assert told(least) == [each for each in inside if each[2] >= 5][:2]
        assert least["counts"] == answered["counts"]
        if length == 12:
            assert {place["community"] for place in answered["places"]} <= {code}


def test_the_past_is_looked_for_in_a_town_or_below(world, lived, village):
    until = clock.now() - timedelta(milliseconds=1)
    made_anew(world)
    town = village[0]["code"][:9]
    past = {"to": until.isoformat(), "division": town, "limit": 100}
    answer = world.client("admin").get("/stats/repeat-places", **past)
    assert datetime.fromisoformat(answer["to"]) == until
    assert told(answer) == [each[:3] for each in obvious(complaints(world, until, town))][:100]
    assert answer["counts"]["3"] >= 1
    before = {**past, "to": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
    assert world.client("admin").get("/stats/repeat-places", **before)["places"] == []
    wanted = {"to": until.isoformat()}
    refused = world.request("GET", "/api/v1/stats/repeat-places", "admin", fields=wanted)
    assert refused.status == 422
    assert [error["field"] for error in refused.body["errors"]] == ["to"]


def test_nobody_sees_another_divisions_places(world, lived, people):
    for path, query in (
        ("heat", {"box": COUNTY, "zoom": "11"}),
        ("repeat-places", {}),
    ):
        answer = world.request("GET", f"/api/v1/stats/{path}", people.elsewhere, fields=query)
        assert answer.status == 200
        assert answer.body["division"] == "341324101201"
        wider = {**query, "division": "341324"}
        answer = world.request("GET", f"/api/v1/stats/{path}", people.elsewhere, fields=wider)
        assert answer.status == 403


def test_all_of_it_is_the_recount_after_it_was_made_anew(world, lived, compound):
    with connect(world.stack.settings()) as client:
        rebuild_figures(client, world.stack.settings(), lambda _done, _total: None)
    near = around(compound[1], 300)
    for zoom, wide in ((9, COUNTY), (11, COUNTY), (15, near)):
        assert agree(world, asked(world, zoom=zoom, box=wide), wide)
    assert agree(world, asked(world, category=DRAINS))
    eventually(lambda: places_agree(world))
