"""Bodies are read within bounds, and answers leave with what protects who reads them."""

from io import BytesIO

import pytest
from eventlet.wsgi import ChunkReadError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from suishoupai import bodies
from suishoupai.answers import PROTECTION, TooSlow, as_problem, protect
from suishoupai.bodies import LONGEST_BODY, SHORT, Waiting, read_json
from suishoupai.contracts.problems import Problem
from suishoupai.mongo import AutoReconnect


class Body(BytesIO):
    """A body as a connection gives it."""

    chunked_input = False


def request(body, kind="application/json", told=None, **headers):
    environ = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": body if isinstance(body, BytesIO) else Body(body),
        "CONTENT_LENGTH": str(len(body) if told is None else told),
        **headers,
    }
    if kind is not None:
        environ["CONTENT_TYPE"] = kind
    return Request(environ)


def refusal(read, *args, **options):
    with pytest.raises(Problem) as caught:
        read(request(*args, **options))
    return caught.value.code


@pytest.mark.parametrize(
    "kind",
    [None, "", "application/json", "Application/JSON; charset=UTF-8", "application/geo+json"],
)
def test_json_is_taken_whatever_it_is_called(kind):
    assert read_json(request(b'{"a": 1}', kind)) == {"a": 1}


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/xml",
        "application/json; charset=gb18030",
        "nonsense",
    ],
)
def test_another_type_is_refused(kind):
    assert refusal(read_json, b"{}", kind) == "unsupported-media-type"


def test_what_is_packed_is_refused():
    assert refusal(read_json, b"{}", HTTP_CONTENT_ENCODING="gzip") == "unsupported-media-type"


def test_a_long_body_is_refused_before_it_is_read():
    body = Body(b"x")
    assert refusal(Waiting().read, body, told=LONGEST_BODY + 1) == "too-large"
    assert body.tell() == 0


def test_a_body_that_is_longer_than_it_says_is_refused():
    body = Body(b" " * (LONGEST_BODY + 1))
    body.chunked_input = True
    asked = request(body, told="")
    with pytest.raises(Problem) as caught:
        Waiting().read(asked)
    assert caught.value.code == "too-large"


def test_a_body_that_ends_early_is_refused_even_if_it_could_be_read():
    assert refusal(Waiting().read, b"{}", told=3) == "malformed"


def test_a_body_that_was_waited_for_is_read_from_memory():
    waiting = Waiting()
    asked = request(b'{"a": 1}')
    waiting.read(asked)
    assert read_json(asked) == {"a": 1}
    upload = request(b"\x89PNG", "image/png")
    waiting.read(upload)
    assert upload.environ["wsgi.input"].tell() == 0


def test_when_too_much_is_being_sent_long_bodies_are_refused_and_short_ones_are_not(monkeypatch):
    monkeypatch.setattr(bodies, "MOST_WAITING", SHORT)
    waiting = Waiting()

    class Slow(Body):
        """A long body, during which others come."""

        def read(self, size=-1):
            if self.tell() == SHORT:
                short = request(b"1" * 10)
                waiting.read(short)
                assert read_json(short) == 1_111_111_111
            return super().read(size)

    assert refusal(waiting.read, Slow(b"1" * SHORT * 2), told=SHORT * 2) == "unavailable"
    monkeypatch.undo()
    waiting.read(request(b"1" * SHORT * 2))
    assert waiting._bytes == 0


def test_an_answer_is_protected_and_a_handlers_word_stands():
    response = protect(Response("x", headers={"Cache-Control": "public"}))
    assert response.headers["Cache-Control"] == "public"
    for name in set(PROTECTION) - {"Cache-Control"}:
        assert response.headers[name] == PROTECTION[name]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Problem("gone"), "gone"),
        (TooSlow(), "too-slow"),
        (ChunkReadError(), "malformed"),
        (RequestEntityTooLarge(), "too-large"),
        (NotFound(), "not-found"),
        (AutoReconnect(), "unavailable"),
        (KeyError("secret"), "internal"),
    ],
)
def test_every_error_is_told_as_a_problem(error, code):
    problem = as_problem(error)
    assert problem.code == code
    assert "secret" not in str(problem.to_dict())
