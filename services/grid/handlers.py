"""What grid does: assigns reports to their grid and party, and answers whose a point is, who is
responsible there and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from services.grid.atlas import Atlas, Place
from services.grid.map import CountyMap
from services.grid.routing import Directory, NoParty, decide, shown
from services.grid.store import GridStore
from suishoupai import clock
from suishoupai.access import Caller, reach, sees_division
from suishoupai.clock import LOCAL
from suishoupai.contracts.events import Event, new_event
from suishoupai.contracts.place_questions import PartyFilter, RoutingFilter
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.shapes import GivenPoint
from suishoupai.county import County
from suishoupai.datum import to_wgs84

Document = dict[str, Any]

SOURCE = "/grid"
NOTE = "示意：网格与小区边界为合成数据，不代表真实界线"
"""Said with every polygon that is shown (DOMAIN: grid and codes)."""

NOBODY = "没有任何规则指向现有单位，需人工确定"
"""What is told when no rule names a party."""

POINT = GivenPoint()
ROUTING_FILTER = RoutingFilter()
PARTY_FILTER = PartyFilter()


def assign(
    events: Sequence[Event],
    county_map: CountyMap,
    store: GridStore,
    announce: Callable[[Iterable[str]], None],
) -> None:
    """Assigns each reported issue, once, and once more when it is of another category: what is
    told twice keeps the assignment it has."""
    latest: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        latest[event.subject] = event
    store.write_assignments([_assignment(event, county_map) for event in latest.values()])
    announce(list(latest))


def _assignment(event: Event, county_map: CountyMap) -> Document:
    report, atlas = event.data, county_map.atlas
    place = atlas.locate(report["location"]["lng"], report["location"]["lat"])
    on = datetime.fromisoformat(report["reported_at"]).astimezone(LOCAL).date()
    decision = decide(report["category"], place, on, county_map.rules, county_map.directory)
    assigned = new_event(
        "issue.assigned",
        source=SOURCE,
        subject=event.subject,
        sequence=event.sequence,
        trace=event.trace,
        data={
            **{name: report[name] for name in ("number", "category", "address", "reported_at")},
            **_divisions(place),
            "compound": _compound(place),
            "responsible": decision.party,
            "rule": decision.rule,
            "why": decision.why,
            "barred": decision.barred,
            "barred_kinds": decision.barred_kinds,
            "clear": decision.clear,
        },
    )
    return {
        "_id": event.subject,
        "sequence": event.sequence,
        "map_version": atlas.version,
        "grid": place.grid["code"],
        "responsible": decision.party["id"],
        "rule": decision.rule,
        "outbox": [assigned.to_dict()],
    }


def _divisions(place: Place) -> Document:
    return {
        "grid": place.grid,
        "community": place.community,
        "town": place.town,
        "county": place.county,
    }


def _compound(place: Place) -> Document | None:
    if place.compound is None:
        return None
    return {"id": place.compound["id"], "name": place.compound["name"]}


def grid_at(point: Any, atlas: Atlas, county: County) -> Document:
    """The grid of a given point, with what lies above it; raises ``Problem`` outside the county."""
    place = _located(load(POINT, point), atlas, county)
    return {**_divisions(place), "compound": _compound(place), "note": NOTE}


def _located(given: Document, atlas: Atlas, county: County) -> Place:
    lng, lat = to_wgs84(given["lng"], given["lat"], given["datum"])
    if not county.contains(lng, lat):
        raise invalid("location", f"the point is outside {county.name}")
    return atlas.locate(lng, lat)


def explain(
    filters: Any, category: Document | None, county_map: CountyMap, county: County
) -> Document:
    """Who would get a report, and what each rule said; the party is null when no rule names one.

    ``category``: {code, name, responsible} of the catalogue, None when it has none such. Raises
    ``Problem`` naming the field at fault.
    """
    wanted = load(ROUTING_FILTER, filters)
    if category is None:
        raise invalid("category", f"there is no category {wanted['category']}")
    place = _located(wanted, county_map.atlas, county)
    on = wanted["on"] or clock.now().astimezone(LOCAL).date()
    return {
        **_divisions(place),
        "compound": _compound(place),
        "category": {name: category[name] for name in ("code", "name", "responsible")},
        "on": on.isoformat(),
        **_decided(category, place, on, county_map),
        "note": NOTE,
    }


def _decided(category: Document, place: Place, on: date, county_map: CountyMap) -> Document:
    try:
        decision = decide(category, place, on, county_map.rules, county_map.directory)
    except NoParty as nobody:
        return {"responsible": None, "rule": None, "why": NOBODY, "clear": False} | vars(
            nobody.weighed
        )
    said = vars(decision)
    return {"responsible": decision.party} | {name: said[name] for name in said if name != "party"}


def party(party: str, directory: Directory) -> Document:
    """A party as {id, name, kind}; raises ``Problem`` when there is none with this id."""
    found = directory.by_id(party)
    if found is None:
        raise invalid("party", f"there is no party {party}")
    return shown(found)


def parties(caller: Caller, filters: Any, directory: Directory) -> Document:
    """A page of the parties that have to do with a division, by id: its own, those above and those
    under it. Raises ``Problem`` for a division out of the caller's reach."""
    wanted = load(PARTY_FILTER, filters)
    division = wanted["division"] or reach(caller).division
    if division and not sees_division(caller, division):
        raise Problem("forbidden", f"the parties of {division} are not yours to choose from")
    found = directory.around(division, wanted["kind"])
    left = [row for row in found if row["_id"] > wanted["cursor"]]
    page = left[: wanted["limit"]]
    return {
        "items": [{**shown(row), "division": row["division"], "duty": row["duty"]} for row in page],
        "next": page[-1]["_id"] if len(left) > len(page) else None,
    }


def all_grids(atlas: Atlas, store: GridStore) -> Document:
    """Every grid as a GeoJSON FeatureCollection."""
    features = [
        {
            "type": "Feature",
            "id": row["_id"],
            "properties": {
                "code": row["_id"],
                "name": row["name"],
                "community": row["community"],
                "town": row["town"],
            },
            "geometry": row["geometry"],
        }
        for row in store.grids()
    ]
    return {
        "type": "FeatureCollection",
        "note": NOTE,
        "version": atlas.version,
        "features": features,
    }
