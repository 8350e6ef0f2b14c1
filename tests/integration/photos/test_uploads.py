"""Photos that come in pieces, by the tus protocol and with its own client."""

import hashlib
import io
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests
from PIL import Image
from tusclient import client as tus
from tusclient.exceptions import TusUploadFailed

from ..conftest import eventually
from .pictures import picture, shown


@pytest.fixture
def tus_client(world):
    def tus_client(account="member"):
        headers = {"Authorization": f"Bearer {world.token(account)}"}
        return tus.TusClient(world.stack.url + "/api/v1/photos/uploads", headers)

    return tus_client


def uploads(world, method, url, account="member", body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {world.token(account)}"} | named
    url = url if url.startswith("http") else world.stack.url + url
    return requests.request(method, url, data=body, headers=named, timeout=60)


def patch(world, url, offset, body, **headers):
    kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(offset)}
    return uploads(world, "PATCH", url, body=body, **kind | headers)


def begun(world, data, account="member", **headers):
    length = {"Upload_Length": str(len(data))}
    answer = uploads(world, "POST", "/api/v1/photos/uploads", account, **length | headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("checked", [False, True])
def test_the_real_client_goes_on_where_it_was_cut_off(world, tus_client, checked):
    data = picture(size=(900, 700), quality=95)
    first = tus_client().uploader(
        file_stream=io.BytesIO(data), chunk_size=20_000, upload_checksum=checked
    )
    first.upload(stop_at=40_000)
    second = tus_client().uploader(
        file_stream=io.BytesIO(data), url=first.url, chunk_size=50_000, upload_checksum=checked
    )
    assert second.offset == 40_000
    second.upload()
    url = second.request.response_headers["suishoupai-photo"]
    plain = {"Authorization": f"Bearer {world.token('member')}"}
    upload = requests.get(first.url, headers=plain, timeout=30)
    assert upload.json()["photo"]["url"] == upload.headers["Suishoupai-Photo"] == url
    assert Image.open(io.BytesIO(shown(world, url, "member").content)).size == (900, 700)


def test_what_arrived_before_a_connection_broke_is_not_sent_again(world, tus_client):
    data = picture(size=(3200, 2400), quality=98)
    assert len(data) > 300_000
    url = begun(world, data)

    def half():
        yield data[:200_000]
        raise ConnectionError("the lift door closed")

    kind = "application/offset+octet-stream"
    with pytest.raises(requests.ConnectionError):
        patch(world, url, 0, half(), Content_Type=kind)
    offset = eventually(
        lambda: int(uploads(world, "HEAD", url).headers["Upload-Offset"]), seconds=40
    )
    assert 0 < offset <= 200_000
    uploader = tus_client().uploader(file_stream=io.BytesIO(data), url=world.stack.url + url)
    uploader.upload()
    photo = uploads(world, "GET", url).json()["photo"]
    digest = hashlib.sha256(data).hexdigest()
    kept = world.database("gateway")["photos"].find_one({"_id": photo["id"]})
    assert kept["sha256"] == digest
    assert not world.database("gateway")["upload_pieces"].count_documents(
        {"upload": url.rpartition("/")[2]}
    )


def test_what_is_understood_is_said(world):
    answer = requests.options(world.stack.url + "/api/v1/photos/uploads", timeout=30)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert {"creation", "termination", "expiration", "checksum"} <= set(
        answer.headers["Tus-Extension"].split(",")
    )
    assert answer.headers["Tus-Max-Size"] == str(20 * 1024 * 1024)


def test_another_offset_is_refused_and_says_so(world):
    data = picture()
    url = begun(world, data)
    assert patch(world, url, 0, data[:100]).headers["Upload-Offset"] == "100"
    for offset in (0, 99, 101):
        answer = patch(world, url, offset, data[100:200])
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("wrong-offset")
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    head = uploads(world, "HEAD", url)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("100", str(len(data)))
    assert head.headers["Cache-Control"] == "no-store"


def test_of_two_that_go_on_at_once_one_is_first(world):
    data = picture()
    url = begun(world, data)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: patch(world, url, 0, data), range(6)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409, 409, 409]
    photo = uploads(world, "GET", url).json()["photo"]
    kept = world.database("gateway")["photos"].find_one({"_id": photo["id"]})
    assert kept["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_piece_that_was_broken_on_the_way_is_not_kept(world):
    data = picture()
    url = begun(world, data)
    good = b64encode(hashlib.sha256(data[:100]).digest()).decode()
    broken = patch(world, url, 0, data[1:101], Upload_Checksum=f"sha256 {good}")
    assert (broken.status_code, broken.json()["type"].rpartition(":")[2]) == (460, "wrong-checksum")
    for wrong in ("md5 AAAA", "sha256 ***", "sha1"):
        assert patch(world, url, 0, data[:100], Upload_Checksum=wrong).status_code in (400, 460)
    assert uploads(world, "HEAD", url).headers["Upload-Offset"] == "0"
    answer = patch(world, url, 0, data[:100], Upload_Checksum=f"sha256 {good}")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "100")


