"""Cutting a polygon into cells, and making many polygons one exact coverage."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import shapely
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

STEPS = 6
"""Rounds of Lloyd's relaxation: enough for cells of like size."""
PRECISION = 1e-7
"""Degrees; about a centimetre."""


def cut(area: Polygon, count: int, random: Random) -> list[Polygon]:
    """``count`` cells of like size that together are ``area``, in reading order."""
    seeds = [_point_in(area, random) for _ in range(count)]
    for _ in range(STEPS):
        seeds = [cell.centroid for cell in _voronoi(area, seeds)]
    return sorted(_voronoi(area, seeds), key=reading_order)


def reading_order(cell: BaseGeometry) -> tuple[float, float]:
    """Order in which cells are numbered: west to east, then north to south."""
    centre = cell.centroid
    return (round(centre.x, 7), -round(centre.y, 7))


def _voronoi(area: Polygon, seeds: Sequence[Point]) -> list[Polygon]:
    if len(seeds) == 1:
        return [area]
    diagram = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=area)
    raw = list(diagram.geoms)
    cells = [next(cell for cell in raw if cell.covers(seed)) for seed in seeds]
    return whole([cell.intersection(area) for cell in cells])


def whole(parts: Sequence[BaseGeometry]) -> list[Polygon]:
    """Each part as one polygon; its crumbs go to the neighbour with the longest shared side."""
    pieces = [sorted(_polygons(part), key=lambda piece: piece.area) for part in parts]
    mains = [own.pop() for own in pieces]
    crumbs = [crumb for own in pieces for crumb in own]
    for crumb in sorted(crumbs, key=lambda piece: -piece.area):
        shared = [main.intersection(crumb).length for main in mains]
        best = shared.index(max(shared))
        joined = shapely.union(mains[best], crumb)
        if isinstance(joined, Polygon):
            mains[best] = joined
    return mains


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    parts = getattr(geometry, "geoms", [geometry])
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]


def _point_in(area: Polygon, random: Random) -> Point:
    west, south, east, north = area.bounds
    while True:
        point = Point(random.uniform(west, east), random.uniform(south, north))
        if area.contains(point):
            return point


def exact_coverage(cells: Sequence[Polygon]) -> list[Polygon]:
    """The cells, in degrees, on a grid of 1e-7, sharing every vertex along common sides.

    A cell clipped to its parent has corners on a side where its neighbour has none; rounded, they
    would leave gaps and overlaps. So all sides are noded together, and each face of the net goes
    to the cell it lies in.
    """
    sides = shapely.unary_union([cell.boundary for cell in cells], grid_size=PRECISION)
    faces = list(shapely.polygonize([sides]).geoms)
    tree = shapely.STRtree(cells)
    owned: dict[int, list[Polygon]] = {index: [] for index in range(len(cells))}
    for face in faces:
        owned[int(tree.nearest(face.representative_point()))].append(face)
    merged = whole([shapely.coverage_union_all(owned[index]) for index in sorted(owned)])
    return [shapely.set_precision(cell, PRECISION) for cell in merged]
