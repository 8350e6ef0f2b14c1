"""Reading what is not JSON: a body by pieces, and the parts of a form, each bounded.

Nothing of a size that a stranger chooses is ever in memory: pieces are, files are on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from suishoupai.contracts.problems import Problem

PIECE = 64 * 1024
"""Bytes that are read at a time."""
IN_MEMORY = 256 * 1024
"""Bytes of a part that stay in memory; what is longer lies on disk."""
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Part:
    """One part of a form."""

    name: str
    kind: str | None
    """The media type that was declared, if one was."""
    stream: IO[bytes]
    """Its content, from the beginning; gone when the form is done with."""


def pieces(request: Request, most: int) -> Iterator[bytes]:
    """The body of a request, ``PIECE`` bytes at a time; raises ``Problem``: longer than ``most``
    bytes (before anything is read, where it says so), too slow, or cut off."""
    if (request.content_length or 0) > most:
        raise Problem("too-large", f"at most {most} bytes")
    # Not request.stream: werkzeug takes a chunked body of unknown length for none at all.
    source, left = request.environ["wsgi.input"], most
    while piece := _piece(source):
        left -= len(piece)
        if left < 0:
            raise Problem("too-large", f"at most {most} bytes")
        yield piece


def _piece(source: IO[bytes]) -> bytes:
    try:
        return source.read(PIECE)
    except TimeoutError as error:
        raise Problem("too-slow", "nothing came for too long") from error
    except (OSError, ValueError) as error:
        raise Problem("malformed", f"the body ends early: {error}") from error


def spooled(request: Request, most: int) -> IO[bytes]:
    """The whole body as a file, on disk where it is not small; raises ``Problem``."""
    file = _file()
    for piece in pieces(request, most):
        file.write(piece)
    file.seek(0)
    return file


@contextmanager
def whole_form(request: Request, most_parts: int, most_bytes: int) -> Iterator[list[Part]]:
    """The parts of a ``multipart/form-data`` body, once it has arrived to its end.

    ``most_bytes``: of one part. Raises ``Problem``: another media type, too many or too large
    parts, a form that cannot be read.

    Nothing is done with any of them before it is known that the form is whole: what is refused
    changes nothing.
    """
    with ExitStack() as files:
        parts = []
        for part in _opened(request, most_parts, most_bytes):
            files.enter_context(part.stream)
            parts.append(part)
        yield parts


def _opened(request: Request, most_parts: int, most_bytes: int) -> Iterator[Part]:
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind != MULTIPART:
        raise Problem("unsupported-media-type", f"{MULTIPART} is wanted")
    if not options.get("boundary"):
        raise Problem("malformed", "the form names no boundary")
    decoder = MultipartDecoder(
        options["boundary"].encode(), max_form_memory_size=4 * PIECE, max_parts=most_parts
    )
    body = pieces(request, most_parts * (most_bytes + PIECE))
    try:
        yield from _decoded(decoder, body, most_bytes)
    except RequestEntityTooLarge as error:
        raise Problem("too-large", f"at most {most_parts} parts of {most_bytes} bytes") from error
    except ValueError as error:
        raise Problem("malformed", f"the form cannot be read: {error}") from error


def _decoded(decoder: MultipartDecoder, body: Iterator[bytes], most: int) -> Iterator[Part]:
    part: Part | None = None
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, NeedData):
            decoder.receive_data(next(body, None))
        elif isinstance(event, (Field, File)):
            if not event.name:
                raise ValueError("a part has no name")
            part = Part(event.name, event.headers.get("Content-Type"), _file())
        elif isinstance(event, Data) and part is not None:
            part.stream.write(event.data)
            if part.stream.tell() > most:
                raise Problem("too-large", f"{part.name}: at most {most} bytes")
            if not event.more_data:
                part.stream.seek(0)
                yield part


def _file() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(max_size=IN_MEMORY))
