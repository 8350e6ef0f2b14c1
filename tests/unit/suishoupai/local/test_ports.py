"""Ports that stay free for their server."""

import socket
from pathlib import Path

from suishoupai.local import ports


def test_a_free_port_is_never_given_to_outgoing_connections():
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(20):
        port = ports.free_port()
        assert ports.LOWEST <= port < max(lowest, ports.LOWEST + 1) or lowest <= ports.LOWEST
        assert ports.is_free(port)


def test_where_no_such_port_is_left_any_free_one_is_taken(monkeypatch):
    monkeypatch.setattr(ports, "_first_outgoing", lambda: 1024)
    assert ports.is_free(ports.free_port())


def test_a_port_with_a_server_is_taken_and_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.why_taken(port) == "is taken"
        assert ports.answers(port)
    assert ports.is_free(port)
    assert not ports.answers(port)
