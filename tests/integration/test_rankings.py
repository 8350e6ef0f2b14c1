"""Rankings as the API answers them, against a slow recount over all the cases there are."""

import json
import uuid
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from types import SimpleNamespace

import pytest

from services.stats import group_reads
from services.stats.cuts import lies_in
from services.stats.definitions import current
from services.stats.parties_store import BY_PARTY, INDEX
from services.stats.ranking_settings import current as current_settings
from services.stats.store import StatsStore
from suishoupai import clock
from suishoupai.mongo import connect

from ..unit.services.stats import facts as made
from ..unit.services.stats.facts import BEGIN
from .conftest import ROOT, eventually, place_in, report_body
from .recounted import documents, marks_of
from .tallying import COUNTY, DAY, MARKS, TOWN, asked, emptied, fact_of, learn
from .walking import CLOSE, HANDLE, REWORK, walk

LONG_AGO = "2026-01-01"
INDICATORS, SETTINGS = current(), current_settings()
DIVISIONS = json.loads((ROOT / "data" / "divisions.json").read_text(encoding="utf-8"))
PLACES = {"compound-001": 5, "compound-002": 5, "compound-005": 6, "compound-008": 2}
"""Compound → how many cases are closed there; some lie in one grid, one community, one town."""
REWORKED = "compound-005"


@pytest.fixture(scope="module")
def lived(world, village):
    """Cases in several grids and communities of two towns, and of two property companies."""
    for compound, amount in PLACES.items():
        here, point = place_in("compounds.geojson", lambda each, id=compound: each["id"] == id)
        community = here["grids"][0][:12]
        dispatcher = world.account(
            f"ranked-{community}", "dispatcher", community, f"community-{community}"
        )
        handler = world.account(f"ranked-{compound}", "handler", party=here["property"])
        for number in range(amount):
            reworked = compound == REWORKED and number < 2
            closed(world, point, dispatcher, handler, reworked)
    for point in (village[1], place_in("compounds.geojson", lambda each: True)[1]):
        world.report(report_body(point, "01003"), uuid.uuid4().hex)


def closed(world, point, dispatcher, handler, reworked):
    issue = world.report(report_body(point), uuid.uuid4().hex).body["id"]
    world.settled(issue)
    people = SimpleNamespace(dispatcher=dispatcher, handler=handler)
    walk(world, issue, people, *HANDLE, *(REWORK if reworked else ()), *CLOSE)


def place_of(level):
    length = {"town": 9, "community": 12, "grid": 15}[level]
    return lambda case: next((each for each in case["divisions"] if len(each) == length), None)


def party_of(kind):
    def unit(case):
        party = case["responsible"]
        return party["id"] if party and party["kind"] == kind else None

    return unit


UNITS = {
    **{level: place_of(level) for level in ("town", "community", "grid")},
    **{kind: party_of(kind) for kind in ("property", "department")},
}


def listed(group, division):
    """The units that must be there, whether they have a case or not."""
    towns = [town for town in DIVISIONS["towns"] if town["code"].startswith(division)]
    if group == "town":
        return {town["code"][:9] for town in towns}
    if group == "community":
        towns = [town for town in DIVISIONS["towns"] if town["code"].startswith(division[:9])]
        return {each["code"] for town in towns for each in town["communities"]}
    return set()


def recounted(answer, cases):
    """Unit → mark → cases, of the division and the span that are answered."""
    since, until = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
    group, division = answer["group"], answer["division"]
    found = {unit: Counter() for unit in listed(group, division)}
    for case in cases:
        unit = UNITS[group](case)
        if unit is None or division not in case["divisions"]:
            continue
        if marks := [mark for mark, at in marks_of(case).items() if since <= at < until]:
            found.setdefault(unit, Counter()).update(marks)
    return found


def obvious(answer, cases):
    """(unit → (rank, tied, score)) of the ranked, (unit → reason) of the others."""
    day = clock.local_day(clock.now())
    by_id = {each.id: each for each in INDICATORS.in_force(day)}
    score = next(
        each for each in INDICATORS.scores_in_force(day) if each.id == answer["score"]["id"]
    )
    shown, left = {}, {}
    for unit, counts in recounted(answer, cases).items():
        parts = [(by_id[id], Fraction(str(weight))) for id, weight in score.parts]
        least = min(counts[each.denominator] for each, _ in parts)
        if least < SETTINGS.at_least:
            left[unit] = "too_few" if least else "no_data"
            continue
        total = Fraction(0)
        for each, weight in parts:
            share = Fraction(counts[each.numerator], counts[each.denominator])
            total += weight * (1 - share if each.complement else share)
        shown[unit] = Fraction(floor(total * 100 + Fraction(1, 2)), 100)
    scores = list(shown.values())
    places = {
        unit: (1 + sum(each > mine for each in scores), scores.count(mine) > 1, float(mine))
        for unit, mine in shown.items()
    }
    return places, left


