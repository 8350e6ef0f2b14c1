"""Ports of this machine's loopback address."""

from __future__ import annotations

import errno
import secrets
import socket
from contextlib import closing
from pathlib import Path

HOST = "127.0.0.1"
LOWEST = 10_000
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port nobody listens on now, and that no outgoing connection will be given.

    A port the system also gives to outgoing connections can be gone when its server is restarted,
    even to a client of that very server which happens to connect to itself.
    """
    candidates = range(LOWEST, _first_outgoing())
    for _ in range(100 if candidates else 0):
        port = secrets.choice(candidates)
        if is_free(port):
            return port
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _first_outgoing() -> int:
    try:
        return int(_OUTGOING.read_text().split()[0])
    except OSError:  # not Linux
        return 32768


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    return why_taken(port) is None


def why_taken(port: int) -> str | None:
    """Why no server of this user could listen on the port now, or None."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            denied = error.errno == errno.EACCES
            return "is not this user's to take" if denied else "is taken"
    return None


def answers(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
