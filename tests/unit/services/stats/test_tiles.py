"""Tiles against the definition of web mercator, digit by digit."""

from math import atan, cos, degrees, pi, radians, sinh

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.tiles import (
    FINER,
    FINEST,
    MOST_CELLS,
    ZOOMS,
    Box,
    Tiles,
    box_of,
    chosen,
    coarser,
    covering,
    nearest_zoom,
    refined,
    side_metres,
    tile_at,
)
from suishoupai.distance import metres_between

LNGS, LATS = st.floats(-180, 180), st.floats(-85.0511, 85.0511)
LEVELS = st.integers(0, FINEST)


@st.composite
def boxes(draw):
    west, east = sorted(draw(st.tuples(LNGS, LNGS).filter(lambda pair: pair[0] != pair[1])))
    south, north = sorted(draw(st.tuples(LATS, LATS).filter(lambda pair: pair[0] != pair[1])))
    return Box(west, south, east, north)


@st.composite
def boxes_in_the_county(draw):
    west, south = draw(st.floats(117.6, 118.1)), draw(st.floats(33.2, 33.7))
    width, height = draw(st.floats(1e-5, 0.3)), draw(st.floats(1e-5, 0.3))
    return Box(west, south, west + width, south + height)


def obvious(lng, lat, level):
    """The tile found by halving the world, as a map is cut: rows by their latitudes."""
    x = y = 0
    for finer in range(1, level + 1):
        x, y = 2 * x, 2 * y
        x += lng >= (x + 1) / 2**finer * 360 - 180
        y += lat <= degrees(atan(sinh(pi * (1 - 2 * (y + 1) / 2**finer))))
    return x, y


@given(LNGS.filter(lambda lng: lng < 180), LATS, LEVELS)
def test_a_point_lies_in_the_tile_that_halving_finds(lng, lat, level):
    found, slow = tile_at(lng, lat, level), obvious(lng, lat, level)
    if found != slow:  # on a border, to the last digits
        box = box_of(*found, level)
        edges = min(abs(lng - box.west), abs(lng - box.east))
        edges = min(edges, abs(lat - box.south), abs(lat - box.north))
        assert edges < 1e-9
        assert max(abs(a - b) for a, b in zip(found, slow, strict=True)) == 1


@given(LNGS, LATS, LEVELS, st.integers(0, FINEST))
def test_a_tile_lies_in_the_coarser_one(lng, lat, level, levels):
    levels = min(levels, level)
    tile = tuple(coarser(each, levels) for each in tile_at(lng, lat, level))
    assert tile == tile_at(lng, lat, level - levels)


def test_known_tiles():
    assert tile_at(0.0, 0.0, 1) == (1, 1)
    assert tile_at(-180.0, 85.0511, 5) == (0, 0)
    assert tile_at(180.0, -85.0511, 5) == (31, 31)
    assert tile_at(117.9, 33.48, 13) == (6778, 3286)


@given(boxes(), LEVELS, st.data())
def test_every_point_of_a_box_lies_in_a_tile_it_touches(box, level, data):
    tiles = covering(box, level)
    assert tiles.left <= tiles.right
    assert tiles.top <= tiles.bottom
    lng, lat = data.draw(st.floats(box.west, box.east)), data.draw(st.floats(box.south, box.north))
    x, y = tile_at(lng, lat, level)
    # What ends on a border (to the last digits) does not touch the tile beyond.
    assert tiles.left <= x <= tiles.right + (box.east - lng < 1e-9)
    assert tiles.top <= y <= tiles.bottom + (lat - box.south < 1e-9)


def test_what_ends_on_a_border_does_not_touch_the_tile_beyond():
    assert covering(Box(0.0, 0.0, 90.0, 60.0), 2) == Tiles(2, 2, 1, 2, 1)
    assert covering(Box(0.0, -1e-6, 90.000001, 60.0), 2) == Tiles(2, 2, 1, 3, 2)


@given(boxes_in_the_county(), st.integers(5, FINEST))
def test_no_tile_is_covered_that_the_box_does_not_touch(box, level):
    tiles = covering(box, level)
    first, last = box_of(tiles.left, tiles.top, level), box_of(tiles.right, tiles.bottom, level)
    slack = 1e-9
    assert first.west - slack <= box.west < first.east + slack
    assert first.south - slack < box.north <= first.north + slack
    assert last.west - slack < box.east <= last.east + slack
    assert last.south - slack <= box.south < last.north + slack


@given(LNGS, LATS, LEVELS)
def test_a_tile_covers_itself_alone(lng, lat, level):
    x, y = tile_at(lng, lat, level)
    inner = box_of(x, y, level)
    wide, high = (inner.east - inner.west) / 100, (inner.north - inner.south) / 100
    box = Box(inner.west + wide, inner.south + high, inner.east - wide, inner.north - high)
    assert covering(box, level) == Tiles(level, x, y, x, y)


@given(boxes_in_the_county(), st.integers(10, 15), st.integers(0, 4))
def test_what_is_refined_is_the_same_piece_of_the_world(box, level, levels):
    tiles = covering(box, level)
    finer = refined(tiles, level + levels)
    assert len(finer) == len(tiles) * 4**levels
    assert box_of(finer.left, finer.top, finer.level).west == pytest.approx(
        box_of(tiles.left, tiles.top, level).west
    )
    assert coarser(finer.right, levels) == tiles.right
    assert coarser(finer.right + 1, levels) == tiles.right + 1
    assert coarser(finer.bottom + 1, levels) == tiles.bottom + 1


@given(boxes(), st.sampled_from(ZOOMS))
def test_cells_are_the_finest_that_are_few_enough(box, zoom):
    levels = [min(zoom + finer, FINEST) for finer in FINER]
    fitting = [level for level in levels if len(covering(box, level)) <= MOST_CELLS]
    tiles = chosen(box, zoom)
    assert (tiles and tiles.level) == (max(fitting) if fitting else None)
    nearest = nearest_zoom(box)
    assert chosen(box, nearest) is not None
    assert nearest == max(ZOOMS) or chosen(box, nearest + 1) is None


@pytest.mark.parametrize("zoom", range(8, 16))
def test_a_screen_gets_cells_of_16_or_32_pixels(zoom):
    def of_pixels(width, height):
        world = 256 * 2**zoom
        wide, high = width / world * 360, height / world * 360 * cos(radians(33.48))
        return Box(117.9 - wide / 2, 33.48 - high / 2, 117.9 + wide / 2, 33.48 + high / 2)

    assert chosen(of_pixels(400, 800), zoom).level == zoom + 4
    assert chosen(of_pixels(1920, 1080), zoom).level == zoom + 3
    assert chosen(of_pixels(3840, 2160), zoom).level == zoom + 2
    assert chosen(of_pixels(8000, 8000), zoom) is None


@given(st.floats(117.6, 118.2), st.floats(33.2, 33.8), st.integers(8, FINEST))
def test_a_side_is_as_long_as_it_is_on_the_ground(lng, lat, level):
    box = box_of(*tile_at(lng, lat, level), level)
    middle = (box.south + box.north) / 2
    long = metres_between((box.west, middle), (box.east, middle))
    assert side_metres(middle, level) == pytest.approx(long, rel=1e-3)
