"""Who sees what by Open311: the same as anywhere else, and never who reported."""

import uuid

import pytest

from ..conftest import eventually, report_body
from .conftest import registered
from .test_specification import new


@pytest.fixture(scope="module")
def towns(world, compound):
    """A program of the town that the compound lies in, and one of another town."""
    return registered(world, compound[0]["grids"][0][:9]), registered(world, "341324101")


def listed(program, **filters):
    return {each["service_request_id"] for each in program.get("requests", **filters).body}


def test_a_key_sees_its_own_division_and_nothing_else(reported, towns, hotline):
    mine, other = towns
    number = reported["number"]
    assert number in listed(mine) and number in listed(hotline)
    assert number not in listed(other)
    for name in (number, reported["id"]):
        assert mine.get(f"requests/{name}").status == 200
        assert other.get(f"requests/{name}").status == 404
        assert other.get("requests", service_request_id=name).body == []
        assert other.get("servicerequestupdates", service_request_id=name).body == []
    assert mine.get("servicerequestupdates", service_request_id=number).body
    assert mine.get(f"tokens/{reported['id']}").status == 200
    assert other.get(f"tokens/{reported['id']}").status == 404
    theirs = {each["service_request_id"] for each in other.get("servicerequestupdates").body}
    assert number not in theirs


def test_what_is_not_there_and_what_is_not_theirs_are_told_alike(reported, towns):
    other = towns[1]
    known, unknown = reported["number"], "341324-20200101-00001"
    said = [other.get(f"requests/{name}").raw for name in (known, unknown)]
    assert said[0].replace(known.encode(), b"N") == said[1].replace(unknown.encode(), b"N")


def test_a_program_adds_only_to_what_it_sent(reported, towns, hotline):
    remark = {"update_id": "1", "description": "x", "service_request_id": reported["number"]}
    assert towns[1].post("servicerequestupdates", **remark).status == 404
    assert towns[0].post("servicerequestupdates", **remark).status == 403
    assert hotline.post("servicerequestupdates", **remark).status == 403


def test_a_program_sends_only_what_lies_in_its_division(towns, compound):
    assert towns[0].post("requests", **new(compound[1])).status == 200
    answer = towns[1].post("requests", **new(compound[1]))
    assert answer.status == 400 and "341324101" in answer.errors[0][1]


def test_a_confidential_case_is_in_nobodys_list(world, compound, hotline, public):
    answer = world.report(report_body(compound[1], "94001"), uuid.uuid4().hex)
    number = answer.body["number"]
    eventually(lambda: world.case(answer.body["id"])["grid"])
    for program in (hotline, public):
        assert number not in listed(program)
        assert program.get(f"requests/{number}").status == 404
        assert program.get("servicerequestupdates", service_request_id=number).body == []


def test_nobody_learns_who_reported_nor_whom_to_ring(reported, hotline, public):
    for program in (hotline, public):
        for kind in ("json", "xml"):
            for path in ("requests", "servicerequestupdates"):
                said = program.get(path, kind, service_request_id=reported["number"]).raw.decode()
                assert "member" not in said and "13812345678" not in said
        description = program.get(f"requests/{reported['number']}").body[0]["description"]
        assert "138****5678" in description


def test_a_revoked_key_is_refused(world):
    program = registered(world)
    assert program.get("services").status == 200
    (key,) = world.client("admin").get(f"/programs/{program.name}")["keys"]
    path = f"/api/v1/programs/{program.name}/keys/{key['id']}"
    assert world.request("DELETE", path, "admin").status == 204
    eventually(lambda: program.get("services", "xml").status == 403)


def test_where_reading_is_public_photos_are_not_and_nothing_can_be_sent(
    world, compound, public, hotline
):
    photo = {"photos": ["https://photos.example/1.jpg"]}
    answer = world.report(report_body(compound[1], **photo), uuid.uuid4().hex)
    number = answer.body["number"]
    assert hotline.get(f"requests/{number}").body[0]["media_url"] == photo["photos"][0]
    (request,) = public.get(f"requests/{number}").body
    assert request["media_url"] is None
    assert public.post("requests", **new(compound[1])).status == 403
    remark = {"update_id": "1", "description": "x", "service_request_id": number}
    assert public.post("servicerequestupdates", **remark).status == 403
