"""The county's code and divisions, and its outline: whether a point lies in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shapely import contains_xy, prepare
from shapely.geometry import shape

from suishoupai.divisions import normalise


@cache
def county_code(folder: Path) -> str:
    """The code of the county whose divisions lie in a folder; raises ``OSError`` without them."""
    divisions = json.loads((folder / "divisions.json").read_text(encoding="utf-8"))
    return str(divisions["code"][:6])


@cache
def division_names(folder: Path) -> Mapping[str, str]:
    """Code in its shortest form → name of the county, its towns and communities, in the order of
    the file in a folder; raises ``OSError`` without it."""
    county = json.loads((folder / "divisions.json").read_text(encoding="utf-8"))
    named = [county]
    for town in county["towns"]:
        named += [town, *town["communities"]]
    return {normalise(each["code"]): each["name"] for each in named}


class County:
    """One county by its outline in WGS-84."""

    def __init__(self, folder: Path) -> None:
        """Reads ``county.geojson`` and ``divisions.json``; raises ``OSError`` without them."""
        outline = json.loads((folder / "county.geojson").read_text(encoding="utf-8"))
        divisions = json.loads((folder / "divisions.json").read_text(encoding="utf-8"))
        self.code = county_code(folder)
        self.name: str = divisions["name"]
        self.divisions = division_names(folder)
        """Code of the county, of each town and community → its name."""
        self._outline = shape(outline["features"][0]["geometry"])
        prepare(self._outline)

    def contains(self, lng: float, lat: float) -> bool:
        """Whether a WGS-84 point lies inside the outline."""
        return bool(contains_xy(self._outline, lng, lat))
