import pytest
from shapely.geometry import box, mapping

from services.grid.atlas import Atlas

NAMES = {
    "341324": "泗县",
    "341324001": "运河街道",
    "341324001001": "汴光社区",
    "341324001002": "南关社区",
}


def grid(code, *bounds):
    return {"_id": code, "name": f"网格{code[-3:]}", "geometry": mapping(box(*bounds))}


WEST = grid("341324001001001", 0, 0, 1, 1)
EAST = grid("341324001002001", 1, 0, 2, 1)
COMPOUND = {
    "_id": "compound-001",
    "name": "甲小区",
    "property": "property-001",
    "geometry": mapping(box(0.2, 0.2, 0.4, 0.4)),
}


@pytest.fixture
def atlas():
    return Atlas(3, [EAST, WEST], [COMPOUND], NAMES)


def test_a_point_finds_its_grid_and_all_above(atlas):
    place = atlas.locate(1.5, 0.5)
    assert place.grid["code"] == "341324001002001"
    assert place.community == {"code": "341324001002", "name": "南关社区"}
    assert place.town == {"code": "341324001", "name": "运河街道"}
    assert place.county == {"code": "341324", "name": "泗县"}
    assert place.compound is None


def test_a_point_in_a_compound_finds_it(atlas):
    compound = atlas.locate(0.3, 0.3).compound
    assert compound == {"id": "compound-001", "name": "甲小区", "property": "property-001"}


def test_a_border_belongs_to_the_lower_code(atlas):
    assert atlas.locate(1, 0.5).grid["code"] == "341324001001001"


def test_what_rounding_left_in_no_grid_belongs_to_the_nearest(atlas):
    assert atlas.locate(2.0000001, 0.5).grid["code"] == "341324001002001"


def test_a_grid_of_an_unknown_division_is_an_error():
    with pytest.raises(KeyError, match="341324001002"):
        Atlas(1, [EAST], [], {k: v for k, v in NAMES.items() if k != "341324001002"})
