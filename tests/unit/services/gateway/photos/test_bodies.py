"""Bodies and forms are read by pieces and bounded, whatever they say of themselves."""

import io

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.gateway.photos.bodies import PIECE, pieces, whole_form
from suishoupai.contracts.problems import Problem

BOUNDARY = "between"


class Slow(io.BytesIO):
    def read(self, size=-1):
        return super().read(size) or self.stop()

    def stop(self):
        raise TimeoutError("timed out")


class CutOff(Slow):
    def stop(self):
        raise OSError("unexpected end of file while parsing chunked data")


def request(body, kind="image/jpeg", length=None, source=io.BytesIO):
    """A request with a body; without a length it is one in chunks."""
    environ = EnvironBuilder(method="POST").get_environ()
    environ |= {"wsgi.input": source(body), "CONTENT_TYPE": kind}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return Request(environ)


def form(*parts, boundary=BOUNDARY):
    """A form of (name, file name, media type, content)."""
    out = b""
    for name, filename, kind, content in parts:
        file = f'; filename="{filename}"' if filename else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
        head += f"Content-Type: {kind}\r\n" if kind else ""
        out += head.encode() + b"\r\n" + content + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def parts(body, most_parts=3, most_bytes=1000, kind=f"multipart/form-data; boundary={BOUNDARY}"):
    with whole_form(request(body, kind), most_parts, most_bytes) as found:
        return [(part.name, part.kind, part.stream.read()) for part in found]


def code(call):
    with pytest.raises(Problem) as refusal:
        call()
    return refusal.value.code


def test_a_body_comes_in_pieces():
    body = bytes(range(256)) * 1000
    assert b"".join(pieces(request(body), len(body))) == body
    assert max(map(len, pieces(request(body), len(body)))) == PIECE


def test_a_body_that_says_it_is_too_long_is_not_read():
    large = request(b"x" * 10, length=11)
    assert code(lambda: list(pieces(large, 10))) == "too-large"
    assert large.environ["wsgi.input"].tell() == 0


def test_a_body_in_chunks_is_bounded_as_it_comes():
    large = request(bytes(10 * PIECE))
    assert code(lambda: list(pieces(large, 2 * PIECE))) == "too-large"
    assert large.environ["wsgi.input"].tell() == 3 * PIECE


@pytest.mark.parametrize(("source", "problem"), [(Slow, "too-slow"), (CutOff, "malformed")])
def test_a_body_that_does_not_come_is_a_problem(source, problem):
    assert code(lambda: list(pieces(request(b"x" * 10, source=source), 100))) == problem


def test_the_parts_of_a_form_come_one_by_one():
    body = form(
        ("report", None, "application/json", b"{}"),
        ("photo", "1.jpg", "image/jpeg", b"\r\n--betwee" * 50),
        ("photo", "../../etc/passwd", None, b""),
    )
    assert parts(body) == [
        ("report", "application/json", b"{}"),
        ("photo", "image/jpeg", b"\r\n--betwee" * 50),
        ("photo", None, b""),
    ]


def test_parts_are_there_once_the_form_is_whole_and_gone_when_it_is_done_with():
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    body = form(("a", None, None, b"1"), ("b", None, None, b"2"))
    with whole_form(request(body, kind), 2, 10) as found:
        assert [part.stream.read() for part in found] == [b"1", b"2"]
    assert all(part.stream.closed for part in found)
    with pytest.raises(Problem), whole_form(request(body[:-20], kind), 2, 10):
        pytest.fail("a form that is cut off is not begun with")


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: parts(form(*[("a", None, None, b"")] * 4)), "too-large"),
        (lambda: parts(form(("a", "f", None, bytes(1001)))), "too-large"),
        (lambda: parts(form(("a", None, None, bytes(1001)))), "too-large"),
        (lambda: parts(form(("a" * 300_000, None, None, b""))), "too-large"),
        (lambda: parts(b"no form at all"), "malformed"),
        (lambda: parts(form(("a", None, None, b"1"))[:-20]), "malformed"),
        (lambda: parts(b""), "malformed"),
        (lambda: parts(form(), kind="multipart/form-data"), "malformed"),
        (lambda: parts(form(), kind="application/json"), "unsupported-media-type"),
        (lambda: parts(form(), kind=f'multipart/form-data; boundary="{"x" * 9000}"'), "malformed"),
        (lambda: parts(form(), kind='multipart/form-data; boundary="ü"'), "malformed"),
    ],
)
def test_a_form_that_is_none_is_refused(call, problem):
    assert code(call) == problem


def test_a_disposition_without_a_name_is_refused():
    body = f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode()
    assert code(lambda: parts(body)) == "malformed"
    body = f"--{BOUNDARY}\r\nX: y\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode()
    assert code(lambda: parts(body)) == "malformed"
