"""Many actions in one call, each answered as if it came alone."""

import json
import uuid

import pytest

from suishoupai.contracts.issue_fields import SUMMARY_FIELDS

from ..conftest import report_body
from .conftest import BY_HAND


def act_on_all(world, account, items):
    return world.request("POST", "/api/v1/issues/actions", account, json={"items": items})


def test_each_action_is_answered_as_if_it_came_alone(world, opened, people, compound):
    first, second, third = opened(), opened(), opened()
    community = f"community-{compound[0]['grids'][0][:12]}"
    version = {issue: world.case(issue)["version"] for issue in (first, second, third)}
    untouched = world.case(third)
    accept = {"action": "accept", "version": version[first]}
    items = [
        {"issue": first, **accept},
        {"issue": second, "action": "accept", "version": version[second] + 7},
        {"issue": "01ARZ3NDEKTSV4RRFFQ69G5FAV", **accept},
        {"issue": first, "action": "file", "version": version[first] + 1},
        {"issue": third, "action": "reject", "version": version[third]},
        {"issue": third, "action": "explode", "version": version[third]},
        {"issue": third, "action": "accept", "version": version[third], "colour": "red"},
        {"issue": third, "action": "accept", "version": "1"},
        {"issue": third, "action": "accept"},
        {"issue": third, "action": "dispatch", "version": version[third], "party": "nobody"},
        {
            "issue": first,
            "action": "dispatch",
            "version": version[first] + 2,
            "party": community,
        },
        {"issue": first, **accept},
        {"issue": first, "action": "rate", "version": version[first] + 3},
    ]
    answer = act_on_all(world, people.dispatcher, items)
    assert answer.status == 200, answer
    answers = answer.body["items"]
    assert [each["issue"] for each in answers] == [each["issue"] for each in items]
    statuses = [200, 409, 404, 200, 422, 404, 422, 422, 422, 422, 200, 200, 403]
    assert [each["status"] for each in answers] == statuses
    assert set(answers[0]["case"]) == set(SUMMARY_FIELDS)
    assert answers[10]["case"]["responsible"]["id"] == community
    named = [each["problem"]["errors"][0]["field"] for each in answers if each["status"] == 422]
    assert named == ["reason", "colour", "version", "version", "party"]
    assert answers[1]["problem"]["current"]["version"] == version[second]
    assert world.case(third) == untouched
    done = [entry["action"] for entry in world.case(first)["history"][version[first] :]]
    assert done == ["accept", "file", "dispatch"]
    # The same call again does nothing more.
    again = act_on_all(world, people.dispatcher, items[:4]).body["items"]
    assert [each["status"] for each in again] == statuses[:4]
    assert len(world.case(first)["history"]) == version[first] + 3


@pytest.mark.parametrize("account", ["handler", "member"])
def test_nobody_does_in_bulk_what_they_may_not_do_alone(world, opened, people, account):
    issue = opened()
    before = world.case(issue)
    items = [{"issue": issue, "action": "accept", "version": before["version"]}]
    (answer,) = act_on_all(world, account, items).body["items"]
    alone = world.act(issue, "accept", account)
    assert (answer["status"], answer["problem"]) == (alone.status, alone.body)
    assert answer["status"] in (403, 404)
    assert world.case(issue) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": [{"issue": "x", "action": "accept"}] * 101}, "items"),
        ({"items": ["x"]}, "items.0"),
        ({"items": [{"action": "accept"}]}, "items.0.issue"),
        ({"items": [{"issue": "x", "action": 1}]}, "items.0.action"),
        ({"items": [{"issue": {"$ne": ""}, "action": "accept"}]}, "items.0.issue"),
        ({"items": [{"issue": "x", "action": "accept"}], "more": 1}, "more"),
    ],
)
def test_what_is_no_list_of_actions_is_refused(world, body, field):
    answer = world.request("POST", "/api/v1/issues/actions", "dispatcher", json=body)
    assert answer.status == 422
    assert field in [error["field"] for error in answer.body["errors"]]


def test_a_hundred_actions_in_one_call(world, people, compound):
    """Each hop to the issues service stays far inside the time of a question."""
    issues = [
        world.report(report_body(compound[1], BY_HAND), uuid.uuid4().hex, people.member).body["id"]
        for _ in range(100)
    ]
    cases = [world.placed(issue) for issue in issues]
    items = [
        {"issue": case["id"], "action": "accept", "version": case["version"]} for case in cases
    ]
    answer = act_on_all(world, people.dispatcher, items)
    assert {each["status"] for each in answer.body["items"]} == {200}
    assert [each["issue"] for each in answer.body["items"]] == issues


def test_without_the_issues_service_every_action_says_so(world, opened, people):
    issue = opened()
    version = world.case(issue)["version"]
    world.stack.stop_program("issues")
    try:
        items = [{"issue": issue, "action": "accept", "version": version}] * 3
        answers = act_on_all(world, people.dispatcher, items).body["items"]
    finally:
        world.stack.start_program("issues")
    assert [each["status"] for each in answers] == [503] * 3
    assert json.dumps(answers).count("unavailable") == 3
    assert world.case(issue)["version"] == version
