"""The routing rule, case by case, and that a report is never nowhere."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid.atlas import Place
from services.grid.routing import Directory, NoParty, decide

ROOT = Path(__file__).resolve().parents[4]
COMMUNITY, TOWN, COUNTY = "341324001001", "341324001", "341324"


def place(compound=True):
    return Place(
        grid={"code": COMMUNITY + "001", "name": "第一网格"},
        community={"code": COMMUNITY, "name": "汴光社区"},
        town={"code": TOWN, "name": "运河街道"},
        county={"code": COUNTY, "name": "泗县"},
        compound={"id": "c", "name": "甲小区", "property": "property-1"} if compound else None,
    )


def party(key, kind, division, duty):
    return {"_id": key, "kind": kind, "name": key, "division": division, "duty": duty}


PROPERTY = party("property-1", "property", COUNTY, "物业")
NEIGHBOURS = party("community-1", "community", COMMUNITY, "社区")
OFFICE = party("town-1", "community", TOWN, "属地")
SANITATION = party("sanitation", "department", COUNTY, "环卫")
EVERYONE = Directory([PROPERTY, NEIGHBOURS, OFFICE, SANITATION])


@pytest.mark.parametrize(
    ("responsible", "in_compound", "party_id", "rule"),
    [
        (["环卫", "物业(小区内)"], True, "property-1", "property-in-compound"),
        (["环卫", "物业(小区内)"], False, "sanitation", "department"),
        (["物业", "社区"], True, "property-1", "property-in-compound"),
        (["物业", "社区"], False, "community-1", "community"),
        (["环卫"], True, "sanitation", "department"),
        # 92001: a complaint about a property company never goes to that company.
        (["社区"], True, "community-1", "community"),
        # A duty nobody has: the next word, and at last the territory.
        (["供电", "环卫"], False, "sanitation", "department"),
        (["供电"], False, "community-1", "territorial-community"),
        (["物业(小区内)"], False, "community-1", "territorial-community"),
        ([], True, "community-1", "territorial-community"),
    ],
)
def test_who_is_responsible(responsible, in_compound, party_id, rule):
    decision = decide(responsible, place(in_compound), EVERYONE)
    assert (decision.party["id"], decision.rule) == (party_id, rule)
    assert decision.why


def test_without_a_community_the_town_is_responsible():
    decision = decide(["供电"], place(), Directory([OFFICE]))
    assert (decision.party["id"], decision.rule) == ("town-1", "territorial-town")


def test_a_compound_whose_company_is_gone_is_like_none():
    decision = decide(["物业", "社区"], place(), Directory([NEIGHBOURS]))
    assert decision.party["id"] == "community-1"


def test_a_county_without_anybody_is_an_error_not_a_guess():
    with pytest.raises(NoParty, match=COMMUNITY):
        decide(["环卫"], place(), Directory([]))


def test_the_nearest_department_comes_first():
    near = party("near", "department", TOWN, "环卫")
    far = party("far", "department", "341324002", "环卫")
    assert decide(["环卫"], place(), Directory([SANITATION, near, far])).party["id"] == "near"


@given(st.lists(st.sampled_from(["物业", "物业(小区内)", "社区", "环卫", "供电"])), st.booleans())
def test_somebody_is_always_responsible(responsible, in_compound):
    decision = decide(responsible, place(in_compound), EVERYONE)
    if decision.party["kind"] == "property":
        assert in_compound and {"物业", "物业(小区内)"} & set(responsible)


def test_no_complaint_about_a_company_reaches_it_and_no_lead_does():
    with (ROOT / "data" / "catalogue.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] == "92001" or row["code"] > "94"]
    assert {row["code"] for row in rows} >= {"92001", "94001", "94002"}
    for row in (row for row in rows if row["code"][:2] in ("92", "94")):
        decision = decide(row["responsible"].split("|"), place(), EVERYONE)
        assert decision.party["kind"] != "property", row["code"]
