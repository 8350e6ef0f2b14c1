"""The county's places: towns around the county seat, communities in towns, grids in communities,
compounds in urban grids. Towns, communities, their codes and names are real; borders are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry import Point, Polygon, box

from scripts.county.cells import cut, exact_coverage, reading_order
from scripts.county.plane import to_degrees, to_plane

Document = dict[str, Any]

SEAT_RADIUS = 3.6
"""Kilometres around the county seat that belong to its 街道."""
URBAN_GRIDS = 6
RURAL_GRIDS = 2
COMPOUNDS = (1, 2)
"""Fewest and most compounds of an urban grid."""
MARGIN = 0.02
"""Kilometres between a compound and its grid's border or another compound."""
NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True)
class Grid:
    """One grid: its codes, its name, and its polygon in degrees."""

    code: str
    name: str
    community: str
    town: str
    urban: bool
    polygon: Polygon


@dataclass(frozen=True)
class Compound:
    """One housing estate, inside one grid; its polygon in degrees."""

    grid: str
    polygon: Polygon


def make_grids(county: Document, outline: Polygon, random: Random) -> list[Grid]:
    """All grids of the county, by code: an exact coverage of its outline."""
    drafts = []
    for town, area in _towns(county["towns"], to_plane(outline), random):
        cells = cut(area, len(town["communities"]), random)
        for community, cell in zip(town["communities"], cells, strict=True):
            urban = _is_urban(town, community)
            count = _grid_count(community, urban)
            drafts += [(town, community, urban, part) for part in cut(cell, count, random)]
    polygons = exact_coverage([to_degrees(draft[3]) for draft in drafts])
    return sorted(_named(drafts, polygons), key=lambda grid: grid.code)


def _towns(
    towns: Sequence[Document], outline: Polygon, random: Random
) -> Iterator[tuple[Document, Polygon]]:
    """The 街道 share the county seat like slices of a cake; the others share what is around it."""
    streets = [town for town in towns if town["kind"] == "街道"]
    others = [town for town in towns if town["kind"] != "街道"]
    seat = Point(0, 0).buffer(SEAT_RADIUS, quad_segs=12).intersection(outline)
    total = sum(len(town["communities"]) for town in streets)
    begin = 0.0
    for town in streets:
        end = begin + 2 * pi * len(town["communities"]) / total
        yield town, seat.intersection(_slice(begin, end))
        begin = end
    ring = outline.difference(seat)
    # The park of the development zone is small and lies beside the seat.
    park = box(SEAT_RADIUS, -1.5, SEAT_RADIUS + 3, 1.5).intersection(ring)
    yield others.pop(), park
    yield from zip(others, cut(ring.difference(park), len(others), random), strict=True)


def _slice(begin: float, end: float) -> Polygon:
    steps = [begin + (end - begin) * step / 24 for step in range(25)]
    reach = 2 * SEAT_RADIUS
    return Polygon([(0, 0), *((reach * cos(angle), reach * sin(angle)) for angle in steps)])


def _is_urban(town: Document, community: Document) -> bool:
    return bool(town["kind"] == "街道" and community["kind"] == "居委会/社区")


def _grid_count(community: Document, urban: bool) -> int:
    if urban:
        return URBAN_GRIDS
    return RURAL_GRIDS if community["kind"] in ("村委会", "居委会/社区") else 1


def _named(drafts: Sequence[Any], polygons: Sequence[Polygon]) -> Iterator[Grid]:
    by_community: dict[str, list[tuple[Any, Polygon]]] = {}
    for draft, polygon in zip(drafts, polygons, strict=True):
        by_community.setdefault(draft[1]["code"], []).append((draft, polygon))
    for code, members in by_community.items():
        members.sort(key=lambda member: reading_order(member[1]))
        for number, ((town, community, urban, _), polygon) in enumerate(members, start=1):
            yield Grid(
                code=f"{code}{number:03d}",
                name=f"{community['name']}第{NUMERALS[number - 1]}网格",
                community=code,
                town=town["code"][:9],
                urban=urban,
                polygon=polygon,
            )


def make_compounds(grids: Sequence[Grid], random: Random) -> list[Compound]:
    """One or two compounds in each urban grid: rectangles that touch nothing."""
    compounds = []
    for grid in (grid for grid in grids if grid.urban):
        room = to_plane(grid.polygon).buffer(-MARGIN)
        for _ in range(random.randint(*COMPOUNDS)):
            estate = _estate(room, random)
            if estate is not None:
                compounds.append(Compound(grid.code, _rounded(estate)))
                room = room.difference(estate.buffer(MARGIN))
    return compounds


def _estate(room: Polygon, random: Random) -> Polygon | None:
    """A rectangle of believable size wholly in the room; None where there is too little."""
    west, south, east, north = room.bounds
    for attempt in range(400):
        shrink = 1 - attempt / 600
        width, height = (random.uniform(0.18, 0.4) * shrink for _ in range(2))
        turned = affinity.rotate(box(0, 0, width, height), random.uniform(0, 90))
        estate = affinity.translate(
            turned, random.uniform(west, east), random.uniform(south, north)
        )
        if room.contains(estate):
            return estate
    return None


def _rounded(estate: Polygon) -> Polygon:
    return shapely.transform(to_degrees(estate), lambda points: points.round(7))
