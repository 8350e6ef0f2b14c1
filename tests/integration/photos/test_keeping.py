"""Where photos are kept, and when they leave: the same in the database and in a bucket."""

import io
import os
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from services.gateway.photos.keeping import InBucket, keeping
from services.gateway.photos.store import PhotoStore, thumbnail_name
from services.gateway.photos.sweeping import remove_unwanted
from suishoupai.contracts.problems import Problem
from suishoupai.local.ports import free_port
from suishoupai.rpc import service_token

from ..conftest import report_body
from .pictures import WAITING, fault, shown

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def bucket():
    """A bucket on this machine, as boto3's own variables name it."""
    server = ThreadedMotoServer("127.0.0.1", free_port())
    server.start()
    host, port = server.get_host_and_port()
    named = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "cn-north-1",
    }
    before = {name: os.environ.get(name) for name in named}
    os.environ.update(named)
    where = {"LocationConstraint": "cn-north-1"}
    boto3.client("s3").create_bucket(Bucket="county", CreateBucketConfiguration=where)
    yield "s3://county/photos"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(params=["gridfs", "s3"])
def place(request, world):
    """Each place, in a database of its own."""
    database = world.database("keeping")
    setting = "gridfs" if request.param == "gridfs" else request.getfixturevalue("bucket")
    yield PhotoStore(database, setting)
    database.client.drop_database(database)


def read(store, name):
    return b"".join(store.keeping.read(name))


@pytest.mark.parametrize("size", [0, 1, 255 * 1024, 3_000_000])
def test_what_is_kept_comes_back(place, size):
    data = os.urandom(size)
    place.keeping.put("one", io.BytesIO(data))
    place.keeping.put("two", io.BytesIO(b"other"))
    assert read(place, "one") == data
    assert all(place.keeping.read("one"))


def test_what_was_removed_is_gone_and_removing_again_changes_nothing(place):
    place.keeping.put("one", io.BytesIO(b"data"))
    place.keeping.put("two", io.BytesIO(b"other"))
    place.keeping.remove("one")
    place.keeping.remove("one")
    with pytest.raises(LookupError):
        place.keeping.read("one")
    assert read(place, "two") == b"other"


def kept(store, owner="member", sha256="a", at=LONG_AGO):
    photo = uuid.uuid4().hex
    store.begin(photo, owner, at)
    for name in (photo, thumbnail_name(photo)):
        store.keeping.put(name, io.BytesIO(b"bytes"))
    assert store.finish(photo, {"sha256": sha256, "hash": "0" * 16})
    return photo


def test_a_photo_is_there_once_its_bytes_are(place):
    place.begin("photo", "member", LONG_AGO)
    assert place.find("photo") is None
    assert place.wanted_again("member", "a", LONG_AGO) is None
    assert place.want(["photo"], "member", LONG_AGO) == {}
    assert place.finish("photo", {"sha256": "a", "hash": "0" * 16})
    assert place.find("photo")["_id"] == "photo"


def test_the_same_content_is_kept_once_for_an_account(place):
    first = kept(place)
    place.begin("again", "member", LONG_AGO)
    assert not place.finish("again", {"sha256": "a", "hash": "0" * 16})
    place.give_up("again")
    assert place.leaving(10) == ["again"]
    assert place.wanted_again("member", "a", LONG_AGO)["_id"] == first
    assert kept(place, owner="other") != first


def sweep(store, shown=()):
    """One sweep with the cases showing these photos."""

    def ask(service, question, caller, photos):
        return {"photos": [each for each in photos if each.rpartition("/")[2] in shown]}

    stores = SimpleNamespace(photos=store)
    return remove_unwanted(SimpleNamespace(store=stores, peers=SimpleNamespace(ask=ask)))


