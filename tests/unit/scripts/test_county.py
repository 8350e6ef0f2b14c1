"""The demo county as it is shipped, and that its script makes it again."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
import shapely
from shapely.geometry import shape

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"


def read(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def grids():
    return [
        (row["properties"], shape(row["geometry"]))
        for row in read("demo/grids.geojson")["features"]
    ]


@pytest.fixture(scope="module")
def compounds():
    return [
        (row["properties"], shape(row["geometry"]))
        for row in read("demo/compounds.geojson")["features"]
    ]


@pytest.fixture(scope="module")
def parties():
    return {row["id"]: row for row in read("demo/parties.json")["parties"]}


def test_the_grids_cover_the_county_without_gap_or_overlap(grids):
    polygons = [polygon for _, polygon in grids]
    assert len(polygons) >= 300
    assert all(polygon.is_valid and polygon.geom_type == "Polygon" for polygon in polygons)
    assert shapely.coverage_is_valid(polygons)
    outline = shape(read("county.geojson")["features"][0]["geometry"])
    # A square metre is 1e-10 square degrees; rounding to a centimetre costs a few hundred of them.
    assert shapely.coverage_union_all(polygons).symmetric_difference(outline).area < 1e-7


def test_every_community_has_grids_under_its_own_real_code(grids):
    real = {c["code"] for town in read("divisions.json")["towns"] for c in town["communities"]}
    assert {properties["community"] for properties, _ in grids} == real
    for properties, _ in grids:
        assert properties["code"][:12] == properties["community"]
        assert properties["code"][:9] == properties["town"]
    assert len({properties["code"] for properties, _ in grids}) == len(grids)


def test_grids_are_numbered_west_to_east_without_holes(grids):
    by_community = {}
    for properties, polygon in grids:
        by_community.setdefault(properties["community"], []).append(
            (int(properties["code"][12:]), polygon.centroid.x)
        )
    for numbered in by_community.values():
        numbers, longitudes = zip(*sorted(numbered), strict=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
        assert list(longitudes) == sorted(longitudes)


def test_grids_are_smaller_where_people_live(grids):
    urban = [polygon.area for properties, polygon in grids if properties["urban"]]
    rural = [polygon.area for properties, polygon in grids if not properties["urban"]]
    assert len(urban) > 50
    assert median(urban) * 5 < median(rural)


def test_compounds_lie_apart_inside_urban_grids_with_a_company_each(grids, compounds, parties):
    by_code = {properties["code"]: (properties, polygon) for properties, polygon in grids}
    polygons = [polygon for _, polygon in compounds]
    for properties, polygon in compounds:
        (code,) = properties["grids"]
        assert by_code[code][0]["urban"]
        assert by_code[code][1].contains(polygon)
        assert parties[properties["property"]]["kind"] == "property"
    pairs = shapely.STRtree(polygons).query(polygons, predicate="intersects").T
    assert all(one == other for one, other in pairs)
    assert len({properties["name"] for properties, _ in compounds}) == len(compounds) > 100


def test_every_duty_of_the_catalogue_has_a_department(parties):
    duties = {row["duty"] for row in parties.values() if row["kind"] == "department"}
    with (DATA / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        words = {word for row in csv.DictReader(file) for word in row["responsible"].split("|")}
    assert words - {"物业", "物业(小区内)", "社区"} == duties


def test_every_town_and_community_has_its_party(parties):
    for town in read("divisions.json")["towns"]:
        assert parties[f"town-{town['code'][:9]}"]["division"] == town["code"][:9]
        for community in town["communities"]:
            assert parties[f"community-{community['code']}"]["division"] == community["code"]


def test_every_grid_has_a_full_time_member_and_there_are_sixty_couriers(grids):
    members = read("demo/members.json")["members"]
    walked = {code for row in members if row["employment"] == "full-time" for code in row["grids"]}
    assert walked == {properties["code"] for properties, _ in grids}
    assert sum(row["courier"] for row in members) == 60


def test_what_is_synthetic_says_so():
    for path in (DATA / "demo").iterdir():
        assert "示意" in json.loads(path.read_text(encoding="utf-8"))["note"], path.name


def test_the_script_makes_the_same_county_again(tmp_path):
    subprocess.run([sys.executable, "-m", "scripts.county", str(tmp_path)], cwd=ROOT, check=True)
    for path in (DATA / "demo").iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
