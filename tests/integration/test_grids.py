"""Points all over the county get the grid that an independent point-in-polygon gives."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
POINTS = 1000


def inside(ring, x, y):
    """Ray casting over one closed ring, the slow and obvious way."""
    odd = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def test_a_thousand_points_get_the_grid_that_plain_ray_casting_gives(world):
    text = (DATA / "demo" / "grids.geojson").read_text(encoding="utf-8")
    grids = {
        row["properties"]["code"]: row["geometry"]["coordinates"][0]
        for row in json.loads(text)["features"]
    }
    text = (DATA / "county.geojson").read_text(encoding="utf-8")
    outline = json.loads(text)["features"][0]["geometry"]["coordinates"][0][0]
    longitudes, latitudes = zip(*outline, strict=True)
    numbers = random.Random(7)
    points = []
    while len(points) < POINTS:
        x = numbers.uniform(min(longitudes), max(longitudes))
        y = numbers.uniform(min(latitudes), max(latitudes))
        if inside(outline, x, y):
            points.append((x, y))
    member = world.client("member")

    def asked(point):
        found = member.get("/grids/at", lng=point[0], lat=point[1], datum="WGS-84")
        return found["grid"]["code"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(asked, points))
    expected = [[code for code, ring in grids.items() if inside(ring, x, y)] for x, y in points]
    assert [[code] for code in answers] == expected
    assert len(set(answers)) > 200
