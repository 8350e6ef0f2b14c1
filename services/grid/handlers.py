"""What grid does: assigns reports to their grid and party, and answers whose a point is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.grid.atlas import Atlas, Place
from services.grid.routing import Directory, decide
from services.grid.store import GridStore
from suishoupai.contracts.events import Event, new_event
from suishoupai.contracts.problems import invalid
from suishoupai.contracts.questions import load
from suishoupai.contracts.shapes import GivenPoint
from suishoupai.county import County
from suishoupai.datum import to_wgs84

Document = dict[str, Any]

SOURCE = "/grid"
NOTE = "示意：网格与小区边界为合成数据，不代表真实界线"
"""Said with every polygon that is shown (DOMAIN: grid and codes)."""

POINT = GivenPoint()


def assign(
    events: Sequence[Event],
    atlas: Atlas,
    directory: Directory,
    store: GridStore,
    announce: Callable[[Iterable[str]], None],
) -> None:
    """Assigns each reported issue, once: a report told twice keeps its first assignment."""
    assignments = {event.subject: _assignment(event, atlas, directory) for event in events}
    store.insert_assignments(list(assignments.values()))
    announce(list(assignments))


def _assignment(event: Event, atlas: Atlas, directory: Directory) -> Document:
    report = event.data
    place = atlas.locate(report["location"]["lng"], report["location"]["lat"])
    decision = decide(report["category"]["responsible"], place, directory)
    assigned = new_event(
        "issue.assigned",
        source=SOURCE,
        subject=event.subject,
        sequence=1,
        trace=event.trace,
        data={
            **{name: report[name] for name in ("number", "category", "address", "reported_at")},
            **_divisions(place),
            "compound": _compound(place),
            "responsible": decision.party,
            "rule": decision.rule,
            "why": decision.why,
        },
    )
    return {
        "_id": event.subject,
        "sequence": 1,
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
    given = load(POINT, point)
    lng, lat = to_wgs84(given["lng"], given["lat"], given["datum"])
    if not county.contains(lng, lat):
        raise invalid("location", f"the point is outside {county.name}")
    place = atlas.locate(lng, lat)
    return {**_divisions(place), "compound": _compound(place), "note": NOTE}


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