def ranking(world, group, account="admin", **query):
    return world.client(account).get(
        "/stats/rankings", **{"group": group, "from": LONG_AGO, **query}
    )


def agreed(world, group, **query):
    """An answer, once all that happened is counted in it."""

    def counted():
        answer, cases = ranking(world, group, **query), documents(world.stack)
        places, left = obvious(answer, cases)
        ranked = {row["code"]: (row["rank"], row["tied"], row["score"]) for row in answer["rows"]}
        others = {row["code"]: row["reason"]["code"] for row in answer["unranked"]}
        same = (ranked, others) == (places, left) and parts_agree(answer, recounted(answer, cases))
        return answer if same else None

    return eventually(counted)


def parts_agree(answer, counts):
    """Whether every number that the scores are made of is the recounted one."""
    by_id = {each.id: each for each in INDICATORS.in_force(clock.local_day(clock.now()))}
    return all(
        part["numerator"] == counts[row["code"]][by_id[part["indicator"]].numerator]
        and part["denominator"] == counts[row["code"]][by_id[part["indicator"]].denominator]
        for row in (*answer["rows"], *answer["unranked"])
        for part in row["parts"]
    )


CASES = [
    ("town", COUNTY),
    ("community", COUNTY),
    ("community", TOWN),
    ("grid", TOWN),
    ("grid", "341324001001"),
    ("property", COUNTY),
    ("property", "341324001001"),
    ("department", COUNTY),
]


@pytest.mark.parametrize("score", ["handling_score", "three_rates_score"])
@pytest.mark.parametrize(("group", "division"), CASES)
def test_every_ranking_is_the_recount(world, lived, group, division, score):
    answer = agreed(world, group, division=division, score=score)
    assert (answer["score"]["id"], answer["score"]["version"]) == (score, 1)
    for row in (*answer["rows"], *answer["unranked"]):
        assert row["cases"] == min(part["denominator"] for part in row["parts"])


def test_the_best_share_the_first_rank_and_the_next_is_told_from_them(world, lived):
    answer = agreed(world, "grid", division="341324001001")
    assert answer["score"]["id"] == SETTINGS.score
    rank = {row["code"]: (row["rank"], row["tied"]) for row in answer["rows"]}
    assert rank["341324001001001"] == rank["341324001001002"] == (1, True)
    assert rank["341324001001005"] == (3, False)
    first, *_, last = answer["rows"]
    assert first["light"] == {"colour": "green", "word": {"zh": "良好", "en": "good"}}
    assert first["score"] == 100 > last["score"]
    assert answer["settings"] == SETTINGS.to_dict()
    assert answer["listed"]["code"] == "with_cases"


def test_who_is_not_ranked_is_there_with_the_reason(world, lived):
    answer = agreed(world, "community", division=TOWN)
    left = {row["code"]: row for row in answer["unranked"]}
    few = left["341324001002"]
    assert (few["reason"]["code"], few["cases"], few["name"]) == ("too_few", 2, "南关社区")
    assert "只有 2 件，不足 5 件" in few["reason"]["zh"]
    assert "2 of at least 5 cases" in few["reason"]["en"]
    none = left["341324001003"]
    assert (none["reason"]["code"], none["cases"]) == ("no_data", 0)
    assert answer["listed"]["code"] == "all"
    names = {row["name"] for row in (*answer["rows"], *answer["unranked"])}
    assert None not in names


def test_a_time_in_which_nothing_happened_has_no_ranks(world, lived):
    answer = ranking(world, "town", **{"from": "2024-01-01", "to": "2024-02-01"})
    assert answer["rows"] == []
    assert {row["code"] for row in answer["unranked"]} == listed("town", COUNTY)
    assert {row["reason"]["code"] for row in answer["unranked"]} == {"no_data"}
    parties = ranking(world, "property", **{"from": "2024-01-01", "to": "2024-02-01"})
    assert (parties["rows"], parties["unranked"]) == ([], [])


def test_a_caller_ranks_their_own_division_and_no_other(world, lived):
    account = "ranked-341324001001"
    assert ranking(world, "grid", account)["division"] == "341324001001"
    path = "/api/v1/stats/rankings"
    for division in ("341324001002", TOWN, COUNTY):
        answer = world.request(
            "GET", path, account, fields={"group": "property", "division": division}
        )
        assert answer.status == 403
    units = {row["code"] for row in ranking(world, "property", account)["rows"]}
    assert units == {"property-001", "property-002"}
    handler = world.request("GET", path, "handler", fields={"group": "property"})
    assert handler.status == 403


