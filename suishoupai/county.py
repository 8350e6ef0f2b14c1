"""The county's outline: whether a point lies in it."""

from __future__ import annotations

import json
from pathlib import Path

from shapely import contains_xy, prepare
from shapely.geometry import shape


class County:
    """One county by its outline in WGS-84."""

    def __init__(self, folder: Path) -> None:
        """Reads ``county.geojson`` and ``divisions.json``; raises ``OSError`` without them."""
        outline = json.loads((folder / "county.geojson").read_text(encoding="utf-8"))
        divisions = json.loads((folder / "divisions.json").read_text(encoding="utf-8"))
        self.code: str = divisions["code"][:6]
        self.name: str = divisions["name"]
        self._outline = shape(outline["features"][0]["geometry"])
        prepare(self._outline)

    def contains(self, lng: float, lat: float) -> bool:
        """Whether a WGS-84 point lies inside the outline."""
        return bool(contains_xy(self._outline, lng, lat))
