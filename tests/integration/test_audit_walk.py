"""The walk of docs/auditing.md: one community's score for one month, from the score to the cases
and back, with nothing but what the API answers and arithmetic."""

import csv
import io
from datetime import timedelta

import pytest

from suishoupai import clock

from .conftest import eventually
from .people import people_around
from .recounted import documents, marks_of
from .walking import CLOSE, DISPATCH, HANDLE, REWORK, reported, walk


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def month(world, compound, people):
    """A community's month, in which three cases more were closed, one of them after a rework: the
    query that asks for it, and their ids."""
    issues = [reported(world, compound[1], people.resident) for _ in range(3)]
    for issue in issues:
        again = REWORK if issue == issues[-1] else ()
        walk(world, issue, people, *DISPATCH, *HANDLE, *again, *CLOSE)
    today = clock.local_day(clock.now())
    begin = today.replace(day=1)
    span = {
        "from": begin.isoformat(),
        "to": (begin + timedelta(days=32)).replace(day=1).isoformat(),
    }
    query = {"division": compound[0]["grids"][0][:12], **span}

    def counted():
        rows = table(world, people.dispatcher, "rework_rate", query)
        return set(issues) <= {row["issue"] for row in rows}

    eventually(counted)
    return query


def table(world, account, indicator, query):
    """The rows of an indicator's CSV, as {column: text}."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    path = f"/api/v1/stats/indicators/{indicator}/cases.csv?{words}"
    headers = {"Authorization": f"Bearer {world.token(account)}"}
    response = world.pool.request("GET", world.stack.url + path, headers=headers)
    assert response.status == 200
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def test_a_score_is_found_again_by_hand_from_its_cases(world, month, people):
    def by_hand():
        """The answered and the added up score, once nothing was counted in between."""
        answer = world.client(people.dispatcher).get("/stats/indicators", **month)
        score = next(each for each in answer["scores"] if each["id"] == "handling_score")
        points = 0.0
        for part in score["parts"]:
            told = next(each for each in answer["items"] if each["id"] == part["indicator"])
            rows = table(world, people.dispatcher, part["indicator"], month)
            inside = sum(row["in_numerator"] == "true" for row in rows)
            if (inside, len(rows)) != (told["numerator"], told["denominator"]):
                return None
            share = (len(rows) - inside if told["complement"] else inside) / len(rows)
            points += part["weight"] * share
        return score["value"], points

    answered, points = eventually(by_hand)
    assert points == pytest.approx(answered)
    assert 0 < points < 100  # one of them was reworked


def test_every_case_that_counts_is_one_whose_history_says_so_and_none_is_left_out(
    world, month, people
):
    """Back: from the cases themselves to the rows of the table."""
    explained = world.client(people.dispatcher).get(
        "/stats/indicators/rework_rate/explain", **{**month, "limit": 100}
    )
    since, until = (clock.parse_instant(explained[name]) for name in ("from", "to"))
    sets = {part: each["id"] for part, each in explained["sets"].items()}
    assert sets == {"numerator": "reworked", "denominator": "should_be_closed"}
    table_rows = table(world, people.dispatcher, "rework_rate", month)
    rows = {row["issue"]: row for row in table_rows if row["issue"]}
    expected, hidden = {}, 0
    for case in documents(world.stack):
        marks = marks_of(case)
        at = marks.get("closing/should_be_closed")
        if month["division"] in case["divisions"] and at and since <= at < until:
            seen = world.request("GET", f"/api/v1/issues/{case['_id']}", people.dispatcher)
            if seen.status == 200:
                expected[case["_id"]] = (at, "closing/reworked" in marks)
            else:
                hidden += 1
    assert len(table_rows) == len(rows) + hidden
    assert {
        issue: (clock.parse_instant(row["counts_at"]), row["in_numerator"] == "true")
        for issue, row in rows.items()
    } == expected
    for issue, (_, reworked) in expected.items():
        history = world.client(people.dispatcher).get(f"/issues/{issue}")["history"]
        assert ("rework" in {entry["action"] for entry in history}) == reworked
