"""Which addresses are taken."""

import socket
from types import SimpleNamespace

import pytest

from services.gateway.webhooks.handlers import _addressed
from suishoupai import outward
from suishoupai.contracts.problems import Problem

NAMES = {
    "hook.example.org": ["114.114.114.114", "2400:3200::1"],
    "inside.example.org": ["10.0.0.5"],
    "both.example.org": ["114.114.114.114", "169.254.169.254"],
    "six.example.org": ["fd00:ec2::254"],
}


@pytest.fixture(autouse=True)
def names(monkeypatch):
    def look_up(host, port, *_, **__):
        if host not in NAMES and not outward.is_ip(host):
            raise socket.gaierror(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in NAMES.get(host, [host])
        ]

    monkeypatch.setattr(outward.socket, "getaddrinfo", look_up)


def gateway(private_webhooks):
    return SimpleNamespace(settings=SimpleNamespace(private_webhooks=private_webhooks))


@pytest.mark.parametrize("url", ["https://hook.example.org/x?y", "https://114.114.114.114:8443/"])
def test_a_public_address_is_taken_with_its_host(url):
    kept = _addressed(gateway(False), f" {url} ")
    assert (kept["url"], kept["host"]) == (url, url[8:].split("/")[0].split(":")[0])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hook.example.org/", "https"),
        ("https://u:p@hook.example.org/", "user"),
        ("https://hook.example.org\\@10.0.0.1/", "backslash"),
        ("https://127.0.0.1/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://localhost./", "private"),
        ("https://metadata.google.internal/", "private"),
        ("https://017700000001/", "decimal"),
        ("https://inside.example.org/", "private"),
        ("https://both.example.org/", "private"),
        ("https://six.example.org/", "private"),
        ("https://nowhere.example.org/", "no address"),
        ("ftp://hook.example.org/", "not a web address"),
    ],
)
def test_what_is_not_public_is_refused_and_says_why(url, reason):
    with pytest.raises(Problem, match=reason) as caught:
        _addressed(gateway(False), url)
    assert [error["field"] for error in caught.value.errors] == ["url"]


def test_where_it_is_allowed_a_private_one_may_be_plain_http_but_not_nonsense():
    assert _addressed(gateway(True), "http://127.0.0.1:8080/")["host"] == "127.0.0.1"
    with pytest.raises(Problem, match="user"):
        _addressed(gateway(True), "http://u@127.0.0.1/")