def test_an_upload_that_is_no_photo_is_refused_and_forgotten(world, tus_client):
    with pytest.raises(TusUploadFailed) as failure:
        tus_client().uploader(file_stream=io.BytesIO(b"GIF89a" + bytes(500))).upload()
    assert failure.value.status_code == 422
    assert b"unusable-photo" in failure.value.response_content
    named = "filetype " + b64encode(b"image/png").decode()
    url = begun(world, data := picture(), Upload_Metadata=f"filename YQ==,{named}")
    assert patch(world, url, 0, data).status_code == 422
    assert uploads(world, "HEAD", url).status_code == 404


def test_a_complete_upload_that_was_cut_off_becomes_a_photo_when_it_is_asked_for(world):
    data = picture()
    url = begun(world, data)
    patch(world, url, 0, data[:-10])
    database = world.database("gateway")
    upload = database["uploads"].find_one({"_id": url.rpartition("/")[2]})
    database["upload_pieces"].insert_one(
        {"_id": "last", "upload": upload["_id"], "data": data[-10:]}
        | {"expires_at": upload["expires_at"]}
    )
    database["uploads"].update_one(
        {"_id": upload["_id"]}, {"$set": {"offset": len(data)}, "$push": {"pieces": "last"}}
    )
    head = uploads(world, "HEAD", url)
    assert shown(world, head.headers["Suishoupai-Photo"], "member").status_code == 200


def test_an_upload_is_its_account_s_and_ends_when_that_says_so(world, people):
    url = begun(world, picture())
    for method in ("HEAD", "GET", "DELETE"):
        assert uploads(world, method, url, people.neighbour).status_code == 404
    assert uploads(world, "DELETE", url).status_code == 204
    assert uploads(world, "HEAD", url).status_code == 404
    assert patch(world, url, 0, b"x").status_code == 404


def test_an_upload_expires(world):
    url = begun(world, picture())
    rows, upload = world.database("gateway")["uploads"], url.rpartition("/")[2]
    kept = rows.find_one({"_id": upload})
    left = kept["expires_at"].replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    past = datetime.now(UTC) - timedelta(seconds=1)
    rows.update_one({"_id": upload}, {"$set": {"expires_at": past}})
    assert uploads(world, "HEAD", url).status_code in (410, 404)
    for name in ("uploads", "upload_pieces"):
        indexes = world.database("gateway")[name].index_information()
        assert any(index.get("expireAfterSeconds") == 0 for index in indexes.values())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Length": "abc"}, 422),
        ({"Upload_Length": "-1"}, 422),
        ({"Upload_Length": "0"}, 422),
        ({"Upload_Length": str(20 * 1024 * 1024 + 1)}, 413),
        ({"Upload_Length": "9" * 500}, 422),
        ({}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": "filetype ***"}, 400),
        ({"Upload_Length": "5", "Tus_Resumable": "0.2.2"}, 412),
    ],
)
def test_an_upload_that_cannot_be_is_not_begun(world, headers, status):
    answer = uploads(world, "POST", "/api/v1/photos/uploads", **headers)
    assert answer.status_code == status, answer.text
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"


def test_no_account_begins_uploads_without_end(world):
    who = world.account("beginner", "reporter")
    row = {"owner": who, "length": 5, "offset": 0, "pieces": [], "photo": None}
    later = datetime.now(UTC) + timedelta(hours=1)
    world.database("gateway")["uploads"].insert_many(
        [{**row, "_id": f"begun-{n}", "expires_at": later} for n in range(100)]
    )
    answer = uploads(world, "POST", "/api/v1/photos/uploads", who, Upload_Length="5")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_piece_says_what_it_is_and_is_no_longer_than_what_is_left(world):
    data = picture()
    url = begun(world, data)
    assert patch(world, url, 0, data, Content_Type="image/jpeg").status_code == 415
    assert patch(world, url, 0, data + b"more").status_code == 413
