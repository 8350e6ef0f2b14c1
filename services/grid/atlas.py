"""The map in memory: which grid and which compound a point lies in.

A point on the border of two grids belongs to the one with the lower code. A point inside the
county's outline that rounding left in no grid belongs to the nearest one: a report is never
nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely import STRtree, prepare
from shapely.geometry import Point, shape

Document = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a point lies, from its grid up to the county; each division as {code, name}."""

    grid: Document
    community: Document
    town: Document
    county: Document
    compound: Document | None
    """{id, name, property} of the housing estate around the point, if any."""


class Atlas:
    """Grids and compounds of one version of the map, indexed by place."""

    def __init__(
        self,
        version: int,
        grids: Sequence[Document],
        compounds: Sequence[Document],
        names: Mapping[str, str],
    ) -> None:
        """``grids``: {_id, name, geometry}; ``compounds``: {_id, name, property, geometry};
        ``names``: division code → name. Raises ``KeyError`` for a division without a name."""
        self.version = version
        self._grids = sorted(grids, key=lambda grid: str(grid["_id"]))
        self._compounds = sorted(compounds, key=lambda compound: str(compound["_id"]))
        self._places = [_place(grid, names) for grid in self._grids]
        self._grid_tree = _tree(self._grids)
        self._compound_tree = _tree(self._compounds)

    def __len__(self) -> int:
        return len(self._grids)

    def locate(self, lng: float, lat: float) -> Place:
        """The place of a WGS-84 point that lies in the county."""
        point = Point(lng, lat)
        hits = self._grid_tree.query(point, predicate="intersects")
        index = min(hits) if len(hits) else self._grid_tree.nearest(point)
        found = self._compound_tree.query(point, predicate="intersects")
        compound = _compound(self._compounds[min(found)]) if len(found) else None
        place = self._places[int(index)]
        return Place(place.grid, place.community, place.town, place.county, compound)


def _tree(rows: Sequence[Document]) -> STRtree:
    geometries = [shape(row["geometry"]) for row in rows]
    prepare(geometries)
    return STRtree(geometries)


def _place(grid: Document, names: Mapping[str, str]) -> Place:
    code = str(grid["_id"])
    community, town, county = (
        {"code": code[:length], "name": names[code[:length]]} for length in (12, 9, 6)
    )
    return Place({"code": code, "name": grid["name"]}, community, town, county, None)


def _compound(row: Document) -> Document:
    return {"id": row["_id"], "name": row["name"], "property": row["property"]}
