"""Webhooks go to the very host that was looked at, and follow nobody elsewhere."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.notify import webhooks
from services.notify.webhooks import NotPosted, post


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

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", look_up)
    return asked


def test_it_connects_to_the_address_that_was_looked_at_once(monkeypatch, sink):
    asked = resolving(monkeypatch, "127.0.0.1")
    url = f"http://hook.example:{sink.server_port}/200?a=1&b=%20"
    post(url, {"text": "案件"}, private_allowed=True)
    assert asked[0] == "hook.example"
    assert "hook.example" not in asked[1:]
    host = f"hook.example:{sink.server_port}"
    assert sink.received == [(host, "/200?a=1&b=%20", {"text": "案件"})]


@pytest.mark.parametrize("addresses", [["10.0.0.5"], ["114.114.114.114", "127.0.0.1"], ["::1"]])
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, sink, addresses):
    resolving(monkeypatch, *addresses)
    with pytest.raises(NotPosted, match="private"):
        post(f"http://hook.example:{sink.server_port}/200", {}, private_allowed=False)
    assert sink.received == []


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_only_a_2xx_counts_and_no_redirect_is_followed(sink, status):
    with pytest.raises(NotPosted, match=f"answered {status}"):
        post(f"http://127.0.0.1:{sink.server_port}/{status}", {}, private_allowed=True)
    assert len(sink.received) == 1


def test_who_does_not_listen_or_has_no_name_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(NotPosted, match="no answer"):
            post(url, {}, private_allowed=True)
    with pytest.raises(NotPosted, match="no address"):
        post("http://nowhere.invalid/", {}, private_allowed=True)
