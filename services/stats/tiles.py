"""The square cells of a map: tiles of web mercator, in which a tile of one level is four of the
next. Pure functions.

Level 0 is the whole world, level ``n`` has 2ⁿ × 2ⁿ tiles; x counts from the west, y from the north.
On a screen a tile of the level of its zoom has 256 pixels, one four levels finer has 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, atan, ceil, cos, degrees, floor, pi, radians, sinh, tan

EQUATOR = 2 * pi * 6_378_137.0
"""Metres round the world in web mercator."""
FINEST = 19
"""The finest level there is: about 64 m in the county. No map of complaints points at a door."""
FINER = (4, 3, 2)
"""By how many levels cells are finer than the zoom: of 16 pixels, else of 32, else of 64."""
MOST_CELLS = 2_500
"""Most cells that a box may hold: a screen of 1920 × 1080 in cells of 32 pixels."""
ZOOMS = range(23)


@dataclass(frozen=True)
class Box:
    """A piece of the world in WGS-84, degrees: west < east, south < north."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Tiles:
    """A rectangle of tiles of one level: from ``left`` to ``right`` and ``top`` to ``bottom``, both
    among them."""

    level: int
    left: int
    top: int
    right: int
    bottom: int

    def __len__(self) -> int:
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)


def tile_at(lng: float, lat: float, level: int) -> tuple[int, int]:
    """The tile that a point lies in: x and y. What lies beyond the edge lies in the last tile."""
    x, y = _place(lng, lat, level)
    return _inside(floor(x), level), _inside(floor(y), level)


def coarser(tile: int, levels: int) -> int:
    """The x or y of the tile that holds this one, so many levels coarser."""
    return tile >> levels


def box_of(x: int, y: int, level: int) -> Box:
    """The piece of the world that a tile is."""
    return Box(_lng(x, level), _lat(y + 1, level), _lng(x + 1, level), _lat(y, level))


def covering(box: Box, level: int) -> Tiles:
    """The tiles of a level that a box touches."""
    left, top = _place(box.west, box.north, level)
    right, bottom = _place(box.east, box.south, level)
    x, y = _inside(floor(left), level), _inside(floor(top), level)
    # What ends on the border of a tile does not touch the next one.
    return Tiles(
        level,
        x,
        y,
        max(x, _inside(ceil(right) - 1, level)),
        max(y, _inside(ceil(bottom) - 1, level)),
    )


def refined(tiles: Tiles, level: int) -> Tiles:
    """The same piece of the world in tiles of a level that is as fine or finer."""
    more = level - tiles.level
    return Tiles(
        level,
        tiles.left << more,
        tiles.top << more,
        ((tiles.right + 1) << more) - 1,
        ((tiles.bottom + 1) << more) - 1,
    )


def chosen(box: Box, zoom: int) -> Tiles | None:
    """The cells of a box that is looked at in a zoom: of 16 pixels, or of 32 or 64 where that would
    be more than ``MOST_CELLS``; None where even those would be."""
    for finer in FINER:
        tiles = covering(box, min(zoom + finer, FINEST))
        if len(tiles) <= MOST_CELLS:
            return tiles
    return None


def nearest_zoom(box: Box) -> int:
    """The largest zoom in which a box can be looked at."""
    return max(zoom for zoom in ZOOMS if chosen(box, zoom) is not None)


def side_metres(lat: float, level: int) -> float:
    """How long the side of a tile is on the ground, at a latitude."""
    return EQUATOR * cos(radians(lat)) / (1 << level)


def _place(lng: float, lat: float, level: int) -> tuple[float, float]:
    """Where a point lies, counted in tiles."""
    tiles = 1 << level
    return (lng + 180) / 360 * tiles, (1 - asinh(tan(radians(lat))) / pi) / 2 * tiles


def _inside(tile: int, level: int) -> int:
    return min(max(tile, 0), (1 << level) - 1)


def _lng(x: int, level: int) -> float:
    return x / (1 << level) * 360 - 180


def _lat(y: int, level: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << level)))))
