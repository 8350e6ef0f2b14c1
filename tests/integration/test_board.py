"""The board as the API tells it, against a recount over all the cases there are."""

import uuid
from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from services.stats.definitions import current_progress
from suishoupai import clock
from suishoupai.contracts.words import ENDED, LIGHTS, STATES

from .conftest import eventually, place_in, report_body
from .people import people_around
from .recounted import documents, marks_of
from .walking import CLOSE, DISPATCH, HANDLE, reported, walk

PATH = "/api/v1/stats/board"
WAYS = {
    "placed": (),
    "dispatched": DISPATCH,
    "near": DISPATCH,
    "late": DISPATCH,
    "handled": (*DISPATCH, *HANDLE),
    "closed": (*DISPATCH, *HANDLE, *CLOSE),
    "rated": (*DISPATCH, *HANDLE, *CLOSE, "rate"),
}


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def lived(world, compound, people):
    """Cases that went different ways, one near its limit, one past it, one in another town."""
    for way in WAYS:
        lived_as(world, compound[1], people, way)
    town = compound[0]["grids"][0][:9]
    _, far = place_in("grids.geojson", lambda each: not each["code"].startswith(town))
    world.placed(world.report(report_body(far), uuid.uuid4().hex).body["id"])


def lived_as(world, point, people, way):
    issue = reported(world, point, people.resident)
    walk(world, issue, people, *WAYS[way])
    if way in ("near", "late"):
        time_passes(world, issue, way)
    return issue


def time_passes(world, issue, way):
    """The case once its alarm has rung: due soon, or overdue with a limit that lies in the past."""
    rows, now = world.database("issues")["issues"], clock.now()
    kind = {"near": "due_soon", "late": "overdue"}[way]
    changed = {"alarms.$[alarm].at": now}
    if way == "late":
        limits = ("due_at", "bundled_due_at", "clock.due_at", "bundled.due_at")
        changed |= dict.fromkeys(limits, now - timedelta(minutes=1))
    rows.update_one({"_id": issue}, {"$set": changed}, array_filters=[{"alarm.kind": kind}])
    eventually(lambda: rows.find_one({"_id": issue, "history.action": kind}))


def recount(cases, at):
    """The numbers of a board, from the documents alone."""
    midnight = datetime.combine(clock.local_day(at), time(), clock.LOCAL)
    marked = [marks_of(case) for case in cases]
    open_cases = [
        marks for case, marks in zip(cases, marked, strict=True) if case["state"] not in ENDED
    ]
    due = [marks.get("disposal/overdue_unhandled") for marks in open_cases]
    near = [marks.get("disposal/near_limit") for marks in open_cases]
    red = sum(1 for limit in due if limit and limit < at)
    yellow = sum(1 for limit in near if limit and limit >= at)
    states = Counter(case["state"] for case in cases)
    return {
        "today": [
            sum(1 for marks in marked if mark in marks and midnight <= marks[mark] < at)
            for mark in (each.mark for each in current_progress().today)
        ],
        "open": len(open_cases),
        "lights": {"red": red, "yellow": yellow, "green": len(open_cases) - red - yellow},
        "by_state": {state: states[state] for state in STATES},
    }


def numbers(told):
    return {
        "today": [each["cases"] for each in told["today"]],
        "open": told["open"],
        "lights": {light: each["cases"] for light, each in told["lights"].items()},
        "by_state": {each["state"]: each["cases"] for each in told["by_state"]},
    }


def agreeing(world, division=None, account="admin"):
    """The board once it is the recount."""

    def told():
        query = {"division": division} if division else {}
        answer = world.client(account).get("/stats/board", **query)
        inside = [
            case for case in documents(world.stack) if answer["division"] in case["divisions"]
        ]
        at = datetime.fromisoformat(answer["at"])
        return answer if numbers(answer) == recount(inside, at) else None

    return eventually(told)


def test_a_board_is_the_recount_of_its_division(world, lived, compound):
    grid = compound[0]["grids"][0]
    boards = [agreeing(world, grid[:length]) for length in (6, 9, 12, 15)]
    for board in boards:
        assert all(each["cases"] for each in board["today"])
        assert all(each["cases"] for each in board["lights"].values())
        assert {light: each["word"] for light, each in board["lights"].items()} == LIGHTS
        assert {each["state"]: each["name"] for each in board["by_state"]} == STATES
    assert boards[0]["open"] > boards[1]["open"]
    names = [each["name"]["zh"] for each in boards[0]["today"]]
    assert names[0] == "上报"
    assert len(set(names)) == len(names)


def test_left_out_it_is_ones_own_division(world, lived, people, compound):
    grid = compound[0]["grids"][0]
    assert agreeing(world, account=people.town)["division"] == grid[:9]
    assert agreeing(world, account=people.admin)["division"] == grid[:6]


@pytest.mark.parametrize(
    ("account", "query", "status"),
    [
        ("dispatcher", "?division=341324101", 403),
        ("town", "?division=341324", 403),
        ("member", "", 403),
        ("resident", "", 403),
        ("handler", "", 403),
        ("admin", "?division=34", 422),
        ("admin", "?from=2026-01-01", 422),
    ],
)
def test_what_is_not_theirs_and_what_says_nothing_is_refused(world, people, account, query, status):
    assert world.request("GET", PATH + query, getattr(people, account)).status == status


def test_a_board_of_other_definitions_is_not_told(world, lived):
    model = world.database("stats")["model"]
    before = model.find_one({"_id": "model"})
    model.update_one({"_id": "model"}, {"$set": {"digest": "of another file"}})
    answer = world.request("GET", PATH, "supervisor")
    model.replace_one({"_id": "model"}, before)
    assert answer.status == 503
    assert "suishoupai rebuild stats" in answer.body["detail"]
