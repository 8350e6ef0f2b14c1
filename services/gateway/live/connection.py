"""One client's connection: whether it is still there, and how it is cut."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

SENT_AHEAD = 64 * 1024
"""Bytes the kernel may hold for a client that does not take them."""


class Connection:
    """The socket under a request."""

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["eventlet.minimum_write_chunk_size"] = 0  # every frame goes out at once
        self._socket = environ["eventlet.input"].get_socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)

    def is_gone(self) -> bool:
        """Whether the client has left: seen without writing to it."""
        try:
            return not self._socket.fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def cut(self) -> None:
        """Ends the connection; whoever is writing to it is told."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
