"""HTTP as bytes on a socket, for requests that no client would send."""

import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 20.0
"""Longest wait for anything from the other side."""


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def problem(self):
        assert self.headers["content-type"] == "application/problem+json", self
        return json.loads(self.body)["type"].rpartition(":")[2]


def connected(url):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)


def read_answer(stream, head=False):
    """The next answer on a connection, or None when it was closed."""
    line = stream.readline()
    if not line:
        return None
    headers = {}
    while (row := stream.readline()) not in (b"\r\n", b""):
        name, _, value = row.decode("latin-1").partition(":")
        assert name.lower() not in headers, f"{name} twice"
        headers[name.lower()] = value.strip()
    length = 0 if head else int(headers.get("content-length", 0))
    return Answer(int(line.split()[1]), headers, stream.read(length))


def exchange(url, sent, end=False):
    """All answers to some bytes, until the other side closes or nothing is left to answer."""
    with connected(url) as connection, connection.makefile("rb") as stream:
        connection.sendall(sent)
        if end:
            connection.shutdown(socket.SHUT_WR)
        answers = []
        while (answer := read_answer(stream, head=sent.startswith(b"HEAD"))) is not None:
            answers.append(answer)
        return answers


def get(path, *headers, version="HTTP/1.1", method="GET"):
    """A request without a body, after which the connection is closed."""
    lines = [f"{method} {path} {version}", "Host: county", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def post(path, body, *headers, framing=None):
    """A request with a body, after which the connection is closed."""
    framing = f"Content-Length: {len(body)}" if framing is None else framing
    lines = [f"POST {path} HTTP/1.1", "Host: county", "Connection: close", framing, *headers]
    return "\r\n".join([*filter(None, lines), "", ""]).encode("latin-1") + body