def test_only_what_nobody_wants_is_swept(place):
    now = datetime.now(UTC)
    unwanted, used = kept(place), kept(place, sha256="b")
    fresh = kept(place, sha256="c", at=now)
    place.begin("cut-off", "member", LONG_AGO)
    place.begin("coming", "member", now)
    assert sweep(place, [used]) == 2
    assert place.find(unwanted) is None
    with pytest.raises(LookupError):
        place.keeping.read(unwanted)
    with pytest.raises(LookupError):
        place.keeping.read(thumbnail_name(unwanted))
    assert place.find(used)["in_use"] and read(place, used) == b"bytes"
    assert read(place, fresh) == b"bytes"
    assert sweep(place) == 0
    assert place.finish("coming", {"sha256": "d", "hash": "0" * 16})
    assert kept(place)


def test_what_was_wanted_since_it_was_looked_at_stays(place):
    photo = kept(place)
    (read_before,) = place.unwanted(datetime.now(UTC), 10)
    assert place.want([photo], "member", datetime.now(UTC)) == {photo: "0" * 16}
    place.claim_unwanted(read_before)
    assert place.find(photo)


def test_what_leaves_cannot_be_wanted_any_more(place):
    photo = kept(place)
    (read_before,) = place.unwanted(datetime.now(UTC), 10)
    place.claim_unwanted(read_before)
    assert place.want([photo], "member", datetime.now(UTC)) == {}
    assert place.wanted_again("member", "a", datetime.now(UTC)) is None
    assert place.want([kept(place, sha256="b")], "other", datetime.now(UTC)) == {}


def test_while_nobody_says_what_cases_show_nothing_leaves(place):
    photo = kept(place)

    def ask(*args, **options):
        raise Problem("unavailable")

    gateway = SimpleNamespace(store=SimpleNamespace(photos=place), peers=SimpleNamespace(ask=ask))
    with pytest.raises(Problem):
        remove_unwanted(gateway)
    assert place.find(photo)


def test_a_bucket_that_is_not_there_is_unavailable(bucket):
    with pytest.raises(Problem) as refusal:
        InBucket("nobodys", "").put("one", io.BytesIO(b"x"))
    assert refusal.value.code == "unavailable"


@pytest.mark.parametrize("setting", ["", "s3://", "file:///tmp", "gridFS"])
def test_a_place_that_is_none_is_told(world, setting):
    with pytest.raises(ValueError, match="photos are kept"):
        keeping(setting, world.database("gateway"))


def test_a_sweep_asks_the_cases(world, sent, reported):
    """With the real cases and the gateway's own database."""
    unwanted, wanted, fresh = sent(), sent(), sent()
    reported(wanted["url"])
    photos = world.database("gateway")["photos"]
    both = {"_id": {"$in": [unwanted["id"], wanted["id"]]}}
    photos.update_many(both, {"$set": {"wanted_at": LONG_AGO}})
    store = PhotoStore(world.database("gateway"), "gridfs")
    remove_unwanted(
        SimpleNamespace(
            store=SimpleNamespace(photos=store), peers=SimpleNamespace(ask=asking(world))
        )
    )
    assert shown(world, unwanted["url"], "member").status_code == 404
    for photo in (wanted, fresh):
        assert shown(world, photo["url"], "member").status_code == 200
    assert photos.find_one({"_id": wanted["id"]})["in_use"]


def asking(world):
    """Questions as the gateway asks them."""

    def ask(service, question, caller, **arguments):
        response = requests.post(
            f"{world.address(service)}/rpc/{question}",
            json={"caller": caller.to_dict(), **arguments},
            headers={"Authorization": f"Bearer {service_token(world.stack.settings())}"},
            timeout=10,
        )
        assert response.status_code == 200
        return response.json()

    return ask


def test_a_photo_that_leaves_cannot_be_named(world, sent, compound):
    photo = sent()
    leaving = {"$set": {"state": "leaving"}}
    world.database("gateway")["photos"].update_one({"_id": photo["id"]}, leaving)
    body = report_body(compound[1], WAITING, photos=[photo["url"]])
    assert fault(world.report(body, uuid.uuid4().hex)) == (422, "invalid")
