"""The demo county as cases need it: spots where problems are found, who reports there, and whose a
problem is, all by the rules of the services themselves."""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from services.grid.atlas import Atlas, Place
from services.grid.routing import Decision, Directory, decide, shown
from services.grid.rules import FILE, Rule, read_rows, read_rules
from services.issues.cases import row_kept
from services.issues.danger import Danger, read_danger
from services.issues.seed import read_catalogue
from services.issues.working_time import WorkingTime, read_working_time
from suishoupai.county import County
from suishoupai.datum import to_gcj02, to_wgs84
from suishoupai.divisions import normalise

Document = dict[str, Any]

SPOTS_IN = {"compound": 6, "urban": 8, "rural": 3}
"""How many spots at which problems are found again and again: of a compound, of a grid."""
SHARE = {"compound": 0.5, "urban": 0.35, "rural": 0.15}
"""Of all reports: most come from housing estates and from the streets of the seat."""
TAIL = 1.3
"""How unequal spots are (shape of a Pareto distribution): a few are reported week after week."""
HEAVIEST = 12.0
"""Of no spot is more reported than so many times what is reported of the least."""
SCATTER = 7e-5
"""Degrees, about 7 m: how far from a spot a phone says it is."""
GCJ02_PHONES = 0.8
RESIDENTS = 20_000
PROGRAMS = ("program:hotline", "program:mini-program", "program:town-desk")


@dataclass(frozen=True)
class Spot:
    """A place where problems are found: WGS-84, and the grid that it was chosen in."""

    lng: float
    lat: float
    grid: str
    weight: float


class Spots:
    """Spots that are drawn by their weight."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._spots = spots
        self._sums = list(accumulate(spot.weight for spot in spots))

    def draw(self, chance: random.Random) -> Spot:
        """One of them."""
        return chance.choices(self._spots, cum_weights=self._sums)[0]


class DemoCounty:
    """Everything a report is drawn from; the same for every seed."""

    def __init__(self, folder: Path) -> None:
        """Reads the county's ``folder``; raises ``OSError`` when there is no demo map in it."""
        demo = folder / "demo"
        grids = _features(demo / "grids.geojson", "code")
        compounds = _features(demo / "compounds.geojson", "id")
        named = _read(folder / "divisions.json")
        self.outline = County(folder)
        self.code = self.outline.code
        self.hours: WorkingTime = read_working_time(folder / "working_time.json")
        self.danger: Danger = read_danger(folder / "danger.json")
        self.atlas = Atlas(1, grids, compounds, _names(named))
        self.parties: list[Document] = [
            {**row, "_id": row["id"]} for row in _read(demo / "parties.json")["parties"]
        ]
        self.directory = Directory(self.parties)
        self._rules: list[Rule] = read_rules(read_rows((folder / FILE).read_bytes()))
        self.categories = {
            row["code"]: row for row in map(_kept, read_catalogue(folder / "catalogue.csv"))
        }
        self._members, self._couriers = _staff(_read(demo / "members.json")["members"])
        by_kind = _spots(grids, compounds)
        self._spots = {kind: Spots(spots) for kind, spots in by_kind.items()}
        self._by_grid = _by_grid(by_kind)
        self._eras = sorted(
            {day for rule in self._rules for day in (rule.valid_from, rule.valid_to) if day}
        )
        self._decided: dict[tuple[str, str, str | None, int], Decision] = {}

    def spot(self, chance: random.Random, kind: str | None) -> Spot:
        """Where something is found; ``kind``: a key of ``SHARE``, or None for any."""
        drawn = kind or chance.choices(list(SHARE), list(SHARE.values()))[0]
        return self._spots[drawn].draw(chance)

    def courier(self, chance: random.Random) -> tuple[str, Spot]:
        """A courier, and a spot on the courier's way."""
        account, grids = chance.choice(self._couriers)
        return account, self._by_grid[chance.choice(grids)].draw(chance)

    def member(self, chance: random.Random, grid: str) -> str:
        """A full-time member on patrol in a grid."""
        return chance.choice(self._members[grid])

    def location(self, chance: random.Random, spot: Spot) -> Document:
        """What a phone near a spot sends, as a case keeps it."""
        lng, lat = (chance.gauss(at, SCATTER) for at in (spot.lng, spot.lat))
        if not self.outline.contains(lng, lat):
            lng, lat = spot.lng, spot.lat
        datum = "GCJ-02" if chance.random() < GCJ02_PHONES else "WGS-84"
        sent = to_gcj02(lng, lat) if datum == "GCJ-02" else (lng, lat)
        raw_lng, raw_lat = (round(each, 6) for each in sent)
        lng, lat = to_wgs84(raw_lng, raw_lat, datum)
        raw = {"lng": raw_lng, "lat": raw_lat, "datum": datum}
        return {"lng": round(lng, 7), "lat": round(lat, 7), "raw": raw}

    def decision(self, code: str, place: Place, on: date) -> Decision:
        """The party that the routing rules name for a category at a place."""
        compound = place.compound["id"] if place.compound else None
        key = (code, place.community["code"], compound, bisect(self._eras, on))
        if key not in self._decided:
            self._decided[key] = decide(
                self.categories[code], place, on, self._rules, self.directory
            )
        return self._decided[key]

    def another_party(self, place: Place, party: Document) -> Document | None:
        """Who might have a case instead: the community, the town, or else the urban management;
        None when there is no other."""
        community, town = place.community["code"], place.town["code"]
        others = (
            self.directory.territorial(community),
            self.directory.territorial(town),
            self.directory.department("城管", community),
        )
        found = (shown(each) for each in others if each is not None and each["_id"] != party["id"])
        return next(found, None)


