"""What is refused before it is routed is told to clients of Open311 in their own form only."""

import pytest

from .conftest import Said

KINDS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


def refused_early(world, method, path):
    """What is refused before there is an operation for it."""
    url = f"{world.stack.url}/{path}"
    return Said(world.pool.request(method, url, retries=False, redirect=False))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing.{}", 404),
        ("GET", "requests//x.{}", 404),
        ("DELETE", "requests.{}", 405),
        ("POST", "services.{}", 405),
        ("TRACE", "requests.{}", 405),
        ("GET", "requests.{}?q=%ff", 400),
        ("GET", "%00.{}", 400),
    ],
)
def test_what_is_refused_before_it_is_routed_is_told_in_the_same_form(
    world, kind, method, path, status
):
    answer = refused_early(world, method, "open311/v2/" + path.format(kind))
    assert (answer.status, answer.kind) == (status, KINDS[kind])
    assert [code for code, _ in answer.errors] == [status]
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api/v1/nothing.json", 404),
        ("GET", "open311/v20/requests.xml", 404),
        ("DELETE", "api/v1/issues", 405),
        ("GET", "api/v1/issues?q=%ff", 400),
    ],
)
def test_whoever_is_no_client_of_open311_is_told_by_problem_details(world, method, path, status):
    answer = refused_early(world, method, path)
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert answer.body["status"] == status
