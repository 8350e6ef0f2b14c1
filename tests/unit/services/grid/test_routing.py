"""Who is responsible: case by case, against the rule as it was before it became data, and that
what must never reach somebody never does."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.grid.atlas import Place
from services.grid.routing import Directory, NoParty, decide
from services.grid.rules import read_rows, read_rules
from suishoupai.clock import LOCAL

ROOT = Path(__file__).resolve().parents[4]
RULES = read_rules(read_rows((ROOT / "data" / "routing.csv").read_bytes()))
TODAY = date(2026, 11, 24)
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
POLICE = party("police", "department", COUNTY, "公安")
PARTIES = [PROPERTY, NEIGHBOURS, OFFICE, SANITATION, POLICE]
EVERYONE = Directory(PARTIES)


def decided(responsible, compound=True, directory=EVERYONE, code="06010", on=TODAY, rules=RULES):
    category = {"code": code, "responsible": responsible}
    return decide(category, place(compound), on, rules, directory)


def by_code(responsible, where, directory):
    """The rule as it was when it was code: (party, rule, why)."""
    if where.compound and {"物业", "物业(小区内)"} & set(responsible):
        company = directory.by_id(where.compound["property"])
        if company:
            why = f"位于小区“{where.compound['name']}”内，由其物业负责"
            return company["_id"], "property-in-compound", why
    for word in responsible:
        if word == "社区":
            found, rule = directory.territorial(where.community["code"]), "community"
        else:
            found, rule = directory.department(word, where.community["code"]), "department"
        if found:
            return found["_id"], rule, f"该类案件由“{word}”负责"
    for level, rule in (
        (where.community, "territorial-community"),
        (where.town, "territorial-town"),
    ):
        found = directory.territorial(level["code"])
        if found:
            return found["_id"], rule, f"无其他责任主体，按属地由“{level['name']}”负责"
    return None


WORDS = st.lists(st.sampled_from(["物业", "物业(小区内)", "社区", "环卫", "供电", "公安", "城管"]))
MORE_PARTIES = [
    *PARTIES,
    party("near", "department", TOWN, "环卫"),
    party("far", "department", "341324002", "环卫"),
    party("nearest", "department", COMMUNITY, "供电"),
    party("elsewhere", "community", "341324001002", "社区"),
    party("handymen", "department", COUNTY, "物业"),
    party("odd", "department", COUNTY, "社区"),
]
DIRECTORIES = st.sets(st.sampled_from(range(len(MORE_PARTIES)))).map(
    lambda chosen: Directory([MORE_PARTIES[number] for number in sorted(chosen)])
)
CODES = st.sampled_from(["06010", "09012", "91001", "92002", "93001", "95001", "00940"])


@given(WORDS, st.booleans(), DIRECTORIES, CODES)
@example(["供电", "社区", "环卫"], False, Directory([NEIGHBOURS, SANITATION]), "06010")
@example(["环卫", "社区"], False, Directory([NEIGHBOURS, SANITATION]), "06010")
@example(["物业", "社区"], True, Directory([NEIGHBOURS, OFFICE]), "06010")
def test_the_table_decides_as_the_code_did(responsible, compound, directory, code):
    expected = by_code(responsible, place(compound), directory)
    if expected is None:
        with pytest.raises(NoParty):
            decided(responsible, compound, directory, code)
    else:
        found = decided(responsible, compound, directory, code)
        assert (found.party["id"], found.rule, found.why) == expected
        assert found.clear == (not found.rule.startswith("territorial"))
        assert (found.barred, found.barred_kinds) == ([], [])


@given(WORDS, st.booleans(), DIRECTORIES, CODES)
def test_what_was_considered_ends_with_the_rule_that_decided(words, compound, directory, code):
    try:
        found = decided(words, compound, directory, code)
    except NoParty as nobody:
        others, needed = nobody.weighed.considered, {rule.id for rule in RULES}
    else:
        *others, last = found.considered
        assert last == {"rule": found.rule, "applies": True, "why": found.why}
        needed = {rule.id for rule in RULES if rule.order < rule_of(found.rule).order}
    told = [row["rule"] for row in others]
    assert len(told) == len(set(told)) and needed <= set(told)
    assert all(row["why"] and not row["applies"] for row in others)


def rule_of(rule):
    return next(known for known in RULES if known.id == rule)


@pytest.mark.parametrize(
    ("responsible", "in_compound", "party_id", "rule"),
    [
        (["环卫", "物业(小区内)"], True, "property-1", "property-in-compound"),
        (["环卫", "物业(小区内)"], False, "sanitation", "department"),
        (["物业", "社区"], True, "property-1", "property-in-compound"),
        (["物业", "社区"], False, "community-1", "community"),
        (["环卫"], True, "sanitation", "department"),
        (["社区"], True, "community-1", "community"),
        # A duty nobody has: the next word, and at last the territory.
        (["供电", "环卫"], False, "sanitation", "department"),
        (["供电"], False, "community-1", "territorial-community"),
        (["物业(小区内)"], False, "community-1", "territorial-community"),
        ([], True, "community-1", "territorial-community"),
    ],
)
def test_who_is_responsible(responsible, in_compound, party_id, rule):
    decision = decided(responsible, in_compound)
    assert (decision.party["id"], decision.rule) == (party_id, rule)
    assert decision.why


def test_without_a_community_the_town_is_responsible():
    decision = decided(["供电"], directory=Directory([OFFICE]))
    assert (decision.party["id"], decision.rule) == ("town-1", "territorial-town")


def test_a_county_without_anybody_is_an_error_not_a_guess():
    with pytest.raises(NoParty, match=COMMUNITY):
        decided(["环卫"], directory=Directory([]))


def test_the_nearest_department_comes_first():
    near = party("near", "department", TOWN, "环卫")
    far = party("far", "department", "341324002", "环卫")
    found = decided(["环卫"], directory=Directory([SANITATION, near, far]))
    assert found.party["id"] == "near"


@given(WORDS, st.booleans(), DIRECTORIES)
def test_no_complaint_about_a_company_ever_reaches_it(responsible, compound, directory):
    try:
        found = decided(responsible, compound, directory, "92001")
    except NoParty as nobody:
        assert nobody.weighed.barred == ["property-1"] * compound
        return
    assert found.party["id"] != "property-1"
    assert found.barred == ["property-1"] * compound
    without = Directory([row for row in directory.around(None, None) if row is not PROPERTY])
    expected = by_code(responsible, place(compound), without)
    assert (found.party["id"], found.rule, found.why) == expected


def test_why_a_company_did_not_get_a_complaint_about_it_is_told():
    found = decided(["物业"], code="92001")
    said = {row["rule"]: row for row in found.considered}
    assert said["own-complaint"]["applies"]
    assert not said["property-in-compound"]["applies"]
    assert "不得承办" in said["property-in-compound"]["why"]


@given(WORDS, st.booleans(), DIRECTORIES, st.integers(94000, 94999).map(str))
def test_no_lead_ever_reaches_a_company_or_a_community(responsible, compound, directory, code):
    try:
        found = decided(responsible, compound, directory, code)
    except NoParty as nobody:
        found = nobody.weighed
        able = [word for word in [*responsible, "公安"] if directory.department(word, COMMUNITY)]
        assert not able
    else:
        assert found.party["kind"] == "department"
    assert found.barred_kinds == ["community", "property"]


def test_a_lead_goes_to_its_department_and_without_one_to_the_police_but_not_clearly():
    found = decided(["物业", "环卫"], code="94001")
    assert (found.party["id"], found.rule, found.clear) == ("sanitation", "lead", True)
    found = decided(["市场监管"], code="94001")
    assert (found.party["id"], found.clear) == ("police", False)


def test_the_catalogues_own_complaints_and_leads_reach_no_company():
    with (ROOT / "data" / "catalogue.csv").open(encoding="utf-8") as file:
        rows = {row["code"]: row["responsible"].split("|") for row in csv.DictReader(file)}
    special = {code for code in rows if code == "92001" or code.startswith("94")}
    assert special >= {"92001", "94001", "94002"}
    for code in special:
        assert decided(rows[code], code=code).party["kind"] != "property", code


@given(
    st.datetimes(datetime(2026, 12, 30), datetime(2027, 1, 3)).map(
        lambda at: at.replace(tzinfo=UTC)
    )
)
@example(datetime(2026, 12, 31, 15, 59, 59, 999999, UTC))
@example(datetime(2026, 12, 31, 16, tzinfo=UTC))
def test_rules_change_over_at_local_midnight(at):
    turn = date(2027, 1, 1)
    old = replace(rule_of("property-in-compound"), valid_to=turn)
    new = replace(old, id="next", valid_from=turn, valid_to=None, decides="部门:公安")
    rules = sorted(
        [*(rule for rule in RULES if rule.id != old.id), old, new],
        key=lambda rule: (rule.order, rule.id),
    )
    found = decided(["物业"], on=at.astimezone(LOCAL).date(), rules=rules)
    before = at + timedelta(hours=8) < datetime(2027, 1, 1, tzinfo=UTC)
    assert found.party["id"] == ("property-1" if before else "police")


def test_a_party_is_found_from_a_division_above_it_and_from_one_under_it():
    directory = Directory(MORE_PARTIES)
    found = {row["_id"] for row in directory.around(COMMUNITY, None)}
    assert found == {row["_id"] for row in MORE_PARTIES} - {"far", "elsewhere"}
    assert {row["_id"] for row in directory.around("341324002", "department")} == {
        "sanitation", "police", "handymen", "odd", "far",
    }  # fmt: skip
    assert len(directory.around(None, None)) == len(MORE_PARTIES)
