"""A form that is refused leaves nothing of its photos; what somebody was answered stays."""

import io
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.gateway.photos.attaching import attaching
from services.gateway.photos.developing import PHOTO, THUMBNAIL
from services.gateway.photos.intake import take_in
from services.gateway.photos.store import RENEWED_AFTER, PhotoStore, thumbnail_name
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import photo_of

from ..conftest import report_body
from ..open311.conftest import registered
from .pictures import NOBODYS, WAITING, fault, form, picture, report_form, shown

MEMBER = Caller("member", ("reporter",))
OUTSIDE = (116.4, 39.9)


def everything(database):
    """All that lies in the database of photos, and in GridFS."""
    names = ("photos", "photos.files", "photos.chunks")
    return {name: list(database[name].find().sort("_id", 1)) for name in names}


@pytest.fixture
def gateway(world):
    """All photos as they are in the gateway's database."""
    return lambda: everything(world.database("gateway"))


def outside(compound, data):
    return form(report_body(OUTSIDE, WAITING), *data)


def of_no_category(compound, data):
    return form(report_body(compound[1], "99999"), *data)


def with_nobodys(compound, data):
    return form(report_body(compound[1], WAITING, photos=[NOBODYS]), *data)


def with_no_photo(compound, data):
    return form(report_body(compound[1], WAITING), *data, b"GIF89a" + bytes(100))


def with_ten(compound, data):
    elsewhere = [f"https://photos.example/{n}.jpg" for n in range(9)]
    return form(report_body(compound[1], WAITING, photos=elsewhere), *data)


REFUSED = (outside, of_no_category, with_nobodys, with_no_photo, with_ten)


@pytest.mark.parametrize("refused", REFUSED)
def test_a_form_that_is_refused_leaves_nothing(world, compound, gateway, refused):
    before = gateway()
    fields = refused(compound, [picture(), picture()])
    for _ in range(2):
        assert report_form(world, fields, uuid.uuid4().hex).status == 422
    assert gateway() == before


@pytest.mark.parametrize("refused", REFUSED)
def test_a_photo_that_was_sent_before_stays_as_it_was(world, compound, gateway, sent, refused):
    data = picture()
    photo, before = sent(data), gateway()
    fields = refused(compound, [picture(), data])
    assert report_form(world, fields, uuid.uuid4().hex).status == 422
    assert gateway() == before
    assert shown(world, photo["url"], "member").status_code == 200


def test_a_form_under_another_report_s_key_leaves_nothing(world, compound, gateway):
    body, key, data = report_body(compound[1], WAITING), uuid.uuid4().hex, picture()
    receipt = report_form(world, form(body, data), key).body
    before = gateway()
    assert fault(report_form(world, form(body, data, picture()), key)) == (422, "key-reused")
    assert gateway() == before
    (url,) = world.case(receipt["id"])["photos"]
    assert shown(world, url, "member").status_code == 200


def test_a_report_that_is_refused_changes_nothing_of_what_it_names(world, gateway, sent):
    photo = sent()
    before = gateway()
    body = report_body(OUTSIDE, WAITING, photos=[photo["url"]])
    assert world.report(body, uuid.uuid4().hex).status == 422
    assert gateway() == before


def test_a_form_that_is_mended_is_taken_with_its_photos(world, compound, gateway):
    data = [picture(), picture()]
    assert report_form(world, outside(compound, data), uuid.uuid4().hex).status == 422
    body = report_body(compound[1], WAITING)
    answer = report_form(world, form(body, *data), uuid.uuid4().hex)
    urls = world.placed(answer.body["id"])["photos"]
    assert len(urls) == 2
    assert {shown(world, url, "dispatcher").status_code for url in urls} == {200}
    rows = world.database("gateway")["photos"]
    assert not rows.count_documents({"held_by": {"$exists": True}})


def test_one_photo_in_many_forms_at_once_stays_where_it_was_taken(world, compound):
    body = report_body(compound[1], WAITING)
    for _ in range(5):
        data = picture(size=(64, 48))
        forms = [form(body, data), outside(compound, [data])] * 4
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda each: report_form(world, each, uuid.uuid4().hex), forms))
        assert {answer.status for answer in answers[1::2]} == {422}
        assert {answer.status for answer in answers[::2]} == {201}
        urls = {url for a in answers[::2] for url in world.case(a.body["id"])["photos"]}
        assert len(urls) == 1
        assert shown(world, urls.pop(), "member").status_code == 200


