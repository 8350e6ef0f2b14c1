"""Browsers may ask from named origins only, and strangers see nothing of the workings."""

from dataclasses import replace

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from services.gateway.admission import Gate
from services.gateway.edge import Edge
from suishoupai import rpc
from suishoupai.contracts.problems import Problem
from suishoupai.rpc import service_token
from suishoupai.settings import read_settings

MAP = "https://map.example.cn"


def make_edge(**changed):
    settings = replace(read_settings(), cors_origins=(MAP,), **changed)
    return Edge(settings, Gate(settings))


def request(method="GET", peer="203.0.113.1", **headers):
    builder = EnvironBuilder(
        method=method,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        environ_base={"REMOTE_ADDR": peer},
    )
    return Request(builder.get_environ())


def answered(edge, asked):
    response = edge.before(asked) or Response("x")
    edge.after(asked, response)
    return response


def test_a_named_origin_may_read_answers():
    headers = answered(make_edge(), request(Origin=MAP)).headers
    assert headers["Access-Control-Allow-Origin"] == MAP
    assert "Location" in headers["Access-Control-Expose-Headers"]
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", MAP + ".evil.example", MAP.upper(), MAP + "/"]
)
def test_no_other_origin_may(origin):
    asked = request("OPTIONS", Origin=origin, Access_Control_Request_Method="POST")
    for each in (asked, request(Origin=origin)):
        edge = make_edge()
        assert edge.before(each) is None
        headers = answered(edge, each).headers
        assert not [name for name, _ in headers if name.startswith("Access-Control")]
        assert headers["Vary"] == "Origin"


def test_a_browser_that_asks_first_is_told_what_it_may():
    asked = request("OPTIONS", Origin=MAP, Access_Control_Request_Method="PATCH")
    response = answered(make_edge(), asked)
    assert response.status_code == 204
    assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
    assert "X-API-Key" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert make_edge().before(request("OPTIONS", Origin=MAP)) is None


@pytest.mark.parametrize(
    ("proxies", "scheme", "only"),
    [(1, "https", True), (1, "http, https", True), (1, "https, http", False), (0, "https", False)],
)
def test_only_a_trusted_proxy_says_that_it_came_over_tls(proxies, scheme, only):
    response = answered(make_edge(trusted_proxies=proxies), request(X_Forwarded_Proto=scheme))
    assert ("Strict-Transport-Security" in response.headers) is only


@pytest.mark.parametrize(
    ("peer", "headers", "shown"),
    [
        ("127.0.0.1", {}, True),
        ("172.18.0.5", {}, True),
        ("1.1.1.1", {}, False),
        ("127.0.0.1", {"X_Forwarded_For": "127.0.0.1"}, False),
        ("10.0.0.1", {"Forwarded": "for=10.0.0.2"}, False),
        ("10.0.0.1", {"Via": "1.1 proxy"}, False),
        ("1.1.1.1", {"Authorization": "Bearer wrong"}, False),
        ("1.1.1.1", {"Authorization": "Bearer the-services"}, True),
    ],
)
def test_the_workings_are_shown_to_whoever_runs_it(monkeypatch, peer, headers, shown):
    monkeypatch.setattr(rpc, "_own_token", lambda: "the-services")
    assert make_edge(trusted_proxies=1).is_operator(request(peer=peer, **headers)) is shown


def test_services_know_each_other_by_a_token_of_the_secret():
    settings = read_settings()
    assert service_token(settings) != service_token(replace(settings, token_secret="another"))


def to(path):
    return Request(EnvironBuilder(path=path).get_environ())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/open311/v2/requests.json", "application/json"),
        ("/open311/v2/nothing.json", "application/json"),
        ("/open311/v2/requests.xml", "text/xml"),
        ("/open311/v2/nothing", "text/xml"),
        ("/open311/v2/", "text/xml"),
    ],
)
def test_a_client_of_open311_is_refused_in_its_own_form(path, kind):
    problem = Problem("too-many-requests", "come again", retry_after=7)
    response = make_edge().refused(to(path), problem)
    assert (response.status_code, response.mimetype) == (429, kind)
    assert response.headers["Retry-After"] == "7"
    assert "come again" in response.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/v1/issues", "/", "/open311", "/open311/v20/requests.json"])
def test_whoever_is_none_is_told_by_problem_details(path):
    assert make_edge().refused(to(path), Problem("not-found")) is None
