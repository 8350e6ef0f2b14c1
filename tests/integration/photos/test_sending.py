"""Photos are sent before a report and with one, and named in it."""

import hashlib
import io
import uuid
from concurrent.futures import ThreadPoolExecutor

import imagehash
import pytest
import requests
from PIL import Image

from ..conftest import report_body
from .pictures import (
    ELSEWHERE,
    NOBODYS,
    SECRET,
    WAITING,
    fault,
    form,
    picture,
    report_form,
    shown,
    taken_photo,
)


def test_a_photo_is_taken_in_and_said_what_it_is(world, send):
    answer = send(taken_photo())
    photo = answer.body
    assert answer.status == 201
    assert answer.headers["Location"] == photo["url"] == f"/api/v1/photos/{photo['id']}"
    assert photo["thumbnail_url"] == f"{photo['url']}/thumbnail"
    assert (photo["width"], photo["height"], photo["kind"]) == (320, 240, "image/jpeg")
    assert photo["taken_at"] == "2026-04-01T00:30:00+00:00"
    assert photo["location"] == {"lng": 117.91, "lat": 33.48, "datum": "WGS-84"}
    kept = shown(world, photo["url"], "member").content
    assert len(kept) == photo["bytes"] and SECRET not in kept
    assert Image.open(io.BytesIO(kept)).size == (320, 240)
    assert "owner" not in photo and "sha256" not in photo


def test_the_same_bytes_are_the_same_photo_of_that_account(world, people, send):
    data = picture()
    first, again, other = send(data), send(data), send(data, people.neighbour)
    assert again.body == first.body
    assert other.body["id"] != first.body["id"]


def test_the_same_photo_sent_at_once_is_kept_once(world, send):
    data = picture()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(data), range(8)))
    assert {answer.status for answer in answers} == {201}
    (photo,) = {answer.body["id"] for answer in answers}
    digest = hashlib.sha256(data).hexdigest()
    ready = {"sha256": digest, "state": "ready"}
    assert world.database("gateway")["photos"].count_documents(ready) == 1
    assert shown(world, f"/api/v1/photos/{photo}", "member").status_code == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_may_come_in_a_form(world, kind):
    fields = {"photo": ("1", picture(kind=kind), "application/octet-stream")}
    answer = world.request("POST", "/api/v1/photos", "member", fields=fields)
    assert (answer.status, answer.body["kind"]) == (201, "image/jpeg")


def test_a_body_in_chunks_is_taken(world):
    data = picture()
    pieces = (data[at : at + 1000] for at in range(0, len(data), 1000))
    answer = requests.post(
        world.stack.url + "/api/v1/photos",
        data=pieces,
        headers={"Authorization": f"Bearer {world.token('member')}", "Content-Type": "image/jpeg"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("data", "kind", "problem"),
    [
        (b"", "image/jpeg", (422, "unusable-photo")),
        (b"GIF89a" + bytes(100), "image/jpeg", (422, "unusable-photo")),
        (b"GIF89a" + bytes(100), "image/gif", (415, "unsupported-media-type")),
        (b"<svg/>", "image/svg+xml", (415, "unsupported-media-type")),
        (b"<svg/>", "application/octet-stream", (422, "unusable-photo")),
        (picture(kind="PNG"), "image/jpeg", (422, "unusable-photo")),
        (picture()[:-500], "image/jpeg", (422, "unusable-photo")),
        (bytes(20 * 1024 * 1024 + 1), "image/jpeg", (413, "too-large")),
        (picture(), "text/html", (415, "unsupported-media-type")),
        (b"{}", "multipart/form-data", (400, "malformed")),
        (b"{}", "multipart/form-data; boundary=x", (400, "malformed")),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason_and_not_kept(world, send, data, kind, problem):
    kept = world.database("gateway")["photos"].estimated_document_count()
    answer = send(data, kind=kind)
    assert fault(answer) == problem
    assert answer.body["detail"]
    if answer.status == 422:
        assert answer.body["errors"][0]["field"] == "photo"
    assert world.database("gateway")["photos"].estimated_document_count() == kept


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"picture": ("1", b"x", "image/jpeg")}, "picture"),
        ([("photo", ("1", b"x", "image/gif"))], None),
    ],
)
def test_a_form_with_something_else_is_refused(world, fields, field):
    answer = world.request("POST", "/api/v1/photos", "member", fields=fields)
    assert answer.status in (415, 422)
    if field:
        assert answer.body["errors"][0]["field"] == field


def test_photos_are_sent_by_accounts_only(world):
    assert fault(world.request("POST", "/api/v1/photos", body=picture())) == (
        401,
        "unauthenticated",
    )


