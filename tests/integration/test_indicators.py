"""The indicators as the API answers them, against a slow recount over all the cases there are."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.stats.definitions import current
from services.stats.indicators import scored
from suishoupai import clock
from suishoupai.mongo import connect
from suishoupai.truth.rebuild import rebuild_figures

from .conftest import eventually, report_body
from .people import people_around
from .recounted import CUTS, agree, agree_in_cut, documents, recounted
from .walking import CLOSE, DISPATCH, HANDLE, REWORK, reported, walk

LONG_AGO = "2026-01-01"
INDICATORS = current()


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def lived(world, compound, people):
    """Cases that went different ways, with all of them counted."""
    ways = {
        "dispatched": (),
        "handled": HANDLE,
        "closed": (*HANDLE, *CLOSE),
        "reworked": (*HANDLE, *REWORK),
        "rated": (*HANDLE, *CLOSE, "rate"),
    }
    _, point = compound
    for actions in ways.values():
        issue = reported(world, point, people.resident)
        walk(world, issue, people, *DISPATCH, *actions)
    secret = world.report(report_body(point, "94002"), uuid.uuid4().hex, people.resident)
    world.settled(secret.body["id"])


def asked(world, account="admin", **query):
    return world.client(account).get("/stats/indicators", **{"from": LONG_AGO, **query})


def test_every_indicator_is_the_recount(world, lived):
    def counted():
        answer = asked(world)
        return answer if agree(answer, documents(world.stack)) else None

    answer = eventually(counted)
    for each in answer["items"]:
        told = each["numerator"]
        if each["complement"]:
            told = each["denominator"] - told
        shares = told / each["denominator"] if each["denominator"] else None
        assert each["value"] == (pytest.approx(shares) if shares is not None else None)
        assert (each["version"], each["name"].keys()) == (1, {"zh", "en"})
    values = {each["id"]: each["value"] for each in answer["items"]}
    for score in INDICATORS.scores_in_force(clock.local_day(clock.now())):
        shown = next(each for each in answer["scores"] if each["id"] == score.id)
        assert shown["value"] == scored(score, values)


def cut_agrees(world, cut, community):
    answer = asked(world, cut=cut, division=community)
    cases = [case for case in documents(world.stack) if community in case["divisions"]]
    return agree_in_cut(answer, cut, cases)


@pytest.mark.parametrize("cut", CUTS)
def test_every_cut_is_the_recount(world, lived, compound, cut):
    eventually(lambda: cut_agrees(world, cut, compound[0]["grids"][0][:12]))


def test_made_anew_from_the_cases_they_are_the_same(world, lived, compound):
    with connect(world.stack.settings()) as client:
        rebuild_figures(client, world.stack.settings(), lambda _done, _total: None)
    eventually(lambda: agree(asked(world), documents(world.stack)))
    for cut in CUTS:
        eventually(lambda cut=cut: cut_agrees(world, cut, compound[0]["grids"][0][:12]))


def test_a_division_is_the_recount_of_its_cases(world, lived, compound):
    grid = compound[0]["grids"][0]
    for length in (6, 9, 12, 15):
        code = grid[:length]

        def counted(code=code):
            cases = [case for case in documents(world.stack) if code in case["divisions"]]
            return cases and agree(asked(world, division=code), cases)

        eventually(counted)


def test_a_limit_that_lies_ahead_does_not_count_yet(world, lived):
    """However far the span reaches: what is dispatched and in time is not yet to be handled."""
    answer = asked(world, to="2030-01-01")
    assert datetime.fromisoformat(answer["to"]) <= clock.now()
    ahead = recounted(documents(world.stack), clock.now(), datetime(2030, 1, 1, tzinfo=UTC))
    assert ahead["disposal/should_be_handled"]
    eventually(lambda: agree(asked(world, to="2030-01-01"), documents(world.stack)))


def test_an_indicator_is_made_of_the_cases_it_names(world, lived, people):
    account = people.dispatcher
    path = "/stats/indicators/response_rate/explain"
    found, cursor = [], {}
    while cursor is not None:
        page = world.client(account).get(path, **{"from": LONG_AGO, "limit": 2, **cursor})
        found += page["cases"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert page["sets"]["denominator"]["id"] == "dispatched"
    assert len(found) == page["denominator"]
    # A case that the account may not see is counted, never named.
    named = [each["issue"] for each in found if each["issue"]]
    inside = [case for case in documents(world.stack) if page["division"] in case["divisions"]]
    counted = recounted(inside, datetime(2026, 1, 1, tzinfo=UTC), clock.now())
    assert len(named) < len(found) == len(counted["dispatched/dispatched"])
    assert sorted(named) == sorted(
        issue
        for issue in counted["dispatched/dispatched"]
        if world.request("GET", f"/api/v1/issues/{issue}", account).status == 200
    )
    # One of them nobody has taken yet.
    assert sum(each["in_numerator"] for each in found) == page["numerator"]
    assert 2 < page["numerator"] < page["denominator"]
    numerator = world.client(account).get(
        path, **{"from": LONG_AGO, "limit": 100, "part": "numerator"}
    )
    inside = {each["issue"] for each in found if each["in_numerator"]}
    assert {each["issue"] for each in numerator["cases"]} == inside


def test_the_cases_are_told_as_csv_too(world, lived, people):
    account = people.dispatcher
    query = f"?from={LONG_AGO}"
    path = f"/api/v1/stats/indicators/response_rate/cases.csv{query}"
    headers = {"Authorization": f"Bearer {world.token(account)}"}
    response = world.pool.request("GET", world.stack.url + path, headers=headers)
    assert (response.status, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    head, *rows = csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline=""))
    assert head == ["number", "counts_at", "in_numerator", "issue"]
    page = world.client(account).get(
        "/stats/indicators/response_rate/explain", **{"from": LONG_AGO, "limit": 1}
    )
    assert len(rows) == page["denominator"]
    assert [row[2] for row in rows].count("true") == page["numerator"] < len(rows)
    assert rows[0][0] == (page["cases"][0]["number"] or "")


TOMORROW = (clock.local_day(clock.now()) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"from": TOMORROW}, "from"),
        ({"from": "1999-01-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"division": "34"}, "division"),
        ({"cut": "weather"}, "cut"),
        ({"cut": "member"}, "cut"),
        ({"value": "06010"}, "value"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_question_names_its_field(world, query, field):
    path = "/api/v1/stats/indicators"
    answer = world.request("GET", path, "supervisor", fields=query)
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.body["errors"]] == [field]


def test_what_cannot_be_explained_says_so(world, people):
    path = "/api/v1/stats/indicators"
    assert world.request("GET", f"{path}/nonsense/explain", "supervisor").status == 404
    cut = world.request("GET", f"{path}/handling_rate/explain?cut=party", "supervisor")
    assert [error["field"] for error in cut.body["errors"]] == ["value"]
    cursor = world.request("GET", f"{path}/handling_rate/explain?cursor=x", "supervisor")
    assert [error["field"] for error in cursor.body["errors"]] == ["cursor"]
    outside = world.request("GET", f"{path}?division=341324999", people.dispatcher)
    assert outside.status == 403


def test_figures_of_other_definitions_are_not_told(world, lived):
    model = world.database("stats")["model"]
    before = model.find_one({"_id": "model"})
    model.update_one({"_id": "model"}, {"$set": {"digest": "of another file"}})
    answer = world.request("GET", "/api/v1/stats/indicators", "supervisor")
    model.replace_one({"_id": "model"}, before)
    assert answer.status == 503
    assert "suishoupai rebuild stats" in answer.body["detail"]
    assert answer.headers["Retry-After"] == "60"
    assert world.request("GET", "/api/v1/stats/indicators", "supervisor").status == 200
