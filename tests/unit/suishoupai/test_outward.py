"""What is posted goes to the very host that was looked at, and follows nobody elsewhere."""

import ipaddress
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suishoupai import outward
from suishoupai.outward import (
    NotPosted,
    addresses_of,
    all_public,
    is_public,
    names_private,
    plain_host,
    post,
    web_address,
)

JSON = {"Content-Type": "application/json"}


class Sink(BaseHTTPRequestHandler):
    """Answers with the status that the path names, and sends redirects on to /200."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append((self.headers["Host"], self.path, body))
        self.send_response(int(self.path.partition("?")[0].strip("/")))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def sink():
    with HTTPServer(("127.0.0.1", 0), Sink) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def resolving(monkeypatch, *addresses):
    """Lets every name have these addresses; says which were asked for."""
    asked = []

    def look_up(host, port, *_, **__):
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    monkeypatch.setattr(outward.socket, "getaddrinfo", look_up)
    return asked


def test_it_connects_to_the_address_that_was_looked_at_once(monkeypatch, sink):
    asked = resolving(monkeypatch, "127.0.0.1")
    url = f"http://Hook.example:{sink.server_port}/200?a=1&b=%20"
    body = json.dumps({"text": "案件"}).encode()
    assert post(url, body, JSON, private_allowed=True) == 200
    assert asked[0] == "hook.example"
    assert "hook.example" not in asked[1:]
    host = f"hook.example:{sink.server_port}"
    assert sink.received == [(host, "/200?a=1&b=%20", {"text": "案件"})]


def test_where_nobody_listens_the_next_address_is_tried(monkeypatch, sink):
    resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
    url = f"http://hook.example:{sink.server_port}/204"
    assert post(url, b"{}", JSON, private_allowed=True) == 204
    assert len(sink.received) == 1


@pytest.mark.parametrize("addresses", [["10.0.0.5"], ["114.114.114.114", "127.0.0.1"], ["::1"]])
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, sink, addresses):
    resolving(monkeypatch, *addresses)
    url = f"http://hook.example:{sink.server_port}/200"
    for attempt in (lambda: post(url, b"{}", JSON, False), lambda: addresses_of(url, False)):
        with pytest.raises(NotPosted, match="private") as caught:
            attempt()
        assert caught.value.status is None
    assert sink.received == []
    assert addresses_of(url, private_allowed=True) == addresses


@pytest.mark.parametrize("status", [302, 307, 404, 410, 500])
def test_only_a_2xx_counts_and_no_redirect_is_followed(sink, status):
    with pytest.raises(NotPosted, match=f"answered {status}") as caught:
        post(f"http://127.0.0.1:{sink.server_port}/{status}", b"{}", JSON, private_allowed=True)
    assert caught.value.status == status
    assert len(sink.received) == 1


def test_who_does_not_listen_or_has_no_name_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(NotPosted, match="no answer"):
            post(url, b"{}", JSON, private_allowed=True)
    with pytest.raises(NotPosted, match="no address"):
        post("http://nowhere.invalid/", b"{}", JSON, private_allowed=True)


@pytest.fixture
def endless():
    """Answers 200 and then never stops."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def pour():
            taken, _ = server.accept()
            taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                taken.sendall(b"x" * 65536)

        def poured():
            with pytest.raises(OSError, match=r"reset|Broken"):
                pour()

        thread = threading.Thread(target=poured)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_of_an_endless_answer_no_more_than_the_status_is_read(endless):
    assert post(f"http://127.0.0.1:{endless}/", b"{}", JSON, private_allowed=True) == 200


def test_who_never_answers_is_left(monkeypatch):
    monkeypatch.setattr(outward, "SECONDS", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(NotPosted, match="no answer: ReadTimeoutError"),
    ):
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        post(url, b"{}", JSON, private_allowed=True)


GOOD = (
    *(
        "https://hook.example:8443/a?b=c#d",
        "http://a.b",
        "https://114.114.114.114/x",
        "HTTP://A.B/",
    ),
    *("https://[2400:3200::1]:8443/", "https://hook.example./x", "https://钩子.例子/案件"),
    *("http://a_b.example/", "https://xn--a.example/", "http://a.b/@c"),
)


@pytest.mark.parametrize("text", GOOD)
def test_what_is_a_web_address_is_kept_as_it_is(text):
    assert web_address(f" {text} ") == text
    assert not names_private(text)


@pytest.mark.parametrize(
    "text",
    [
        *("ftp://a.b/", "http://", "a.b", "//a.b/", "javascript:alert(1)", "file:///etc/passwd"),
        *("http://u:p@a.b/", "http://u@a.b/", "http://@a.b/", "https://a.b\\@127.0.0.1/"),
        *("http://a.b/ c", "http://a.b\r\nX: y/", "http://a.b/\x7f", "http://127.0.0.1\\.a.b/"),
        *("http://[::1", "http://[1:2]/", "http://[v1.x]/", "http://a.b:99999/", "http://a.b:0/"),
        *("http://a..b/", "http://.a.b/", "http://-a.b/", "http://a-.b/", "http://a%2eb/"),
        *(f"http://{'a' * 64}.b/", "https://a.example/" + "x" * 500),
        # An IPv4 address in disguise: one number, octal, hexadecimal, too few parts.
        *("http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://127.1/"),
        *("http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://127.0.0.0x1/", "http://1.2.3.4.5/"),
        *("http://256.1.1.1/", "http://a.0x/", "http://2130706433./", "http://１２７.1/"),
    ],
)
def test_what_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"web address|at most|holds"):
        web_address(text)


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1"),  # noqa: S104 - refused
    *("::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::7f00:1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "64:ff9b:1::1"),
    *("2001:0:7f00:1::", "2001:db8::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address):
    assert not is_public(address)
    assert not all_public(["114.114.114.114", address])
    if "%" not in address:
        host = f"[{address}]" if ":" in address else address
        assert names_private(web_address(f"http://{host}:8080/x"))


@given(st.ip_addresses())
def test_an_address_means_the_same_wrapped_in_ipv6(address):
    if isinstance(address, ipaddress.IPv4Address):
        assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert not is_public(str(address)) or address.is_global


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "a.localhost.", "mongo"),
        *("localhost.localdomain", "ip6-localhost", "printer.local", "metadata.google.internal"),
        *("router.lan", "１２７.０.０.１", "127.0.0.1.", "1.0.0.127.in-addr.arpa", "ｌocalhost"),
    ],
)
def test_names_that_lie_at_home_are_private(host):
    assert names_private(web_address(f"http://{host}/"))


def test_what_is_public_is_and_no_address_at_all_is_not():
    assert all_public(["114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114"])
    assert not all_public([])


@given(st.text(max_size=40))
def test_whatever_is_given_is_an_address_or_refused(text):
    try:
        kept = web_address(f"http://{text}")
    except ValueError:
        return
    assert names_private(kept) in (True, False)
    host = plain_host(outward.urlsplit(kept).hostname)
    assert host.isascii()
    assert not set(host) & set("/\\@?# \t\r\n")


def test_nobody_is_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(outward, "ALTOGETHER_SECONDS", 0.05)
    with pytest.raises(NotPosted, match="no answer within"), outward._limited():
        outward.eventlet.sleep(30)
