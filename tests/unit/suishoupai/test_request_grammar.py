"""The grammar of requests: what only some readers would accept is refused."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suishoupai.request_grammar import (
    framing_fault,
    is_header_line,
    is_plain_path,
    is_request_line,
    origin_form,
    path_fault,
    size_of_chunk,
)

HOST = ("Host", "county.example:8000")


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1\r\n", b"TRACE /a?b=c HTTP/1.0\r\n", b"OPTIONS * HTTP/1.1\r\n"]
)
def test_a_request_line_is_read(line):
    assert is_request_line(line)


@pytest.mark.parametrize(
    "line",
    [
        b"GET /\r\n",
        b"GET / HTTP/1.1\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b" GET / HTTP/1.1\r\n",
        b"GET /\ta HTTP/1.1\r\n",
        b"GET /\xe7\x94\xb2 HTTP/1.1\r\n",
        b"GET /a\x00 HTTP/1.1\r\n",
        b"get / HTTP/1.1\r\n",
        b"GET / HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"GET / HTTP/1.1\rX: y\r\n",
        b"\x16\x03\x01\x02\r\n",
    ],
)
def test_another_request_line_is_refused(line):
    assert not is_request_line(line)


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length : 5\r\n",
        b" folded\r\n",
        b"\tfolded\r\n",
        b"no colon\r\n",
        b": no name\r\n",
        b"a b: c\r\n",
        b"a: b\n",
        b"a: b\rc: d\r\n",
        b"a: b\x00\r\n",
        b"a: b",
        b"",
        b"\r\n",
    ],
)
def test_another_header_line_is_refused(line):
    assert not is_header_line(line)


@given(st.binary(max_size=40))
def test_no_value_of_a_header_holds_another_line(value):
    accepted = is_header_line(b"a:" + value + b"\r\n")
    assert accepted == (re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value) is None)


LENGTH, CHUNKED = ("Content-Length", "5"), ("Transfer-Encoding", "Chunked")
TWICE = "is given more than once"
UNCHUNKED = "transfer-encoding must be chunked, in HTTP/1.1"


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ([HOST], None),
        ([HOST, LENGTH], None),
        ([HOST, CHUNKED], None),
        ([("host", "[::1]:80")], None),
        ([], "host is missing"),
        ([HOST, HOST], f"host {TWICE}"),
        ([("Host", "a/b")], "host is not a host"),
        ([("Host", "a b")], "host is not a host"),
        ([("Host", "a:b")], "host is not a host"),
        ([HOST, LENGTH, ("content-length", "5")], f"content-length {TWICE}"),
        ([HOST, CHUNKED, ("transfer-encoding", "x")], f"transfer-encoding {TWICE}"),
        ([HOST, LENGTH, CHUNKED], "content-length and transfer-encoding together"),
        ([HOST, ("Transfer-Encoding", "gzip, chunked")], UNCHUNKED),
        ([HOST, ("Transfer-Encoding", "\x0bchunked")], UNCHUNKED),
        ([HOST, ("Transfer-Encoding", "identity")], UNCHUNKED),
    ],
)
def test_where_a_request_ends_is_never_a_guess(headers, fault):
    assert framing_fault(headers, "HTTP/1.1") == fault


@pytest.mark.parametrize(
    "length", ["+5", "-1", "5, 5", "0x5", "1_0", "٥", "", "9" * 16, "5 5", "5.0"]
)
def test_a_length_is_digits_and_nothing_else(length):
    headers = [HOST, ("Content-Length", length)]
    assert framing_fault(headers, "HTTP/1.1") == "content-length is not a number"


def test_the_old_version_needs_no_host_and_has_no_chunks():
    assert framing_fault([LENGTH], "HTTP/1.0") is None
    assert framing_fault([CHUNKED], "HTTP/1.0") == UNCHUNKED


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"0\r\n", 0),
        (b"1f;name=value\r\n", 31),
        (b"FF ;x\r\n", 255),
        (b"", None),
        (b"\r\n", None),
        (b"-1\r\n", None),
        (b"+1\r\n", None),
        (b"0x1\r\n", None),
        (b"1_0\r\n", None),
        (b" 1\r\n", None),
        (b"1\n", None),
        (b"1\rx\r\n", None),
        (b"fffffffff\r\n", None),
    ],
)
def test_a_size_of_a_chunk_is_hexadecimal_and_nothing_else(line, size):
    assert size_of_chunk(line) == size


@given(st.integers(0, 2**32 - 1))
def test_every_size_of_a_chunk_is_read(size):
    assert size_of_chunk(b"%x\r\n" % size) == size


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?b", "/a?b"),
        ("//a", "//a"),
        ("http://county.example/a?b=c", "/a?b=c"),
        ("https://county.example", "/"),
        ("http://county.example?b", "/?b"),
        ("*", None),
        ("county.example:443", None),
        ("ftp://county.example/a", None),
        ("http:///a", None),
    ],
)
def test_a_target_names_a_path_here(target, path):
    assert origin_form(target) == path


@given(st.text())
def test_a_path_that_was_encoded_whole_is_read_unless_it_has_control_characters(text):
    try:
        path = "/" + quote(text)
    except UnicodeEncodeError:
        return
    assert (path_fault(path) is None) == (re.search("[\x00-\x1f\x7f]", text) is None)


UNREADABLE = "/%00 /%0d%0aX:%20y /a%7F /%c0%ae /%ed%a0%80 /%zz /% /a\\b /a#b"
TRICKS = "// //a /a//b /../a /a/.. /a/. /./a /%2e%2e/a /a/%2E%2e /a%2fb /a%5Cb a/b *"


@pytest.mark.parametrize("path", UNREADABLE.split())
def test_a_path_that_cannot_be_read_is_refused(path):
    assert path_fault(path)


def test_a_query_that_is_not_utf8_is_refused():
    assert path_fault("/", "a=%ff")
    assert path_fault("/", "a=%e7%94%b2+b&c") is None


@pytest.mark.parametrize("path", ["/", "/a", "/a/b", "/a/", "/a;x=1/b", "/a..b/.c", "/%E7%94%B2"])
def test_a_plain_path_is_plain(path):
    assert is_plain_path(path)


@pytest.mark.parametrize("path", TRICKS.split())
def test_a_path_with_tricks_is_not(path):
    assert not is_plain_path(path)
