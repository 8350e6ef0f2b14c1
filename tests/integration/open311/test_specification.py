"""GeoReport v2 point by point: each statement of the specification, and how it is checked here."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from ..conftest import eventually
from .conftest import Program, as_texts, registered

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
GETS = ("discovery", "services", "services/06010", "requests", "requests/{id}")
GETS = (*GETS, "servicerequestupdates")
REQUEST = (
    ("service_request_id", str),
    ("status", str),
    ("status_notes", str),
    ("service_name", str),
    ("service_code", str),
    ("description", str),
    ("agency_responsible", (str, type(None))),
    ("service_notice", (str, type(None))),
    ("requested_datetime", str),
    ("updated_datetime", str),
    ("expected_datetime", (str, type(None))),
    ("address", (str, type(None))),
    ("address_id", (str, type(None))),
    ("zipcode", (str, type(None))),
    ("lat", float),
    ("long", float),
    ("media_url", (str, type(None))),
)


def new(point, **more):
    text = f"单元门口垃圾成堆 {uuid.uuid4().hex[:8]}"
    place = {"lat": str(point[1]), "long": str(point[0])}
    return {"service_code": "06010", "description": text, **place, **more}


@pytest.fixture(scope="module")
def case(hotline, compound):
    """A request that has been posted, as it is listed."""
    answer = hotline.post("requests", **new(compound[1], address_string="3 号楼"))
    number = answer.body[0]["service_request_id"]

    def placed():
        (request,) = hotline.get(f"requests/{number}").body
        return request if request["address_id"] else None

    return eventually(placed)


def paths(case):
    return [path.format(id=case["service_request_id"]) for path in GETS]


# Encoding and formats


def test_both_formats_are_utf_8_by_their_headers_and_xml_declares_it(hotline, case):
    for path in paths(case):
        assert hotline.get(path).kind == "application/json; charset=utf-8"
        answer = hotline.get(path, "xml")
        assert answer.kind == "text/xml; charset=utf-8"
        assert re.match(rb"<\?xml version=.1\.0. encoding=.utf-8.\?>", answer.raw)


def test_xml_and_json_say_the_same(hotline, case):
    for path in paths(case):
        answer = hotline.get(path)
        assert answer.status == 200
        assert as_texts(answer.body) == hotline.get(path, "xml").body


def test_the_elements_have_the_names_of_the_specification(hotline, case):
    roots = ("discovery", "services", "service_definition", "service_requests", "service_requests")
    for path, root in zip(paths(case), (*roots, "service_request_updates"), strict=True):
        assert re.search(rf"<{root}[ />]".encode(), hotline.get(path, "xml").raw)


def test_a_format_that_there_is_not_is_not_found(hotline):
    answer = hotline.get("services", "yaml")
    assert (answer.status, answer.kind) == (404, "text/xml; charset=utf-8")


def test_dates_have_their_offset(hotline, case):
    for name in ("requested_datetime", "updated_datetime"):
        assert W3C.fullmatch(case[name])


# jurisdiction_id


def test_the_jurisdiction_is_optional_and_another_one_is_not_found(hotline, case):
    for path in paths(case):
        assert hotline.get(path, jurisdiction_id="341324").status == 200
        assert hotline.get(path, jurisdiction_id="").status == 200
        for kind in ("json", "xml"):
            answer = hotline.get(path, kind, jurisdiction_id="sfgov.org")
            assert answer.status == 404
            assert answer.errors[0][0] == 404 and "jurisdiction_id" in answer.errors[0][1]
    assert hotline.post("requests", jurisdiction_id="sfgov.org").status == 404


# GET services, service definition


def test_services_are_the_catalogue_without_what_is_confidential(world, hotline):
    services = hotline.get("services").body
    rows = world.client("admin").get("/categories")["items"]
    open_rows = {row["code"]: row["name"] for row in rows if not row["confidential"]}
    assert {each["service_code"]: each["service_name"] for each in services} == open_rows
    assert len(open_rows) < len(rows)
    fields = {"service_code", "service_name", "description", "metadata", "type", "keywords"}
    assert all(set(each) == fields | {"group"} for each in services)
    assert {(each["metadata"], each["type"]) for each in services} == {(False, "realtime")}


def test_a_definition_is_of_the_service_that_was_asked_for(hotline):
    assert hotline.get("services/06010").body == {"service_code": "06010", "attributes": []}


@pytest.mark.parametrize("code", ["99999", "94001", "06010.json", "%2e%2e"])
def test_a_service_that_there_is_not_is_not_found(hotline, code):
    answer = hotline.get(f"services/{code}")
    assert answer.status == 404


# POST requests


def test_a_new_request_is_answered_its_id(hotline, compound):
    for kind in ("json", "xml"):
        answer = hotline.post("requests", kind, **new(compound[1], account_id="7"))
        assert answer.status == 200
        (receipt,) = answer.body
        assert set(receipt) == {"service_request_id", "service_notice", "account_id"}
        assert receipt["account_id"] == "7"
        assert hotline.get(f"requests/{receipt['service_request_id']}").status == 200


@pytest.mark.parametrize("missing", ["service_code", "lat", "long"])
def test_what_is_needed_is_named(hotline, compound, missing):
    for kind in ("json", "xml"):
        fields = new(compound[1], address_string="3 号楼", **{missing: ""})
        answer = hotline.post("requests", kind, **fields)
        assert answer.status == 400
        assert [each[0] for each in answer.errors] == [400]
        assert answer.errors[0][1].startswith(f"{missing}:")


@pytest.mark.parametrize("code", ["99999", "94001"])
def test_a_request_for_a_service_that_there_is_not_is_not_found(hotline, compound, code):
    answer = hotline.post("requests", **new(compound[1], service_code=code))
    assert answer.status == 404 and "service_code" in answer.errors[0][1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", "north"),
        ("lat", "40.0"),
        ("media_url", "javascript:alert(1)"),
        ("address_string", "x" * 201),
        ("description", "x" * 4001),
    ],
)
def test_a_parameter_at_fault_is_named_by_its_own_name(hotline, compound, field, value):
    answer = hotline.post("requests", **new(compound[1], **{field: value}))
    assert answer.status == 400
    assert field in answer.errors[0][1].partition(":")[0]


def test_a_description_is_of_up_to_4000_characters_and_any_writing(hotline, compound):
    text = "第一行\n<b>&amp; “引号” 🚮 " + "长" * 3900
    answer = hotline.post("requests", **new(compound[1], description=text))
    number = answer.body[0]["service_request_id"]
    for kind in ("json", "xml"):
        assert hotline.get(f"requests/{number}", kind).body[0]["description"] == text.strip()


def test_of_who_sends_it_nothing_is_kept(world, hotline, compound):
    person = {
        "email": "somebody@example.com",
        "first_name": "Somebodys",
        "last_name": "Familyname",
        "phone": "13800001111",
        "device_id": "device-of-somebody",
        "account_id": "account-of-somebody",
    }
    answer = hotline.post("requests", **new(compound[1], **person))
    number = answer.body[0]["service_request_id"]
    kept = str(world.database("issues")["issues"].find_one({"number": number}))
    assert not [value for value in person.values() if value in kept]


# GET requests


def test_a_request_has_the_fields_of_the_specification(case):
    assert tuple(case) == tuple(name for name, _ in REQUEST)
    for name, kind in REQUEST:
        assert isinstance(case[name], kind), name
    assert case["status"] in ("open", "closed")
    assert case["address"] == "3 号楼"


def test_the_point_is_in_wgs_84(case, compound):
    assert (case["long"], case["lat"]) == pytest.approx(compound[1])


def test_one_request_is_a_list_of_one(hotline, case):
    assert hotline.get(f"requests/{case['service_request_id']}").body == [case]


def test_named_requests_override_all_other_arguments(hotline, case):
    number = case["service_request_id"]
    answer = hotline.get("requests", service_request_id=f"{number},none", status="?", page="x")
    assert answer.body == [case]


def test_the_newest_come_first(hotline, case):
    dates = [each["requested_datetime"] for each in hotline.get("requests").body]
    assert dates == sorted(dates, reverse=True)


def test_dates_are_inclusive_with_any_offset(hotline, case):
    number, at = case["service_request_id"], datetime.fromisoformat(case["requested_datetime"])
    for shown in (at.isoformat(), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")):
        found = hotline.get("requests", start_date=shown, end_date=shown).body
        assert number in [each["service_request_id"] for each in found]
    later = (at + timedelta(seconds=1)).isoformat()
    found = hotline.get("requests", start_date=later).body
    assert number not in [each["service_request_id"] for each in found]


def test_a_span_is_of_90_days_at_most(hotline):
    dates = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-01T00:00:00Z"}
    assert hotline.get("requests", **dates).status == 200
    answer = hotline.get("requests", **dates | {"end_date": "2026-04-01T00:00:01Z"})
    assert answer.status == 400 and answer.errors[0][1].startswith("end_date")


# Tokens


def test_a_token_stands_for_its_request(world, hotline, case):
    number = case["service_request_id"]
    issue = world.database("issues")["issues"].find_one({"number": number})["_id"]
    assert hotline.get(f"tokens/{issue}").body == [{"service_request_id": number, "token": issue}]
    for other in (number, "0" * 26):
        assert hotline.get(f"tokens/{other}").status == 404


# Keys and errors


@pytest.mark.parametrize("key", [None, "", "wrong", "ssp_00000000000000000000000000_" + "A" * 43])
def test_without_a_valid_key_it_is_forbidden_in_both_formats(world, case, key):
    stranger = Program(world.stack.url, key)
    for path in paths(case)[1:]:
        for kind in ("json", "xml"):
            answer = stranger.get(path, kind)
            assert (answer.status, answer.errors[0][0]) == (403, 403), path
    for path in ("requests", "servicerequestupdates"):
        answer = stranger.post(path, "xml", **new((117.9, 33.4)))
        assert (answer.status, answer.errors[0][0]) == (403, 403)


def test_a_person_is_no_program(world):
    headers = {"Authorization": f"Bearer {world.token('admin')}"}
    answer = world.pool.request(
        "GET", f"{world.stack.url}/open311/v2/requests.json", headers=headers
    )
    assert answer.status == 403


def test_what_does_not_exist_is_not_found(hotline):
    for kind in ("json", "xml"):
        answer = hotline.get("requests/341324-19990101-00001", kind)
        assert (answer.status, answer.errors[0][0]) == (404, 404)


def test_discovery_needs_no_key_and_says_where_it_is(world):
    said = Program(world.stack.url, None).get("discovery").body
    (endpoint,) = said["endpoints"]
    assert endpoint["url"] == f"{world.stack.url}/open311/v2"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert set(endpoint["formats"]) == {"text/xml", "application/json"}
    assert W3C.fullmatch(said["changeset"]) and said["contact"] and said["key_service"]


# Not in the specification: the same again, and bodies of other kinds


def test_the_same_request_again_is_the_same(world, hotline, compound):
    fields = new(compound[1], phone="13800001111")
    first = hotline.post("requests", **fields).body[0]
    assert hotline.post("requests", **fields).body[0] == first
    other = hotline.post("requests", **fields | {"phone": "13800002222"}).body[0]
    assert other["service_request_id"] != first["service_request_id"]


def test_a_key_of_the_senders_own_is_honoured(hotline, compound):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    fields = new(compound[1])
    first = hotline.post("requests", headers=headers, **fields).body[0]
    assert hotline.post("requests", headers=headers, **fields).body[0] == first
    answer = hotline.post("requests", headers=headers, **new(compound[1]))
    assert answer.status == 400


def test_another_kind_of_body_is_refused(world, hotline):
    url = f"{world.stack.url}/open311/v2/requests.json?api_key={hotline.key}"
    answer = world.pool.request("POST", url, json={"service_code": "06010"}, retries=False)
    assert (answer.status, answer.json()[0]["code"]) == (400, 400)


def test_a_form_that_is_too_large_is_refused(world, hotline, compound):
    files = [("media", ("a.jpg", b"\xff\xd8\xff" + bytes(22 * 1024 * 1024), "image/jpeg"))]
    answer = hotline.post("requests", files=files, **new(compound[1]))
    assert answer.status == 400 and "bytes" in answer.errors[0][1]


def test_more_than_a_program_may_ask_is_told_with_when_to_come_again(world):
    slow = registered(world, limits={"reads_per_minute": 2})
    answers = [slow.get("services", kind) for kind in ("json", "xml", "json", "xml")]
    assert [each.status for each in answers] == [200, 200, 429, 429]
    for answer in answers[2:]:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.errors[0][0] == 429


def test_a_form_of_unknown_length_is_read_too(world, hotline, compound):
    fields = {**new(compound[1]), "api_key": hotline.key}
    url = f"{world.stack.url}/open311/v2/requests.json"
    body = iter([urlencode(fields).encode()])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = world.pool.request("POST", url, body=body, headers=headers, chunked=True)
    assert answer.status == 200, answer.data


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x" * 1000),
        ("application/x-www-form-urlencoded", b"&=&=%ff%00&" * 1000),
        ("application/x-www-form-urlencoded; charset=utf-16", b"lat=1"),
    ],
)
def test_what_is_no_form_is_refused_and_not_an_error_of_ours(world, hotline, kind, body):
    url = f"{world.stack.url}/open311/v2/requests.xml"
    headers = {"Content-Type": kind, "X-API-Key": hotline.key}
    answer = world.pool.request("POST", url, body=body, headers=headers, retries=False)
    assert answer.status == 400
    without = {"Content-Type": kind}
    assert world.pool.request("POST", url, body=body, headers=without).status == 403


@pytest.mark.parametrize("host", ["a b", "evil.example/<x>", "[::", "x" * 300, "county.example"])
def test_a_host_that_is_made_up_harms_nobody(world, hotline, case, host):
    for path in ("discovery", f"requests/{case['service_request_id']}"):
        url = f"{world.stack.url}/open311/v2/{path}.xml"
        headers = {"Host": host, "X-API-Key": hotline.key}
        answer = world.pool.request("GET", url, headers=headers, retries=False)
        assert answer.status in (200, 400, 404), answer.data
        assert b"<x>" not in answer.data


@pytest.mark.parametrize(
    "query",
    ["service_code=%00", "status=%ff", "page=%F0%9F%9A%AE", "service_request_id=%00,%0d%0a"],
)
def test_odd_parameters_are_no_error_of_ours(world, hotline, query):
    for path in ("requests", "servicerequestupdates", "services"):
        url = f"{world.stack.url}/open311/v2/{path}.xml?{query}&api_key={hotline.key}"
        assert world.pool.request("GET", url, retries=False).status in (200, 400)
