"""Figures over time and of how far cases got, against slow recounts: of lives as chance has them,
and of the cases that the API answers for."""

import uuid
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from services.stats.comparing import Span, previous, year_before
from services.stats.indicators import scored
from services.stats.periods import PERIODS, end_of, start_of
from services.stats.points import MOST, points
from suishoupai import clock
from suishoupai.contracts.words import ENDED

from ..unit.services.stats.facts import DIVISIONS, GRIDS
from .conftest import eventually
from .living import INDICATORS, NOW, PROGRESS, Lived
from .people import people_around
from .recounted import CUTS, documents, recounted
from .tallying import COUNTY
from .walking import DISPATCH, HANDLE, reported, walk

DAY = timedelta(days=1)
# Each example takes a real database: a failure is shown as it was found, and not made smaller.
EXAMPLES = {"deadline": None, "phases": [each for each in Phase if each is not Phase.shrink]}
instants = st.one_of(
    st.integers(1, 430 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    st.integers(0, 430).map(lambda days: start_of("day", NOW) - days * DAY),
    st.integers(0, 14).map(lambda months: start_of("month", NOW - months * 30 * DAY)),
    st.just(NOW),
)
cuts = st.one_of(st.just({}), st.sampled_from(list(CUTS)).map(lambda cut: {"cut": cut}))


@pytest.fixture(scope="module")
def asked(world):
    """Lives of more than a year, in a database of their own."""
    name = f"trends_{uuid.uuid4().hex}"
    uri = world.stack.settings().mongodb_uri
    with MongoClient(uri, tz_aware=True, w="majority") as client:
        yield Lived(client[name])
        client.drop_database(name)


def those(asked, filters):
    """The lives that a question is about."""
    return [
        life
        for life in asked.lives
        if life.grid.startswith(filters["division"])
        if "cut" not in filters or CUTS[filters["cut"]](life.case) == filters["value"]
    ]


@st.composite
def questions(draw, asked):
    """A division and a span, and perhaps a value of a cut that there is."""
    filters = {"division": draw(st.sampled_from(DIVISIONS)), **draw(cuts)}
    if "cut" in filters:
        values = {CUTS[filters["cut"]](life.case) for life in asked.lives} - {None}
        filters["value"] = draw(st.sampled_from(sorted(values)))
    since, until = sorted(draw(st.tuples(instants, instants)))
    assume(since < until)
    return {**filters, "from": since, "to": until}


def counted(lives, since, until):
    """Mark → cases that count there in a span."""
    return Counter(mark for life in lives for mark, at in life.marks.items() if since <= at < until)


def shares(found):
    """Indicator → numerator and denominator."""
    return {
        each.id: (found[each.numerator], found[each.denominator])
        for each in INDICATORS.in_force(NOW.date())
    }


def test_there_are_lives_in_every_division(asked):
    for division in DIVISIONS:
        assert sum(life.grid.startswith(division) for life in asked.lives) >= 10
    assert any(life.grid == COUNTY for life in asked.lives)
    lit = [asked.answer("ageing")["lights"][colour]["cases"] for colour in ("red", "yellow")]
    assert all(lit)


@given(st.data())
@settings(max_examples=60, **EXAMPLES)
def test_every_point_of_a_trend_is_the_recount(asked, data):
    filters, period = data.draw(questions(asked)), data.draw(st.sampled_from(PERIODS))
    since, until = filters["from"], filters["to"]
    assume(points(period, since, until) <= MOST)
    found = asked.answer("trend", **filters, period=period)["points"]
    at = start_of(period, since)
    for point in found:
        start, end = (datetime.fromisoformat(point[name]) for name in ("start", "end"))
        assert (start, end) == (at, end_of(period, at))
        assert point["whole"] == (since <= start and end <= until)
        expected = counted(those(asked, filters), max(start, since), min(end, until))
        assert point["counts"] == {each.id: expected[each.mark] for each in PROGRESS.counts}
        shown = point["indicators"]
        told = {id: (each["numerator"], each["denominator"]) for id, each in shown.items()}
        assert told == shares(expected)
        at = end
    assert at >= until


@given(st.data())
@settings(max_examples=60, **EXAMPLES)
def test_a_comparison_is_the_recount_of_three_spans(asked, data):
    filters = data.draw(questions(asked))
    found = asked.answer("comparison", **filters)
    span = Span(filters["from"], filters["to"])
    spans = {"previous": previous(span, NOW), "year_before": year_before(span)}
    begun = min(life.marks["reported/reported"] for life in asked.lives)
    lives = those(asked, filters)
    now = figures(counted(lives, span.since, span.until))
    assert {(each["kind"], each["id"]): each["value"] for each in found["items"]} == now
    for name, other in spans.items():
        assert found[name] == {"from": other.since.isoformat(), "to": other.until.isoformat()}
        known = begun < other.until
        then = figures(counted(lives, other.since, other.until)) if known else {}
        for each in found["items"]:
            key = (each["kind"], each["id"])
            value, before, told = now[key], then.get(key), each[name]
            assert told["value"] == before
            if value is None or before is None:
                assert (told["change"], told["direction"]) == (None, "unknown")
                continue
            up = value - before
            way = "same" if abs(up) < 1e-6 else "up" if up > 0 else "down"
            change = up if each["kind"] != "count" else up / before if before else None
            assert (told["change"], told["direction"]) == (change, way)


def figures(found):
    """Kind and id → value, of all that a comparison tells."""
    values = {}
    for each in INDICATORS.in_force(NOW.date()):
        part, whole = shares(found)[each.id]
        told = whole - part if each.complement else part
        values[each.id] = told / whole if whole else None
    return {
        **{("count", each.id): found[each.mark] for each in PROGRESS.counts},
        **{("indicator", id): value for id, value in values.items()},
        **{
            ("score", each.id): scored(each, values)
            for each in INDICATORS.scores_in_force(NOW.date())
        },
    }


def test_before_the_first_case_nothing_is_known(asked):
    found = asked.answer("comparison", **{"from": "2026-10-01", "to": "2026-11-01"})
    told = {each["id"]: each for each in found["items"]}["reported"]
    assert told["year_before"]["direction"] != "unknown"
    early = asked.answer("comparison", **{"from": "2026-01-01", "to": "2026-02-01"})
    told = {each["id"]: each for each in early["items"]}["reported"]
    assert told["value"] > 0
    assert told["year_before"] == {"value": None, "change": None, "direction": "unknown"}


def test_what_ends_now_is_compared_with_as_far_into_the_month_before(asked):
    found = asked.answer("comparison")
    assert found["from"] == "2026-10-31T16:00:00+00:00"
    assert found["previous"] == {
        "from": "2026-09-30T16:00:00+00:00",
        "to": "2026-10-25T02:02:44+00:00",
    }


@given(st.data())
@settings(max_examples=60, **EXAMPLES)
def test_a_funnel_is_the_recount(asked, data):
    filters = data.draw(questions(asked))
    found = asked.answer("funnel", **filters)
    lives = [
        life
        for life in those(asked, filters)
        if filters["from"] <= life.case["reported_at"] < filters["to"]
    ]
    for stage in found["stages"]:
        mark = f"reported/{stage['set']}"
        assert stage["cases"] == sum(mark in life.marks for life in lives)
        assert stage["of_first"] == (stage["cases"] / len(lives) if lives else None)
    shown = [stage["cases"] for stage in found["stages"]]
    assert shown == sorted(shown, reverse=True)
    if "cut" in filters:
        assert found["states"] is None
        return
    states = Counter(life.case["state"] for life in lives)
    assert {each["state"]: each["cases"] for each in found["states"] if each["cases"]} == states


@given(st.data())
@settings(max_examples=60, **EXAMPLES)
def test_the_ages_and_lights_of_open_cases_are_the_recount(asked, data):
    filters = data.draw(questions(asked))
    del filters["from"], filters["to"]
    found = asked.answer("ageing", **filters)
    lives = [life for life in those(asked, filters) if life.case["state"] not in ENDED]
    today = NOW.astimezone(clock.LOCAL).date()
    days = [
        (today - life.case["reported_at"].astimezone(clock.LOCAL).date()).days for life in lives
    ]
    assert found["open"] == len(lives)
    bounds = (0, 1, 3, 7, 15, 30, None)
    assert [each["from_days"] for each in found["buckets"]] == list(bounds[:-1])
    assert [each["to_days"] for each in found["buckets"]] == list(bounds[1:])
    for each in found["buckets"]:
        below = each["to_days"] or 10**6
        assert each["cases"] == sum(each["from_days"] <= age < below for age in days)
    late = [life.marks.get("disposal/overdue_unhandled", NOW) < NOW for life in lives]
    near = [
        not red and "disposal/near_limit" in life.marks
        for red, life in zip(late, lives, strict=True)
    ]
    assert found["lights"] == {
        "green": {"cases": len(lives) - sum(late) - sum(near), "word": "正常"},
        "yellow": {"cases": sum(near), "word": "临期"},
        "red": {"cases": sum(late), "word": "超期"},
    }


@given(st.data(), st.sampled_from(["category", "party", "division", "source", "member"]))
@settings(max_examples=100, **EXAMPLES)
def test_the_most_frequent_are_the_recount(asked, data, by):
    filters = data.draw(questions(asked))
    if by != "division":
        filters = {name: filters[name] for name in ("division", "from", "to")}
    assume(by != "division" or len(filters["division"]) < 15)
    assume(by != "member" or len(filters["division"]) > 9)
    counted_by = data.draw(st.sampled_from(["reported", "overdue_unhandled", "closures", "open"]))
    limit = data.draw(st.integers(1, 4))
    found = asked.answer("top", **filters, by=by, set=counted_by, limit=limit)
    mark = INDICATORS.sets[counted_by].mark
    lives = [
        life
        for life in those(asked, filters)
        if mark in life.marks and filters["from"] <= life.marks[mark] < filters["to"]
    ]
    below = len(filters["division"]) + 3
    values = Counter(
        life.grid[:below] if by == "division" else CUTS[by](life.case) for life in lives
    )
    # A case that nobody has placed lies in the county and in nothing below it.
    without = values.pop(None, 0) + (values.pop(COUNTY, 0) if by == "division" else 0)
    ranked = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    assert [(each["value"], each["cases"]) for each in found["items"]] == ranked[:limit]
    assert [each["tied"] for each in found["items"]] == [
        list(values.values()).count(cases) > 1 for _, cases in ranked[:limit]
    ]
    assert all(each["share"] == each["cases"] / len(lives) for each in found["items"])
    assert (found["cases"], found["without"]) == (len(lives), without)
    assert found["others"] == sum(cases for _, cases in ranked[limit:])


@given(st.data())
@settings(max_examples=60, **EXAMPLES)
def test_a_summary_is_the_recount(asked, data):
    filters = data.draw(questions(asked))
    filters = {name: filters[name] for name in ("division", "from", "to")}
    lives = [
        life
        for life in those(asked, filters)
        if filters["from"] <= life.case["reported_at"] < filters["to"]
    ]
    found = asked.answer("summary", **filters)
    parties = [life.case["responsible"] for life in lives if life.case["responsible"]]
    below = len(filters["division"]) + 3
    assert (found["reported"], found["assigned"]) == (len(lives), len(parties))
    assert found["noticed"] == sum("reported/told" in life.marks for life in lives)
    assert found["by_state"] == Counter(life.case["state"] for life in lives)
    assert found["by_category"] == Counter(CUTS["category"](life.case) for life in lives)
    assert found["by_party"] == Counter(party["id"] for party in parties)
    assert found["by_division"] == Counter(
        life.grid[:below] for life in lives if len(life.grid) >= below
    )


def test_divisions_and_sources_have_names(asked):
    span = {"from": NOW - 400 * DAY}
    towns = asked.answer("top", by="division", **span)["items"]
    assert {each["value"]: each["name"] for each in towns}[GRIDS[0][:9]] == "运河街道"
    sources = asked.answer("top", by="source", **span)["items"]
    assert {each["value"]: each["name"] for each in sources}["patrol"] == "巡查上报"
    assert all(each["name"] is None for each in asked.answer("top", **span)["items"])


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def reports(world, compound, people):
    """Cases that went different ways."""
    for actions in ((), DISPATCH, (*DISPATCH, *HANDLE)):
        walk(world, reported(world, compound[1], people.resident), people, *actions)


PATH = "/api/v1/stats/"
LONG_AGO = "2026-01-01"


def of_division(world, answer):
    """The cases that an answer is about."""
    return [case for case in documents(world.stack) if answer["division"] in case["divisions"]]


COUNTED = {
    "trend": lambda answer: {
        each.mark: sum(point["counts"][each.id] for point in answer["points"])
        for each in PROGRESS.counts
    },
    "comparison": lambda answer: {
        INDICATORS.sets[each["id"]].mark: each["value"]
        for each in answer["items"]
        if each["kind"] == "count"
    },
    "funnel": lambda answer: {
        INDICATORS.sets[each["set"]].mark: each["cases"] for each in answer["stages"]
    },
}
"""What is asked → how many cases its answer says have which mark."""


@pytest.mark.parametrize("what", COUNTED)
def test_the_api_answers_a_recount_of_the_cases(world, reports, what):
    query = {"from": LONG_AGO, **({"period": "month"} if what == "trend" else {})}

    def alike():
        answer = world.client("dispatcher").get(f"/stats/{what}", **query)
        since, until = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
        found = recounted(of_division(world, answer), since, until)
        told = COUNTED[what](answer)
        return any(told.values()) and told == {mark: len(found[mark]) for mark in told}

    eventually(alike)


def test_the_api_answers_how_old_open_cases_are(world, reports):
    def alike():
        answer = world.client("dispatcher").get("/stats/ageing")
        cases = of_division(world, answer)
        still = [case for case in cases if case["state"] not in ENDED]
        lights = sum(each["cases"] for each in answer["lights"].values())
        buckets = sum(each["cases"] for each in answer["buckets"])
        return still and answer["open"] == len(still) == lights == buckets

    eventually(alike)


def test_the_api_answers_which_are_the_most(world, reports):
    def alike():
        answer = world.client("supervisor").get(
            "/stats/top", **{"from": LONG_AGO, "by": "division"}
        )
        towns = Counter(code for case in documents(world.stack) for code in case["divisions"][1:2])
        named = all(each["name"] for each in answer["items"])
        shown = {each["value"]: each["cases"] for each in answer["items"]}
        return named and shown and all(towns[code] == cases for code, cases in shown.items())

    eventually(alike)


@pytest.mark.parametrize(
    ("what", "query", "field"),
    [
        ("trend", {"from": LONG_AGO, "period": "hour"}, "period"),
        ("trend", {"period": "minute"}, "period"),
        ("trend", {"cut": "category"}, "value"),
        ("trend", {"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ("comparison", {"from": "1969-01-01", "to": "1970-01-01"}, "from"),
        ("comparison", {"cut": "member"}, "cut"),
        ("funnel", {"value": "06010"}, "value"),
        ("ageing", {"from": LONG_AGO}, "from"),
        ("ageing", {"cut": "party"}, "value"),
        ("top", {"by": "weather"}, "by"),
        ("top", {"by": "member"}, "by"),
        ("top", {"by": "division", "division": GRIDS[0]}, "by"),
        ("top", {"by": "category", "cut": "source", "value": "patrol"}, "cut"),
        ("top", {"set": "nonsense"}, "set"),
        ("top", {"limit": 0}, "limit"),
    ],
)
def test_a_bad_question_names_its_field(world, what, query, field):
    answer = world.request("GET", PATH + what, "supervisor", fields=query)
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_too_fine_a_cut_says_what_fits(world):
    query = {"from": "2020-01-01", "to": "2026-01-01", "period": "day"}
    answer = world.request("GET", PATH + "trend", "supervisor", fields=query)
    assert "at most 800" in answer.body["errors"][0]["message"]
    assert answer.body["errors"][0]["message"].endswith("week")


@pytest.mark.parametrize("what", ["trend", "comparison", "funnel", "ageing", "top"])
def test_a_division_of_others_is_refused(world, what):
    path = f"{PATH}{what}?division=341324999"
    assert world.request("GET", path, "dispatcher").status == 403
    assert world.request("GET", PATH + what, "member").status == 403
