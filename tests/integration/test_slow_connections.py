"""The gateway's edge against whoever is slow, or holds too many connections."""

import socket
import time
from contextlib import ExitStack, contextmanager

from .conftest import eventually
from .gateways import gateway
from .test_edge import CREDENTIALS, GROWTH, LOGIN, assert_protected
from .wire import connected, exchange, post, read_answer


@contextmanager
def hasty(world, folder, **changed):
    """A gateway that waits a second for what others wait half a minute for."""
    patch = "connections.HEAD_SECONDS = connections.BODY_SECONDS = 1.0; connections.PIECE = 512"
    with gateway(world, folder, patch=patch, **changed) as own:
        yield own


def dribble(connection, piece, seconds=15.0):
    """Sends a byte now and then until an answer comes, and gives it."""
    connection.settimeout(0.1)
    deadline = time.monotonic() + seconds
    with connection.makefile("rb", buffering=0) as stream:
        while time.monotonic() < deadline:
            try:
                connection.sendall(piece)
                if connection.recv(1, socket.MSG_PEEK):
                    connection.settimeout(5.0)
                    return read_answer(stream)
            except TimeoutError:
                continue
    raise AssertionError("not cut")


SLOW = {
    "request line": (b"GET /docs", b"x"),
    "headers": (b"GET /docs HTTP/1.1\r\nHost: county\r\n", b"X: y\r\n"),
    "one header": (b"GET /docs HTTP/1.1\r\nHost: county\r\nX: ", b"y"),
    "body": (post(LOGIN, b"", framing="Content-Length: 100000"), b" "),
    "chunks": (post(LOGIN, b"", framing="Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    "size of a chunk": (post(LOGIN, b"", framing="Transfer-Encoding: chunked"), b"0"),
    "trailers": (post(LOGIN, b"0\r\n", framing="Transfer-Encoding: chunked"), b"X: y\r\n"),
}


def test_whoever_dribbles_is_cut_and_holds_nobody_up(world, tmp_path):
    with hasty(world, tmp_path) as own, ExitStack() as stack:
        before = own.process.memory_info().rss
        slow = []
        for _ in range(40):
            for start, _ in SLOW.values():
                connection = stack.enter_context(connected(own.url))
                connection.sendall(start)
                slow.append(connection)
        assert own.request("GET", "/docs").status == 200
        for name, (start, piece) in SLOW.items():
            with connected(own.url) as connection:
                connection.sendall(start)
                answer = dribble(connection, piece)
                assert (answer.status, answer.problem) == (408, "too-slow"), name
                assert answer.headers["connection"] == "close"
                assert_protected(answer.headers)
        for connection in slow:
            with connection.makefile("rb") as stream:
                assert read_answer(stream).status == 408
                assert read_answer(stream) is None
        assert own.request("GET", "/docs").status == 200
        assert own.process.memory_info().rss - before < GROWTH


def test_a_body_that_keeps_coming_is_waited_for(world, tmp_path):
    with hasty(world, tmp_path) as own, connected(own.url) as connection:
        body = b" " * 40_000 + CREDENTIALS
        connection.sendall(post(LOGIN, b"", framing=f"Content-Length: {len(body)}"))
        started = time.monotonic()
        for start in range(0, len(body), 2000):
            connection.sendall(body[start : start + 2000])
            time.sleep(0.1)
        assert time.monotonic() - started > 1.5
        with connection.makefile("rb") as stream:
            assert read_answer(stream).status == 200


def test_there_are_only_so_many_connections(world, tmp_path):
    patch = "web.OTHER_CONNECTIONS = 20"
    with gateway(world, tmp_path, patch=patch, stream_connections=0) as own:
        with ExitStack() as stack:
            held = [stack.enter_context(connected(own.url)) for _ in range(20)]
            for connection in held:
                connection.sendall(b"GET")
            eventually(lambda: [each.status for each in exchange(own.url, b"")] == [503])
            (answer,) = exchange(own.url, b"")
            assert answer.problem == "unavailable"
            assert answer.headers["retry-after"] == "5"
            assert_protected(answer.headers)
        eventually(own.is_ready)
