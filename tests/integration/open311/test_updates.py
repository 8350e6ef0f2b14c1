"""Service request updates, both ways, as FixMyStreet asks for them and sends them."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from ..conftest import eventually
from .conftest import as_texts
from .test_specification import new


@pytest.fixture
def number(hotline, compound):
    answer = hotline.post("requests", **new(compound[1]))
    number = answer.body[0]["service_request_id"]
    eventually(lambda: hotline.get(f"requests/{number}").body[0]["address_id"])
    return number


def issue_of(world, number):
    return world.database("issues")["issues"].find_one({"number": number})["_id"]


def updates_of(program, number, **more):
    return program.get("servicerequestupdates", service_request_id=number, **more).body


def test_what_is_done_with_a_request_is_told_step_by_step(world, hotline, number):
    issue = issue_of(world, number)
    world.done(issue, "verify", "dispatcher")
    world.done(issue, "accept", "dispatcher", note="不外传的说明")
    world.done(issue, "file", "dispatcher")
    world.done(issue, "dispatch", "supervisor")
    world.done(issue, "recall", "supervisor", reason="不外传的理由")
    world.done(issue, "void", "supervisor", reason="重复登记")
    updates = updates_of(hotline, number)
    assert [each["status"] for each in updates] == [
        "INVESTIGATING",
        "INVESTIGATING",
        "ACTION_SCHEDULED",
        "ACTION_SCHEDULED",
        "ACTION_SCHEDULED",
        "CLOSED",
    ]
    assert updates[-1]["description"] == "作废：重复登记"
    assert "不外传" not in str(updates)
    (request,) = hotline.get(f"requests/{number}").body
    assert (request["status"], request["status_notes"]) == ("closed", "作废：重复登记")
    assert request["updated_datetime"] == updates[-1]["updated_datetime"]
    xml = hotline.get("servicerequestupdates", "xml", service_request_id=number).body
    assert xml == as_texts(updates)


def test_updates_of_a_span_hold_what_happened_in_it_and_nothing_else(world, hotline, number):
    world.done(issue_of(world, number), "verify", "dispatcher")
    (update,) = updates_of(hotline, number)
    at = update["updated_datetime"]
    exactly = hotline.get("servicerequestupdates", start_date=at, end_date=at).body
    assert update in exactly
    assert {each["updated_datetime"] for each in exactly} == {at}
    lately = hotline.get("servicerequestupdates").body
    assert update in lately
    assert [each["updated_datetime"] for each in lately] == sorted(
        each["updated_datetime"] for each in lately
    )
    before = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-31T00:00:00Z"}
    assert hotline.get("servicerequestupdates", **before).body == []
    assert updates_of(hotline, number, **before) == []


def remark(number, **more):
    return {
        "service_request_id": number,
        "update_id": uuid.uuid4().hex,
        "updated_datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "status": "OPEN",
        "description": "垃圾还在，电话 13812345678",
        "email": "somebody@example.com",
        "first_name": "Somebodys",
        **more,
    }


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_what_is_said_elsewhere_is_added_and_listed_by_the_id_that_was_answered(
    world, hotline, number, kind
):
    said = remark(number, status="FIXED", media_url="https://photos.example/2.jpg")
    answer = hotline.post("servicerequestupdates", kind, **said)
    assert answer.status == 200, answer.raw
    (receipt,) = answer.body
    (update,) = updates_of(hotline, number)
    assert update["update_id"] == receipt["update_id"]
    assert update["description"] == "垃圾还在，电话 138****5678"
    assert (update["status"], update["media_url"]) == ("OPEN", "https://photos.example/2.jpg")
    case = world.case(issue_of(world, number))
    entry = case["history"][-1]
    assert (case["state"], entry["action"], entry["role"]) == ("reported", "remark", "reporter")
    assert (entry["given"]["status"], entry["photos"]) == ("FIXED", [said["media_url"]])
    assert "somebody" not in str(case).lower()


def test_the_same_update_again_adds_nothing(world, hotline, number):
    said = remark(number)
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda _: hotline.post("servicerequestupdates", **said), range(8))
        )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body[0]["update_id"] for answer in answers}) == 1
    world.done(issue_of(world, number), "verify", "dispatcher")
    again = hotline.post("servicerequestupdates", **said).body[0]
    assert again == answers[0].body[0]
    assert [each["status"] for each in updates_of(hotline, number)] == ["OPEN", "INVESTIGATING"]
    other = hotline.post("servicerequestupdates", **said | {"description": "另一句话"})
    assert other.status == 400


def test_the_dispatcher_hears_of_it(world, hotline, number):
    hotline.post("servicerequestupdates", **remark(number))
    issue = issue_of(world, number)

    def told():
        notices = world.database("notify")["notices"].find({"issue": issue, "kind": "remarked"})
        return [notice["recipient"] for notice in notices]

    assert eventually(told)[0].startswith("dispatcher:")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service_request_id", ""),
        ("update_id", ""),
        ("update_id", "x" * 65),
        ("description", ""),
        ("status", "MELTED"),
        ("updated_datetime", "yesterday"),
        ("updated_datetime", "2099-01-01T00:00:00Z"),
        ("media_url", "file:///etc/passwd"),
    ],
)
def test_a_parameter_at_fault_is_named_and_nothing_is_added(hotline, number, field, value):
    for kind in ("json", "xml"):
        answer = hotline.post("servicerequestupdates", kind, **remark(number, **{field: value}))
        assert answer.status == 400
        assert answer.errors[0][1].startswith(f"{field}:")
    assert updates_of(hotline, number) == []


def test_what_has_ended_is_not_spoken_of(world, hotline, number):
    world.done(issue_of(world, number), "reject", "dispatcher", reason="不属于受理范围")
    answer = hotline.post("servicerequestupdates", **remark(number))
    assert answer.status == 400
    assert "remark" in answer.errors[0][1]
