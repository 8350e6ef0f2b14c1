"""Programs that others wrote for Open311, on our endpoint: georeport (reads) and three."""

import importlib
import io
import itertools
import uuid

import pytest
from georeport import GeoReport
from PIL import Image

from ..conftest import eventually
from .test_specification import new

JURISDICTION = "341324"


@pytest.fixture(scope="module")
def number(hotline, compound):
    # Two of them: georeport reads a list of one from XML as what is in it.
    answers = [hotline.post("requests", **new(compound[1])) for _ in range(2)]
    return answers[0].body[0]["service_request_id"]


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_georeport_reads_everything_where_reading_is_public(public, number, kind):
    client = GeoReport(f"{public.url}/open311/v2", JURISDICTION, output_format=kind)
    services = client.get_service_list()
    assert {each["service_code"] for each in services} >= {"06010", "91001"}
    assert client.get_service_definition("06010")["service_code"] == "06010"
    codes = {"service_code": "06010", "status": "open"}
    found = client.get_service_requests(**codes)
    assert number in [each["service_request_id"] for each in found]
    request = client.get_service_request(number)
    assert request["service_request_id"] == number
    assert request["service_name"] == "暴露垃圾"
    dates = {"start_date": request["requested_datetime"], "end_date": "2026-01-01T00:00:00Z"}
    with pytest.raises(Exception, match="400"):
        client.get_service_requests(**dates)
    with pytest.raises(Exception, match="404"):
        client.get_service_request("341324-20200101-00001")


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_georeport_is_refused_where_a_key_is_needed(world, kind):
    client = GeoReport(f"{world.stack.url}/open311/v2", output_format=kind)
    with pytest.raises(Exception, match="403"):
        client.get_service_list()


@pytest.fixture(scope="module")
def three(world, hotline):
    """The client, whose import wants a function that Python 3 calls otherwise."""
    patch = pytest.MonkeyPatch()
    patch.setattr(itertools, "ifilter", filter, raising=False)
    try:
        core = importlib.import_module("three.core")
    finally:
        patch.undo()
    patch.setattr(core, "ifilter", filter)
    options = {"api_key": hotline.key, "jurisdiction": JURISDICTION}
    return core.Three(f"{world.stack.url}/open311/v2/", **options)


def test_three_discovers_and_reads_with_its_key(three, hotline, number):
    assert three.discovery()["endpoints"][0]["formats"]
    key = {"api_key": hotline.key}
    assert {each["service_code"] for each in three.services(**key)} >= {"06010"}
    assert three.services("06010", **key)["attributes"] == []
    found = three.requests("06010", start="11-01-2026", end="12-31-2026", **key)
    assert number in [each["service_request_id"] for each in found]
    assert len(three.requests(count=1, **key)) == 1
    assert three.request(number, **key)[0]["service_request_id"] == number
    assert three.request("none", **key)[0]["code"] == 404
    assert three.token("none", **key)[0]["code"] == 404


def photo():
    file = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(file, "JPEG")
    file.seek(0)
    file.name = "photo.jpg"
    return file


def test_three_posts_with_a_photo(world, three, hotline, compound):
    point = {"lat": compound[1][1], "long": compound[1][0]}
    taken = three.post(
        "06010",
        address="3 号楼",
        name="Zach Williams",
        phone="555-5555",
        description=f"垃圾成堆 {uuid.uuid4().hex[:6]}",
        media=photo(),
        **point,
    )
    number = taken[0]["service_request_id"]
    (request,) = three.request(number, api_key=hotline.key)
    assert (request["address"], request["status"]) == ("3 号楼", "open")
    assert request["media_url"].startswith(f"{world.stack.url}/api/v1/photos/")
    case = world.database("issues")["issues"].find_one({"number": number})
    assert case["photo_hashes"] and "Zach" not in str(case)
    headers = {"X-API-Key": hotline.key}
    shown = world.pool.request("GET", request["media_url"], headers=headers, retries=False)
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")


def test_three_sends_the_same_photo_again_and_it_is_the_same_request(three, compound):
    file = photo()
    fields = {"lat": compound[1][1], "long": compound[1][0], "description": uuid.uuid4().hex}
    numbers = set()
    for _ in range(2):
        file.seek(0)
        numbers.add(three.post("06010", media=file, **fields)[0]["service_request_id"])
    assert len(numbers) == 1


def test_three_is_told_what_is_wrong(three, compound):
    said = three.post("06010", description="x")
    assert {each["code"] for each in said} == {400}
    said = three.post(
        "06010", media=io.BytesIO(b"no photo"), lat=compound[1][1], long=compound[1][0]
    )
    assert said[0]["code"] == 400


def test_what_three_posted_is_told_on(three, hotline, compound, world):
    fields = {"lat": compound[1][1], "long": compound[1][0], "description": uuid.uuid4().hex}
    number = three.post("06010", **fields)[0]["service_request_id"]
    eventually(lambda: hotline.get(f"requests/{number}").body[0]["address_id"])
