"""Every problem there is, in the form of Open311."""

import json
from xml.etree import ElementTree

import pytest

from services.gateway.open311.refusals import errors_of, refused, status_of
from suishoupai.contracts.problems import TITLES, Problem, invalid_fields

EXPECTED = {
    401: 403,
    403: 403,
    404: 404,
    405: 405,
    429: 429,
    500: 500,
    503: 503,
}
"""Status of a problem → that in Open311; every other one is 400."""


@pytest.mark.parametrize("code", TITLES)
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_every_problem_has_a_status_of_the_specification(code, kind):
    answer = refused(Problem(code, "why", retry_after=7), {"format": kind})
    expected = EXPECTED.get(TITLES[code][0], 400)
    assert answer.status_code == status_of(code) == expected
    assert answer.headers["Retry-After"] == "7"
    if kind == "json":
        assert json.loads(answer.data) == [{"code": expected, "description": "why"}]
    else:
        (error,) = ElementTree.fromstring(answer.data)  # noqa: S314 - our own answer
        assert (error.tag, error.find("code").text) == ("error", str(expected))


def test_each_field_at_fault_is_an_error_by_the_name_it_came_with():
    problem = invalid_fields(
        {"location": {"lat": ["a"]}, "photos": {3: ["b"]}, "category": ["c"], "page": ["d"]}
    )
    assert [error["description"] for error in errors_of(problem)] == [
        "lat: a",
        "media_url: b",
        "service_code: c",
        "page: d",
    ]


def test_without_a_detail_the_title_is_said_and_without_a_format_in_xml():
    answer = refused(Problem("internal"), {})
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert TITLES["internal"][1] in answer.data.decode()