def _read(path: Path) -> Document:
    loaded: Document = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _features(path: Path, key: str) -> list[Document]:
    return [
        {**each["properties"], "_id": each["properties"][key], "geometry": each["geometry"]}
        for each in _read(path)["features"]
    ]


def _names(county: Document) -> dict[str, str]:
    """Code → name of the county, its towns and communities."""
    rows = [county, *county["towns"]]
    rows += [each for town in county["towns"] for each in town["communities"]]
    return {normalise(row["code"]): row["name"] for row in rows}


def _kept(row: Document) -> Document:
    """A catalogue row as a case keeps it."""
    return row_kept({**row, "_id": f"{row['code']}@{row['valid_from']}"})


def _staff(members: Sequence[Document]) -> tuple[dict[str, list[str]], list[tuple[str, list[str]]]]:
    """Grid → its full-time members, and each courier with the grids on the way."""
    by_grid: defaultdict[str, list[str]] = defaultdict(list)
    for member in members:
        if not member["courier"]:
            for grid in member["grids"]:
                by_grid[grid].append(member["id"])
    return dict(by_grid), [(each["id"], each["grids"]) for each in members if each["courier"]]


def _spots(grids: Sequence[Document], compounds: Sequence[Document]) -> dict[str, list[Spot]]:
    """The spots of every kind; drawn once for all seeds."""
    chance = random.Random("spots")
    found: dict[str, list[Spot]] = {kind: [] for kind in SPOTS_IN}
    areas = [("compound", row["grids"][0], row) for row in compounds]
    areas += [("urban" if row["urban"] else "rural", row["_id"], row) for row in grids]
    for kind, grid, row in areas:
        area = shape(row["geometry"])
        for _ in range(SPOTS_IN[kind]):
            lng, lat = _inside(area, chance)
            found[kind].append(Spot(lng, lat, grid, min(chance.paretovariate(TAIL), HEAVIEST)))
    return found


def _inside(area: BaseGeometry, chance: random.Random) -> tuple[float, float]:
    west, south, east, north = area.bounds
    while True:
        lng, lat = chance.uniform(west, east), chance.uniform(south, north)
        if area.contains(Point(lng, lat)):
            return lng, lat


def _by_grid(by_kind: Mapping[str, Sequence[Spot]]) -> dict[str, Spots]:
    found: defaultdict[str, list[Spot]] = defaultdict(list)
    for spots in by_kind.values():
        for spot in spots:
            found[spot.grid].append(spot)
    return {grid: Spots(spots) for grid, spots in found.items()}
