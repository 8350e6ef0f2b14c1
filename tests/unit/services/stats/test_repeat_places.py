"""Repeat places against a slow, obvious search over all pairs."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import cos, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.repeat_places import (
    COUNTED,
    NO_COMPLAINT,
    Complaint,
    complaints_of,
    found_places,
)
from suishoupai.contracts.words import STATES
from suishoupai.distance import EARTH_RADIUS, metres_between

from .facts import BEGIN, GRIDS
from .placed import placed_fact

DEGREE = EARTH_RADIUS * radians(1)
"""Metres from one degree of latitude to the next."""
DIVISIONS = ("341324", "341324001", "341324001001", GRIDS[0])


def at(east, north, lat=33.48):
    """A point so many metres from one in the county, or in another latitude."""
    return 117.9 + east / (DEGREE * cos(radians(lat))), lat + north / DEGREE


def complaint(name, point, minutes=0, category="06010"):
    when = BEGIN + timedelta(minutes=minutes)
    return Complaint(name, when, point, category, DIVISIONS)


@st.composite
def complaints(draw):
    """Some hundred metres of them, many at the very same point or at the same time."""
    lat = draw(st.sampled_from([33.48, 0.0, -71.0, 84.0]))
    spread = draw(st.sampled_from([60, 150, 400]))
    places = draw(st.lists(st.tuples(*[st.integers(-spread, spread)] * 2), min_size=1, max_size=30))
    found = []
    for n in range(draw(st.integers(0, 45))):
        point = at(*draw(st.sampled_from(places)), lat)
        found.append(complaint(f"{n:03}", point, draw(st.integers(0, 5))))
    return draw(st.permutations(found))


def obvious(complaints):
    """Places the obvious way: who is whose centre is looked for anew each time."""
    left, found = list(complaints), []
    while left:
        around = {
            each.id: [other for other in left if metres_between(each.point, other.point) <= 50]
            for each in left
        }
        most = max(len(others) for others in around.values())
        if most < 3:
            break
        fitting = [each for each in left if len(around[each.id]) == most]
        latest = max(each.at for each in fitting)
        centre = min((each for each in fitting if each.at == latest), key=lambda each: each.id)
        found.append((centre.id, sorted(other.id for other in around[centre.id])))
        left = [each for each in left if each not in around[centre.id]]
    return found


@settings(deadline=None)
@given(complaints())
def test_places_are_those_of_the_slow_search_in_its_order(complaints):
    found = found_places(complaints)
    told = [(place.centre.id, sorted(each.id for each in place.complaints)) for place in found]
    assert told == obvious(complaints)
    sizes = [len(place.complaints) for place in found]
    assert sizes == sorted(sizes, reverse=True)


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(-2000, 2000)] * 2), max_size=60))
def test_so_are_those_that_lie_anywhere(offsets):
    spread = [complaint(f"{n:03}", at(east / 20, north)) for n, (east, north) in enumerate(offsets)]
    told = [
        (place.centre.id, sorted(each.id for each in place.complaints))
        for place in found_places(spread)
    ]
    assert told == obvious(spread)


def test_fifty_metres_are_near_and_fifty_one_are_not():
    for east, north in ((49.9, 0), (0, 49.9), (35, 35)):
        near = [
            complaint("a", at(0, 0), 1),
            complaint("b", at(east, north)),
            complaint("c", at(0, 0)),
        ]
        assert len(found_places(near)) == 1
    for east, north in ((50.1, 0), (0, 50.1), (36, 36)):
        far = [
            complaint("a", at(0, 0), 1),
            complaint("b", at(east, north)),
            complaint("c", at(0, 0)),
        ]
        assert found_places(far) == []


def test_a_chain_is_cut_at_fifty_metres_of_its_centre():
    chain = [complaint(f"{n}", at(45 * n, 0)) for n in range(5)]
    places = found_places(chain)
    # The three in the middle have two neighbours each: of equals the first id is the centre.
    assert [place.centre.id for place in places] == ["1"]
    assert [each.id for each in places[0].complaints] == ["0", "1", "2"]


def test_of_as_many_the_latest_is_the_centre():
    same = [complaint("a", at(0, 0)), complaint("b", at(5, 0), 7), complaint("c", at(0, 5), 3)]
    (place,) = found_places(same)
    assert place.centre.id == "b"
    assert [each.id for each in place.complaints] == ["a", "c", "b"]


def test_what_is_told_of_a_place():
    at_once = [
        complaint("a", at(0, 0), 0, "06010"),
        complaint("b", at(0, 0), 60, "01003"),
        complaint("c", at(9, 0), 30, "06010"),
        complaint("d", at(0, 9), 20, "01001"),
    ]
    (place,) = found_places(at_once)
    lng, lat = at(0, 0)
    assert place.to_dict() == {
        "lng": lng,
        "lat": lat,
        "cases": 4,
        "first_at": BEGIN,
        "last_at": BEGIN + timedelta(minutes=60),
        "categories": [
            {"code": "06010", "cases": 2},
            {"code": "01001", "cases": 1},
            {"code": "01003", "cases": 1},
        ],
        "community": "341324001001",
        "grid": GRIDS[0],
        "divisions": list(DIVISIONS),
    }


@pytest.mark.parametrize("state", STATES)
def test_a_report_is_a_complaint_unless_it_was_taken_back_or_was_none(state):
    fact = placed_fact("a", BEGIN, at(0, 0), GRIDS[0], state=state)
    expected = [] if state in ("rejected", "withdrawn", "void") else ["a"]
    assert [each.id for each in complaints_of([fact])] == expected
    assert set(NO_COMPLAINT) < set(STATES)


def test_places_are_counted_from_three_and_from_five():
    assert COUNTED == (3, 5)


def test_ten_thousand_at_few_points_are_no_more_work_than_few():
    """Hotlines put all cases of an estate at its address: pairs of points are looked at, not of
    cases, or this would not end."""
    when = datetime(2026, 11, 25, tzinfo=UTC)
    many = [
        Complaint(f"{n:05}", when, at(200 * (n % 7), 0), "06010", DIVISIONS) for n in range(10_000)
    ]
    found = found_places(many)
    assert Counter(len(place.complaints) for place in found) == {1429: 4, 1428: 3}
