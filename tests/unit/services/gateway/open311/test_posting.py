"""From a form to a report or a remark."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from services.gateway.open311 import posting
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import Report, load
from suishoupai.contracts.search_questions import OutsideRemark

ROW = {"code": "06010", "name": "暴露垃圾"}
NEW = {"service_code": ["06010"], "lat": ["33.48"], "long": ["117.9"], "description": ["垃圾"]}
NOW = datetime(2026, 11, 24, 4, 5, 6, tzinfo=UTC)
PERSON = {
    "email": ["li@example.com"],
    "first_name": ["伟"],
    "last_name": ["李"],
    "phone": ["13812345678"],
    "device_id": ["tt222111"],
    "account_id": ["7"],
}


def test_a_report_has_what_is_needed_and_nothing_of_who_sent_it():
    given = {**NEW, **PERSON, "address_string": ["3 号楼"], "attribute[a]": ["b"]}
    report = posting.report_of(given, ROW, ["https://photos.example/1.jpg"])
    load(Report(), report)
    assert report["location"] == {"lng": 117.9, "lat": 33.48, "datum": "WGS-84"}
    assert not any(value[0] in str(report) for value in PERSON.values() if len(value[0]) > 1)


def test_without_a_description_it_is_the_name_of_the_service():
    given = {name: value for name, value in NEW.items() if name != "description"}
    assert posting.report_of(given, ROW, [])["description"] == "暴露垃圾"


def test_everything_that_is_missing_is_named_at_once():
    with pytest.raises(Problem) as refusal:
        posting.report_of({"address_string": ["3 号楼"]}, None, [])
    assert {error["field"] for error in refusal.value.errors} == {"service_code", "lat", "long"}


def test_a_service_that_there_is_not_is_not_found():
    with pytest.raises(Problem) as refusal:
        posting.report_of(NEW, None, [])
    assert (refusal.value.status, "06010" in str(refusal.value)) == (404, True)


@pytest.mark.parametrize("text", ["nan", "inf", "north", "91", "-90.1", "33,48"])
def test_a_point_is_in_degrees(text):
    with pytest.raises(Problem) as refusal:
        posting.report_of({**NEW, "lat": [text]}, ROW, [])
    assert refusal.value.errors[0]["field"] == "lat"


def test_a_remark_keeps_what_the_case_is_called_elsewhere():
    given = {"service_request_id": ["n"], "update_id": ["9"], "description": ["还在"], **PERSON}
    given |= {"status": ["fixed"], "updated_datetime": ["2026-11-24T12:00:00+08:00"]}
    remark = posting.remark_of(given, [])
    load(OutsideRemark(), remark)
    assert (remark["status"], remark["key"]) == ("FIXED", "9")
    assert remark["observed_at"] == "2026-11-24T04:00:00+00:00"
    assert not any(value[0] in str(remark) for value in PERSON.values() if len(value[0]) > 1)
    with pytest.raises(Problem):
        posting.remark_of({**given, "status": ["MELTED"]}, [])


def test_photos_are_each_named_once_and_bounded():
    given = {"media_url": [" https://a.example/1.jpg", "https://a.example/1.jpg"]}
    assert posting.photos_of(given, ["/x"]) == ["https://a.example/1.jpg", "/x"]
    with pytest.raises(Problem):
        posting.photos_of({"media_url": [f"https://a.example/{n}" for n in range(10)]}, [])


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given_that(TIMES, st.integers(0, 30 * 60))
def test_the_same_request_is_known_again_for_ten_minutes(at, seconds):
    later = at + timedelta(seconds=seconds)
    first, _ = posting.keys_of(NEW, [], at)
    again = posting.keys_of(dict(reversed(NEW.items())), [], later)
    if seconds < 600:
        assert first in again
    if seconds >= 1200:
        assert first not in again


@pytest.mark.parametrize("name", ["phone", "description", "lat"])
def test_another_request_has_another_key(name):
    other = {**NEW, name: ["other"]}
    assert posting.keys_of(NEW, [], NOW)[0] != posting.keys_of(other, [], NOW)[0]
    assert posting.keys_of(NEW, [], NOW)[0] != posting.keys_of(NEW, ["digest"], NOW)[0]
    assert max(map(len, posting.keys_of(NEW, [], NOW))) <= 128