# Open311


@pytest.fixture(scope="module")
def hotline(world):
    return registered(world)


def media(*photos):
    return [("media", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]


def request_at(point):
    place = {"lat": str(point[1]), "long": str(point[0])}
    return {"service_code": "06010", "description": uuid.uuid4().hex, **place}


@pytest.mark.parametrize(
    "fault",
    [
        {"lat": "39.9"},
        {"media_url": "javascript:alert(1)"},
        {"address_string": "x" * 201},
    ],
)
def test_a_request_that_is_refused_leaves_nothing(hotline, compound, gateway, fault):
    before = gateway()
    answer = hotline.post("requests", files=media(picture()), **request_at(compound[1]) | fault)
    assert answer.status == 400
    assert gateway() == before


def test_a_request_with_one_that_is_no_photo_leaves_nothing(hotline, compound, gateway):
    before, files = gateway(), media(picture(), b"no photo")
    assert hotline.post("requests", files=files, **request_at(compound[1])).status == 400
    assert gateway() == before


def update_of(number):
    return {"service_request_id": number, "update_id": uuid.uuid4().hex, "description": "还在"}


@pytest.mark.parametrize(
    "fault",
    [
        {"service_request_id": "none"},
        {"update_id": "x" * 65},
        {"updated_datetime": "2099-01-01T00:00:00Z"},
    ],
)
def test_an_update_that_is_refused_leaves_nothing(hotline, compound, gateway, fault):
    (receipt,) = hotline.post("requests", **request_at(compound[1])).body
    before = gateway()
    said = update_of(receipt["service_request_id"]) | fault
    answer = hotline.post("servicerequestupdates", files=media(picture()), **said)
    assert answer.status in (400, 404)
    assert gateway() == before


def test_what_is_taken_by_open311_keeps_its_photos(world, hotline, compound):
    posted = hotline.post("requests", files=media(picture()), **request_at(compound[1]))
    number = posted.body[0]["service_request_id"]
    said = update_of(number)
    answer = hotline.post("servicerequestupdates", files=media(picture()), **said)
    assert answer.status == 200
    case = world.case(world.database("issues")["issues"].find_one({"number": number})["_id"])
    (remark,) = (entry for entry in case["history"] if entry["action"] == "remark")
    urls = [*case["photos"], *remark["photos"]]
    assert len(urls) == 2
    for url in urls:
        assert shown(world, url, X_API_Key=hotline.key).status_code == 200


# The store, at times and in orders of our choosing


@pytest.fixture
def database(world):
    database = world.database("attaching")
    yield database
    database.client.drop_database(database)


@pytest.fixture
def taking(database):
    """As much of a gateway as takes photos in; nothing is developed."""

    def develop(folder, kind):
        for name in (PHOTO, THUMBNAIL):
            (folder / name).write_bytes(b"developed")
        sizes = dict.fromkeys(("width", "height", "bytes", "thumbnail_bytes"), 9)
        return {**sizes, "hash": "0" * 16, "taken_at": None, "location": None}

    return SimpleNamespace(
        store=SimpleNamespace(photos=PhotoStore(database, "gridfs")),
        settings=SimpleNamespace(photo_bytes=1000),
        darkroom=SimpleNamespace(develop=develop),
    )


def jpeg(content):
    return io.BytesIO(b"\xff\xd8\xff" + content)


class Reported(ExitStack):
    """A call that has taken in the photos of its form and is not decided yet."""

    def __init__(self, gateway, contents):
        super().__init__()
        take = self.enter_context(attaching(gateway, MEMBER))
        self.photos = {photo_of(take(jpeg(content), None)) for content in contents}

    def end(self, error):
        with suppress(Problem), self:
            if error:
                raise Problem(error)


ENDS = {"taken": None, "refused": "invalid", "failed": "unavailable"}
CALLS = st.tuples(
    st.integers(0, 9),
    st.integers(1, 9),
    st.lists(st.sampled_from([b"a", b"b"]), min_size=1, max_size=3),
    st.sampled_from([*ENDS, "alone"]),
)
"""When a call begins, for how long it is undecided, what it sends, and what becomes of it."""


def played(gateway, calls):
    """The photos that somebody was answered, once every call has come and gone in its order."""
    times = [(at, 1, n) for n, (at, _, _, _) in enumerate(calls)]
    times += [(at + takes, 0, n) for n, (at, takes, _, _) in enumerate(calls)]
    answered, begun = set(), {}
    for _, begins, n in sorted(times):
        _, _, contents, end = calls[n]
        if end == "alone":
            if begins:
                sent = (take_in(gateway, MEMBER, jpeg(each), None) for each in contents)
                answered |= {photo["id"] for photo in sent}
        elif begins:
            begun[n] = Reported(gateway, contents)
        else:
            begun[n].end(ENDS[end])
            answered |= set() if end == "refused" else begun[n].photos
    return answered


def apart(calls):
    """Whether no call begins before the one before it is decided."""
    spans = sorted((at, at + takes) for at, takes, _, _ in calls)
    return all(end <= begin for (_, end), (begin, _) in pairwise(spans))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=st.lists(CALLS, min_size=1, max_size=4))