def test_a_report_comes_with_its_photos_in_one_form(world, compound):
    data, key = [picture(), picture()], uuid.uuid4().hex
    body = report_body(compound[1], WAITING, photos=[ELSEWHERE])
    first = report_form(world, form(body, *data), key)
    assert first.status == 201, first
    case = world.case(first.body["id"])
    assert case["photos"][0] == ELSEWHERE and len(case["photos"]) == 3
    for url, sent in zip(case["photos"][1:], data, strict=True):
        kept = Image.open(io.BytesIO(shown(world, url, "member").content))
        assert imagehash.phash(kept) - imagehash.phash(Image.open(io.BytesIO(sent))) <= 2
    again = report_form(world, form(body, *data), key)
    assert (again.status, again.body) == (201, first.body)
    other = report_form(world, form(body, data[0]), key)
    assert fault(other) == (422, "key-reused")


@pytest.mark.parametrize(
    ("fields", "problem", "field"),
    [
        ([("photo", ("1.jpg", b"x", "image/jpeg"))], "invalid", "report"),
        ([("report", ("r", "{", "application/json"))], "not-json", None),
        ([("report", ("r", "NaN", "application/json"))], "not-json", None),
        ([("report", ("r", "[]", "application/json"))], "invalid", None),
        ([("report", ("r", '{"photos": 5}', "application/json"))], "invalid", "photos"),
        ([("photos", ("1.jpg", b"x", "image/jpeg"))], "invalid", "photos"),
        ([("x", "y")], "invalid", "x"),
    ],
)
def test_a_form_that_is_no_report_is_refused(world, fields, problem, field):
    answer = report_form(world, fields, uuid.uuid4().hex)
    assert answer.body["type"].endswith(problem), answer
    if field:
        assert field in [error["field"] for error in answer.body["errors"]]


@pytest.mark.parametrize("more", [("x", "y"), ("photo", ("2.jpg", b"", "image/jpeg"))])
def test_of_a_form_that_is_refused_for_what_comes_last_nothing_is_kept(world, more):
    photos = world.database("gateway")["photos"]
    before = list(photos.find().sort("_id", 1))
    photo = ("photo", ("1.jpg", picture(), "image/jpeg"))
    answer = world.request("POST", "/api/v1/photos", "member", fields=[photo, more])
    assert answer.status in (413, 422)
    assert report_form(world, [photo, ("x", "y")], uuid.uuid4().hex).status == 422
    assert list(photos.find().sort("_id", 1)) == before


def test_nine_photos_and_no_more(world, compound):
    body, data = report_body(compound[1], WAITING), [picture(size=(64, 48)) for _ in range(10)]
    answer = report_form(world, form(body, *data[:9]), uuid.uuid4().hex)
    assert answer.status == 201
    assert len(world.case(answer.body["id"])["photos"]) == 9
    assert fault(report_form(world, form(body, *data), uuid.uuid4().hex)) == (413, "too-large")
    body["photos"] = [ELSEWHERE]
    answer = report_form(world, form(body, *data[:9]), uuid.uuid4().hex)
    assert fault(answer) == (422, "invalid")


def test_a_report_names_photos_that_were_sent_before(world, sent, reported):
    photo = sent()
    issue = reported(photo["url"], ELSEWHERE)
    assert world.case(issue)["photos"] == [photo["url"], ELSEWHERE]


@pytest.mark.parametrize(
    "address",
    [
        NOBODYS,
        "/api/v1/photos/../photos/01ARZ3NDEKTSV4RRFFQ69G5FAV",
        f"{NOBODYS}/thumbnail",
        "/api/v1/photos/01arz3ndektsv4rrffq69g5fav",
        "javascript:alert(1)",
        "//photos.example/1.jpg",
        "data:image/png;base64,AAAA",
        5,
        None,
    ],
)
def test_an_address_that_is_no_photo_is_refused_by_its_place(world, compound, address):
    body = report_body(compound[1], WAITING, photos=[ELSEWHERE, address])
    answer = world.report(body, uuid.uuid4().hex)
    assert fault(answer) == (422, "invalid")
    assert [error["field"] for error in answer.body["errors"]] == ["photos.1"]


def test_somebody_else_s_photo_cannot_be_named(world, people, compound, sent, reported):
    theirs = sent(account=people.neighbour)
    body = report_body(compound[1], WAITING, photos=[theirs["url"]])
    answer = world.report(body, uuid.uuid4().hex)
    assert fault(answer) == (422, "invalid")
    issue = reported()
    answer = world.act(issue, "accept", people.dispatcher, note="属实", photos=[theirs["url"]])
    assert answer.body["errors"][0]["field"] == "photos.0"
    assert shown(world, theirs["url"], "member").status_code == 404


def test_a_photo_that_was_sent_finds_duplicates_and_a_phone_cannot_lie_about_it(
    world, compound, sent
):
    photo = sent()
    lie = "0123456789abcdef"
    body = report_body(compound[1], "06051", photos=[photo["url"]], photo_hashes=[lie])
    issue = world.report(body, uuid.uuid4().hex).body["id"]
    kept = world.database("issues")["issues"].find_one({"_id": issue})
    assert kept["photo_hashes"] == [photo["hash"]]
    query = {"lng": compound[1][0], "lat": compound[1][1], "datum": "WGS-84", "category": "06051"}
    near = world.client("member").get("/issues/nearby", **query, photo_hash=photo["hash"])
    assert issue in [each["id"] for each in near["items"] if each["same_photo"]]
