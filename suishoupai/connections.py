"""Connections: requests are read strictly, within a time, and what cannot be read is answered.

eventlet's server waits for ever as long as a byte comes now and then, and reads more leniently
than a proxy may. Here a head of a request has ``HEAD_SECONDS``, a body must keep up
``SLOWEST_BODY``, and both go by ``request_grammar``.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.wsgi import ChunkReadError, HeaderLineTooLong, HeadersTooLarge
from nameko.web.server import HttpOnlyProtocol

from suishoupai.answers import TooSlow, problem_answer, protect
from suishoupai.contracts.problems import Problem
from suishoupai.request_grammar import (
    framing_fault,
    is_header_line,
    is_request_line,
    origin_form,
    size_of_chunk,
)

HEAD_SECONDS = 30.0
"""From the first byte of a request to the end of its headers."""
BODY_SECONDS = 30.0
"""How long a body may take, however slow."""
SLOWEST_BODY = 1024
"""Bytes a second that a body which takes longer must have on average."""
PIECE = 16 * 1024
"""Bytes of a body that are waited for at once."""
MOST_DISCARDED = 32 * 1024 * 1024
"""Bytes of a refused body that are read so that the refusal arrives; then the connection ends."""
LONGEST_CHUNK_LINE = 1024
MOST_TRAILERS = 32
LINGER_SECONDS = 1.0
"""How long it is waited after a refusal for the client to have read it."""
LINGER_PIECES = 64
"""And for how much more of what it sends."""


class Body(wsgi.Input):
    """The body of a request, which must keep coming."""

    def __init__(self, *args: Any, close: Callable[[], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._close = close
        self._started: float | None = None
        self._taken = 0
        self._chunk_left = 0
        self._ended = False
        self._broken = False

    def read(self, length: int | None = None) -> bytes:
        """The next ``length`` bytes, fewer only at the end; raises ``TooSlow``,
        ``ChunkReadError``."""
        pieces: list[bytes] = []
        left = length if length is not None and length >= 0 else None
        while left is None or left > 0:
            wanted = PIECE if left is None else min(PIECE, left)
            piece = self._in_time(super().read, wanted)
            if not piece:
                break
            pieces.append(piece)
            left = None if left is None else left - len(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = None) -> bytes:
        """The next line, or ``size`` bytes of it."""
        return self._in_time(super().readline, PIECE if size is None or size < 0 else size)

    def discard(self, buffer_size: int = PIECE) -> None:
        """Reads what a handler left, or ends the connection where that is too much."""
        left = MOST_DISCARDED
        try:
            while left > 0 and not self._broken:
                piece = self.read(buffer_size)
                if not piece:
                    return
                left -= len(piece)
        except (OSError, ChunkReadError):
            pass
        self._close()

    def _in_time(self, read: Callable[[int], bytes], wanted: int) -> bytes:
        now = time.monotonic()
        self._started = self._started or now
        allowed = max(BODY_SECONDS, (self._taken + wanted) / SLOWEST_BODY)
        try:
            with eventlet.Timeout(self._started + allowed - now, TooSlow("body")):
                taken = read(wanted)
        except TimeoutError as error:  # of this pace, or of a silent connection
            self._break()
            raise TooSlow("body") from error
        except (OSError, ChunkReadError) as error:
            self._break()
            raise ChunkReadError(str(error)) from error
        self._taken += len(taken)
        return taken

    def _break(self) -> None:
        # Where the next request begins is not known any more.
        self._broken = True
        self._close()

    def _chunked_read(
        self, rfile: Any, length: int | None = None, use_readline: bool = False
    ) -> bytes:
        # Instead of eventlet's, which takes any line for a size and reads lines of any length.
        if self.should_send_hundred_continue:
            self.send_hundred_continue_response()
            self.is_hundred_continue_response_sent = True
        if not length or not (self._chunk_left or self._next_chunk()):
            return b""
        read = self.rfile.readline if use_readline else self.rfile.read
        taken: bytes = read(min(length, self._chunk_left))
        if not taken:
            raise ChunkReadError("the body ended early")
        self._chunk_left -= len(taken)
        if not self._chunk_left and self._line() != b"\r\n":
            raise ChunkReadError("a chunk is longer than it says")
        return taken

    def _next_chunk(self) -> bool:
        if self._ended:
            return False
        size = size_of_chunk(self._line())
        if size is None:
            raise ChunkReadError("no size of a chunk")
        self._chunk_left = size
        if not size:
            self._ended = True
            trailers = iter(self._line, b"\r\n")
            if not all(
                is_header_line(line) and n < MOST_TRAILERS for n, line in enumerate(trailers)
            ):
                raise ChunkReadError("no trailers")
        return bool(size)

    def _line(self) -> bytes:
        line: bytes = self.rfile.readline(LONGEST_CHUNK_LINE)
        return line


class _Head:
    """The lines of a request's head, of which each is looked at as it is read."""

    def __init__(self, lines: Any) -> None:
        self._lines = lines
        self.fault: str | None = None

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._lines.readline(size)
        if line != b"\r\n" and not is_header_line(line):
            self.fault = "a header cannot be read" if line else "the headers end early"
        return b"" if self.fault else line