def test_what_somebody_was_answered_stays_and_what_nobody_was_goes(database, taking, calls):
    for name in everything(database):
        database[name].delete_many({})
    answered = played(taking, calls)
    kept = {row["_id"] for row in database["photos"].find({"state": "ready"})}
    assert answered <= kept
    if apart(calls):
        assert answered == kept
    names = {name for photo in kept for name in (photo, thumbnail_name(photo))}
    assert {file["_id"] for file in database["photos.files"].find()} == names
    assert {piece["files_id"] for piece in database["photos.chunks"].find()} == names
    assert not database["photos"].count_documents({"held_by": {"$exists": True}})


def kept(store, at):
    photo = uuid.uuid4().hex
    store.begin(photo, "member", at)
    assert store.finish(photo, {"sha256": photo, "hash": "0" * 16})
    return photo


AGES = st.integers(0, 2 * RENEWED_AFTER // timedelta(seconds=1))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(age=AGES)
@pytest.mark.parametrize("how", ["named", "sent"])
def test_who_wants_a_photo_has_it_for_a_week_less_an_hour(database, taking, how, age):
    store, now = taking.store.photos, datetime(2026, 7, 1, 8, tzinfo=UTC)
    at = now - timedelta(seconds=age)
    photo = kept(store, at)
    if how == "named":
        assert store.want([photo], "member", now) == {photo: "0" * 16}
    else:
        assert store.wanted_again("member", photo, now)["_id"] == photo
    wanted = store.find(photo)["wanted_at"]
    assert wanted.replace(tzinfo=UTC) == (now if age > RENEWED_AFTER.total_seconds() else at)


def test_the_same_that_was_let_go_before_it_was_found_is_sent_anew(taking, database):
    """One is kept while the other is developed, and is refused before the other looks again."""
    first = Reported(taking, [b"a"])
    store, finish = taking.store.photos, taking.store.photos.finish

    def finish_late(photo, described):
        done = finish(photo, described)
        first.end("invalid")
        return done

    store.finish = finish_late
    database["photos"].update_one({}, {"$set": {"sha256": "hidden"}})
    looked = store.wanted_again

    def look(*arguments):
        found = looked(*arguments)
        database["photos"].update_one({"sha256": "hidden"}, {"$set": {"sha256": arguments[1]}})
        return found

    store.wanted_again = look
    photo = take_in(taking, MEMBER, jpeg(b"a"), None)
    assert photo["id"] not in first.photos
    assert b"".join(store.keeping.read(photo["id"])) == b"developed"
    assert store.find(photo["id"]) and database["photos"].count_documents({}) == 1


def test_one_photo_twice_in_a_form_is_let_go_too(taking, database):
    Reported(taking, [b"a", b"a"]).end("invalid")
    assert not any(everything(database).values())


def test_a_photo_that_a_case_shows_is_never_let_go(taking):
    call = Reported(taking, [os.urandom(8)])
    (photo,) = call.photos
    taking.store.photos.mark_used([photo])
    call.end("invalid")
    assert taking.store.photos.find(photo)
