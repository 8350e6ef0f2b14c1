"""Which units are ranked together, and where."""

import json

import pytest

from services.stats.ranking_groups import GROUPS, LENGTHS, LISTED, units_below
from suishoupai.contracts.ranking_questions import RANKED
from suishoupai.contracts.words import PARTY_KINDS
from suishoupai.county import division_names

from .test_indicators import PATH

COUNTY, TOWN, COMMUNITY, GRID = "341324", "341324001", "341324001001", "341324001001001"
NAMES = division_names(PATH.parent)


@pytest.mark.parametrize(
    ("group", "where"),
    [
        ("town", {COUNTY}),
        ("community", {COUNTY, TOWN}),
        ("grid", {TOWN, COMMUNITY}),
        ("property", {COUNTY, TOWN, COMMUNITY}),
        ("department", {COUNTY, TOWN, COMMUNITY}),
    ],
)
def test_units_are_ranked_within_like_groups(group, where):
    suiting = {code for code in (COUNTY, TOWN, COMMUNITY, GRID) if GROUPS[group].suits(code)}
    assert suiting == where


def test_what_can_be_asked_for_is_what_there_is():
    assert set(RANKED) == set(GROUPS)
    for group in GROUPS.values():
        assert (group.level in LENGTHS) != (group.kind in PARTY_KINDS)
        assert group.listed in LISTED
        if group.level:
            below = [LENGTHS[group.level] - LENGTHS[level] for level in group.within]
            assert set(below) <= {3, 6}


@pytest.mark.parametrize(
    ("division", "level"), [(COUNTY, "town"), (COUNTY, "community"), (TOWN, "community")]
)
def test_the_units_of_a_division_are_all_that_lie_under_it(division, level):
    raw = json.loads((PATH.parent / "divisions.json").read_text(encoding="utf-8"))
    towns = [town for town in raw["towns"] if town["code"].startswith(division)]
    expected = [town["code"][:9] for town in towns]
    if level == "community":
        expected = [each["code"] for town in towns for each in town["communities"]]
    assert sorted(units_below(division, level, NAMES)) == sorted(expected) != []


def test_every_division_has_its_name():
    assert (NAMES[COUNTY], NAMES[TOWN], NAMES[COMMUNITY]) == ("泗县", "运河街道", "汴光社区")