class Connection(HttpOnlyProtocol):
    """One connection and the requests that come on it."""

    rfile: Any
    close_connection: Any
    _deadline = 0.0
    _unread = False
    """Whether the other side may still be sending what nobody reads."""

    def handle_one_request(self) -> None:
        """Reads a request and answers it."""
        try:
            super().handle_one_request()
        except TooSlow:
            self._refuse(Problem("too-slow", f"the headers took more than {HEAD_SECONDS:.0f} s"))

    def _read_request_line(self) -> bytes:
        try:
            if not self.rfile.peek(1):  # waits for the first byte; before it, a connection is idle
                return b""
        except TimeoutError:
            raise
        except (OSError, ValueError):  # reset, or closed from here
            return b""
        self._deadline = time.monotonic() + HEAD_SECONDS
        with self._in_time():
            line: bytes = super()._read_request_line()
            if line == b"\r\n":  # what some send after a body (RFC 9112, 2.2)
                line = super()._read_request_line()
        if len(line) >= self.server.url_length_limit:
            self._refuse(Problem("malformed", "the address is too long"))
            return b""
        return line

    def parse_request(self) -> bool:
        """Whether the head of a request could be read; otherwise it is refused."""
        if not is_request_line(self.raw_requestline):
            self._refuse(Problem("malformed", "the request line cannot be read"))
            return False
        head = self.rfile = _Head(self.rfile)
        try:
            with self._in_time():
                parsed = super().parse_request()
        except (HeaderLineTooLong, HeadersTooLarge):
            parsed, head.fault = True, "the headers are too long"
        if not parsed:
            return False
        target = origin_form(self.raw_requestline.split()[1].decode("ascii"))
        fault = head.fault or framing_fault(self.headers.items(), self.request_version)
        if fault is None and target is None:
            fault = "the target is no address of this server"
        if fault is not None:
            self._refuse(Problem("malformed", fault))
            return False
        self.path = target
        return True

    def get_environ(self) -> dict[str, Any]:
        """The WSGI environment, with a body that is read strictly and in time."""
        environ: dict[str, Any] = super().get_environ()
        if "content-type" not in self.headers:
            del environ["CONTENT_TYPE"]  # eventlet's default would be text/plain
        plain = environ["eventlet.input"]
        body = Body(
            plain.rfile,
            plain.content_length,
            self.connection,
            wfile=plain.wfile,
            wfile_line=plain.wfile_line,
            chunked_input=plain.chunked_input,
            close=self._end,
        )
        environ["wsgi.input"] = environ["eventlet.input"] = body
        environ["wsgi.input_terminated"] = True  # it ends by itself, chunked or not
        return environ

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuses what the standard library could not read; its own page would name versions."""
        self._refuse(Problem("malformed", message or ""))

    def _in_time(self) -> Any:
        return eventlet.Timeout(max(0.0, self._deadline - time.monotonic()), TooSlow("head"))

    def finish(self) -> None:
        """Closes the connection, after the other side had time to read why."""
        with suppress(OSError, ValueError):  # gone already
            self.wfile.flush()
            if self._unread:
                self._linger()
        super().finish()

    def _end(self) -> None:
        self.close_connection = 1
        self._unread = True

    def _refuse(self, problem: Problem) -> None:
        """Answers what is no request, and ends the connection."""
        self._end()
        response = protect(problem_answer(problem))
        response.headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        with suppress(OSError):  # gone already
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + response.get_data())

    def _linger(self) -> None:
        # Closing with unread bytes would reset the connection, and the answer with it.
        self.connection.shutdown(socket.SHUT_WR)
        with eventlet.Timeout(LINGER_SECONDS, False):
            for _ in range(LINGER_PIECES):
                if not self.connection.recv(PIECE):
                    return