TOMORROW = (clock.local_day(clock.now()) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "group"),
        ({"group": "village"}, "group"),
        ({"group": "grid"}, "division"),
        ({"group": "town", "division": TOWN}, "division"),
        ({"group": "property", "division": "341324001001001"}, "division"),
        ({"group": "town", "score": "beauty"}, "score"),
        ({"group": "town", "score": "Beauty!"}, "score"),
        ({"group": "town", "from": "2019-01-01", "to": "2019-02-01"}, "score"),
        ({"group": "town", "from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"group": "town", "from": TOMORROW}, "from"),
        ({"group": "town", "cut": "category"}, "cut"),
    ],
)
def test_a_bad_question_names_its_field(world, query, field):
    answer = world.request("GET", "/api/v1/stats/rankings", "supervisor", fields=query)
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_figures_of_other_definitions_are_not_ranked(world, lived):
    model = world.database("stats")["model"]
    before = model.find_one({"_id": "model"})
    model.update_one({"_id": "model"}, {"$set": {"digest": "of another file"}})
    answer = world.request("GET", "/api/v1/stats/rankings?group=town", "supervisor")
    model.replace_one({"_id": "model"}, before)
    assert answer.status == 503
    assert "suishoupai rebuild stats" in answer.body["detail"]


@pytest.fixture(scope="module")
def database(world):
    """A database of its own beside the stack's, gone afterwards."""
    name = f"rankings_{uuid.uuid4().hex}"
    with connect(world.stack.settings()) as client:
        yield client[name]
        client.drop_database(name)


KINDS = ("property", "department", "community")


@pytest.fixture(scope="module")
def known(database):
    """Facts of several parties of each kind, counted."""
    known = []
    for number in range(120):
        fact = fact_of(number)
        fact["case"]["party_kind"] = KINDS[number % 5 % 3]
        if number % 13 == 0:
            fact["case"] |= {"party": None, "party_kind": None}
        known.append(fact)
    learn(emptied(database), known)
    return known


SPANS = [(BEGIN, BEGIN + 3 * DAY), (BEGIN + timedelta(minutes=7), BEGIN + timedelta(hours=31))]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize(
    ("division", "level"),
    [(COUNTY, "town"), (COUNTY, "community"), (TOWN, "community"), (TOWN, "grid")],
)
def test_the_units_of_a_level_are_read_as_they_are_counted(database, known, division, level, span):
    tallies = StatsStore(database).live().tallies
    found = group_reads.of_divisions(asked(division, *span), level, ["341324999"], tallies)
    expected = defaultdict(Counter)
    for fact in known:
        code = lies_in(fact).get(level, "")
        for mark, at in made.RULES.marks(fact).items():
            if code.startswith(division) and span[0] <= at < span[1]:
                expected[code][mark] += 1
    if level == "town":
        expected["341324999"] = Counter()
    assert found == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_parties_of_a_kind_are_read_as_they_are_counted(database, known, kind):
    live = StatsStore(database).live()
    found = group_reads.of_parties(asked(COUNTY, marks=MARKS), kind, live.tallies, live.parties)
    expected = made.recount(known, COUNTY, BEGIN, BEGIN + 3 * DAY, "party")
    kinds = {fact["case"]["party"]: fact["case"]["party_kind"] for fact in known}
    assert found == {party: each for party, each in expected.items() if kinds[party] == kind} != {}


def test_the_kinds_of_parties_are_skipped_through(database, known):
    live = StatsStore(database).live()
    plan = database.command(
        "explain",
        {"aggregate": "facts", "pipeline": BY_PARTY, "cursor": {}},
        verbosity="executionStats",
    )
    stages = list(stages_of(plan))
    scans = [stage for stage in stages if stage.get("stage") == "DISTINCT_SCAN"]
    assert {scan["indexName"] for scan in scans} == {INDEX}
    assert not [stage for stage in stages if stage.get("stage") in ("COLLSCAN", "FETCH", "SORT")]
    parties = {fact["case"]["party"] for fact in known}
    (examined,) = {scan["keysExamined"] for scan in scans if "keysExamined" in scan}
    assert examined == len(parties) < len(known)
    assert set(live.parties.kinds()) == parties - {None}


def stages_of(plan):
    if isinstance(plan, dict):
        yield plan
        for part in plan.values():
            yield from stages_of(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages_of(part)
