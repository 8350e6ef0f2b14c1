"""What leaves the house holds nothing personal, and fits its published shape."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.gateway.happening import TYPES, Happening, shown, whereabouts
from suishoupai.access import Whereabouts
from suishoupai.contracts.events import read_event

EVENTS = {
    path.stem: read_event(path.read_bytes())
    for path in sorted((Path(__file__).parents[3] / "contract" / "events").glob("*.json"))
}
TOLD = {name: event for name, event in EVENTS.items() if whereabouts(event)}
PERSONAL = {
    **{"reporter": "rider-li-of-the-bridge", "by": "wang.fang.of-the-hall", "why": "因为李四没来"},
    **{"address": "人民路三号李四家", "description": "李四家门口", "followers": ["rider-zhao"]},
    **{"source": "rider-patrol", "courier": "rider", "satisfaction": "rider-is-unhappy"},
    **{"photos": ["https://photos.example/li"], "compound": {"id": "li-gate", "name": "李园"}},
}


def holding(name, **data):
    """One of the events with other data in it."""
    return replace(EVENTS[name], data={**EVENTS[name].data, **data})


def test_every_type_is_told_of_in_its_version_of_today():
    assert {event.type for event in TOLD.values()} == set(TYPES)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_shown_fits_its_shape_and_holds_all_of_it(name):
    told = shown(TOLD[name])
    assert Happening().validate(told) == {}
    assert set(told) == {field.data_key or key for key, field in Happening().fields.items()}


@pytest.mark.parametrize("name", TOLD)
def test_nothing_personal_is_shown(name):
    text = json.dumps(shown(holding(name, **PERSONAL)), ensure_ascii=False)
    assert "李" not in text
    for word in ("rider", "wang", "photos", "li-gate"):
        assert word not in text


def test_a_placed_case_is_where_its_grid_is():
    event = EVENTS["issue.closed-1"]
    assert whereabouts(event) == Whereabouts(
        "member",
        "property-001",
        ("341324", "341324001", "341324001001", "341324001001001"),
        False,
    )
    lead = {**event.data["category"], "confidential": True}
    assert whereabouts(holding("issue.closed-1", category=lead)).confidential


def test_a_report_is_in_its_county_until_it_is_placed():
    event = EVENTS["issue.reported-1"]
    found = whereabouts(event)
    assert (found.party, found.divisions) == (None, ("341324",))
    assert shown(event)["divisions"] == ["341324"]
    assert (shown(event)["from"], shown(event)["state"]) == (None, "reported")


@pytest.mark.parametrize("name", sorted(EVENTS.keys() - TOLD.keys()))
def test_nobody_is_told_of_what_does_not_say_whose_it_is(name):
    event = EVENTS[name]
    assert event.type not in TYPES or "reporter" not in event.data
