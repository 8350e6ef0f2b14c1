"""The gateway's edge: what comes over the wire in a wrong way is refused, costs little, and harms
nobody else."""

import json
import uuid
from contextlib import ExitStack

import psutil
import pytest

from services.gateway.api import OPERATIONS
from services.gateway.operation import ANYBODY
from suishoupai.answers import PROTECTION

from .conftest import report_body
from .gateways import gateway
from .wire import connected, exchange, get, post

SEAT = (117.91, 33.48)
LOGIN = "/api/v1/login"
CREDENTIALS = json.dumps({"username": "member", "password": "suishoupai"}).encode()
SMUGGLED = get("/docs")
GROWTH = 64 * 1024 * 1024
"""Bytes that a process may be larger after an attack: its caches, and the interpreter's arenas."""


@pytest.fixture(autouse=True)
def it_still_answers_and_is_no_larger(world):
    """After every test in this file, as before it."""
    process = psutil.Process(world.stack.pid("gateway"))
    assert world.request("GET", "/api/v1/grids/at?lng=117.91&lat=33.48&datum=WGS-84", "member")
    before = process.memory_info().rss
    yield
    answer = world.request("GET", "/api/v1/grids/at?lng=117.91&lat=33.48&datum=WGS-84", "member")
    assert answer.status == 200
    assert process.memory_info().rss - before < GROWTH


HEAD = b"POST /api/v1/login HTTP/1.1\r\nHost: county\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Content-Length: 5, 5\r\n\r\n12345",
        HEAD + b"Content-Length: +5\r\n\r\n12345",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length : 5\r\n\r\n12345",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: \x00\r\n\r\n",
        HEAD + b"Host: another\r\n\r\n",
        HEAD + b"no colon\r\n\r\n",
        HEAD.replace(b"county", b"county/path") + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: county\n\n",
        b"GET /\r\n",
        b"GET  / HTTP/1.1\r\nHost: county\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT county:443 HTTP/1.1\r\nHost: county\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: county\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
        get("/", *[f"X-{number}: y" for number in range(200)]),
        get("/", "X: " + "y" * 9000),
        get("/" + "y" * 9000),
        get("/", *[f"X-{number}: {'y' * 8000}" for number in range(20)]),
    ],
)
def test_what_two_readers_could_read_differently_is_refused_once_and_for_all(world, sent):
    answers = exchange(world.stack.url, sent + SMUGGLED)
    assert [(each.status, each.problem) for each in answers] == [(400, "malformed")]
    assert answers[0].headers["connection"] == "close"
    assert_protected(answers[0].headers)


@pytest.mark.parametrize(
    "body",
    [
        b"x\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}xx\r\n0\r\n\r\n",
        b"2\n{}\r\n0\r\n\r\n",
        b"\r\n2\r\n{}\r\n0\r\n\r\n",
        b"fffffffff\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
        b"2;" + b"x" * 100_000,
        b"0" * 100_000,
    ],
)
def test_chunks_are_read_strictly(world, body):
    sent = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + SMUGGLED
    answer, *more = exchange(world.stack.url, sent)
    assert (answer.status, answer.problem, more) == (400, "malformed", [])


def test_what_is_unusual_but_clear_is_taken(world):
    chunked = b"".join(b"%x;a=b\r\n%c\r\n" % (1, byte) for byte in CREDENTIALS)
    chunked += b"0\r\nTrailer: x\r\n\r\n"
    expecting = [f"Content-Length: {len(CREDENTIALS)}", "Expect: 100-continue"]
    for sent in (
        post(LOGIN, chunked, framing="Transfer-Encoding: Chunked"),
        post(f"http://county{LOGIN}", CREDENTIALS),
        post(LOGIN, CREDENTIALS).replace(b"HTTP/1.1", b"HTTP/1.0"),
        b"\r\n" + post(LOGIN, CREDENTIALS),
    ):
        (answer,) = exchange(world.stack.url, sent)
        assert answer.status == 200, answer
    go_on, answer = exchange(world.stack.url, post(LOGIN, CREDENTIALS, *expecting, framing=""))
    assert (go_on.status, answer.status) == (100, 200)
    (answer,) = exchange(world.stack.url, get("/healthz", method="HEAD"))
    assert (answer.status, answer.body) == (200, b"")
    pipelined = get("/healthz").replace(b"Connection: close\r\n", b"") + get("/nothing")
    assert [each.status for each in exchange(world.stack.url, pipelined)] == [200, 404]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("//api/v1/issues", 404),
        ("/api//v1/issues", 404),
        ("/api/v1/../v1/issues", 404),
        ("/docs/../openapi.json", 404),
        ("/docs/%2e%2e/openapi.json", 404),
        ("/docs/..%2fopenapi.json", 404),
        ("/docs/..%5copenapi.json", 404),
        ("/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
        ("/docs/....//start.js", 404),
        ("/docs/start.js;x=1", 404),
        ("/docs;/start.js", 404),
        ("/./docs", 404),
        ("/DOCS", 404),
        ("/docs/", 404),
        ("/docs/%00", 400),
        ("/docs/start.js%00.png", 400),
        ("/docs/%c0%ae%c0%ae", 400),
        ("/docs/%ff", 400),
        ("/docs/%zz", 400),
        ("/docs/a%0d%0aSet-Cookie:%20x=y", 400),
        ("/docs/\\..\\x", 400),
        ("/docs?a=%ff", 400),
        ("/openapi.json#x", 400),
    ],
)
def test_a_path_with_tricks_leads_nowhere(world, path, status):
    (answer,) = exchange(world.stack.url, get(path))
    assert answer.status == status
    assert answer.problem == {404: "not-found", 400: "malformed"}[status]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PURGE", "PROPFIND", "CONNECT", "OPTIONS"])
def test_a_method_that_is_not_there_is_refused(world, method):
    (answer,) = exchange(world.stack.url, get("/api/v1/issues", method=method))
    assert (answer.status, answer.problem) == (405, "method-not-allowed")


def assert_protected(headers):
    assert "server" not in headers
    assert headers["content-security-policy"].startswith("default-src '")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    for name in set(PROTECTION) - {"Content-Security-Policy", "Cache-Control"}:
        assert headers[name.lower()] == PROTECTION[name]
    assert headers["cache-control"]
    assert "strict-transport-security" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "sent",
    [
        get("/"),
        get("/docs"),
        get("/docs/swagger-ui.css"),
        get("/openapi.json"),
        get("/healthz"),
        get("/readyz"),
        get("/metrics"),
        get("/nothing"),
        get("/rpc/categories", method="POST"),
        get("/docs/%00"),
        get("/api/v1/issues", "Origin: https://map.example.cn", "X-Forwarded-Proto: https"),
        get("/api/v1/issues", method="TRACE"),
        get("/docs", method="HEAD"),
        post(LOGIN, b"{"),
        post(LOGIN, CREDENTIALS),
        post(LOGIN, CREDENTIALS, "Content-Type: text/plain"),
    ],
)
def test_every_answer_is_protected(world, sent):
    (answer,) = exchange(world.stack.url, sent)
    assert_protected(answer.headers)


def test_every_operation_answers_a_stranger_with_protection(world):
    for operation in OPERATIONS:
        path = operation.path.replace("<", "").replace(">", "")
        answer = world.request(operation.method, path)
        assert answer.status == operation.status or 400 <= answer.status < 500, operation.id
        assert operation.roles == ANYBODY or answer.status >= 400, operation.id
        assert_protected({name.lower(): value for name, value in answer.headers.items()})


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=gbk"]
)
def test_what_is_not_called_json_is_refused(world, kind):
    (answer,) = exchange(world.stack.url, post(LOGIN, CREDENTIALS, f"Content-Type: {kind}"))
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"category": "06010", "category": "06001"}', "category"),
        ('{"description": "a\\u0000b"}', "description"),
        ('{"description": "\\ud83d"}', "description"),
        ('{"location": {"lng": 1e999}}', "location.lng"),
        (f'{{"location": {{"lng": {"1" * 100_000}}}}}', "location.lng"),
        (f'{{"photos": [{2**63}]}}', "photos.0"),
    ],
)
def test_a_report_that_cannot_be_kept_names_its_field(world, text, field):
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    answer = world.request("POST", "/api/v1/issues", "member", body=text, headers=headers)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" + b"[]," * 300_000 + b"[]]",
        b"[" + b"1e5," * 200_000 + b"1]",
        b"9" * 1_000_000,
        b'"' + b"\\u0000" * 160_000 + b'"',
        b"{" + b",".join(b'"%d":{}' % number for number in range(30_000)) + b"}",
    ],
)
def test_a_bomb_goes_off_outside(world, bomb):
    for _ in range(10):
        (answer,) = exchange(world.stack.url, post(LOGIN, bomb))
        assert answer.status in (400, 422)


def test_a_body_that_ends_early_is_refused_and_a_longer_one_is_another_request(world):
    (answer,) = exchange(
        world.stack.url, post(LOGIN, CREDENTIALS, framing="Content-Length: 500"), end=True
    )
    assert (answer.status, answer.problem) == (400, "malformed")
    cut = post(LOGIN, b"1f4\r\n" + CREDENTIALS, framing="Transfer-Encoding: chunked")
    (answer,) = exchange(world.stack.url, cut, end=True)
    assert (answer.status, answer.problem) == (400, "malformed")
    short = post(LOGIN, CREDENTIALS, framing=f"Content-Length: {len(CREDENTIALS) - 1}")
    first, *_ = exchange(world.stack.url, short)
    assert (first.status, first.problem) == (400, "not-json")


def test_a_long_body_is_refused_before_it_was_sent(world):
    (answer,) = exchange(
        world.stack.url, post(LOGIN, b"x", framing="Content-Length: 999999999999"), end=True
    )
    assert (answer.status, answer.problem) == (413, "too-large")


def test_an_endless_body_is_cut(world):
    sent = 0
    head = post(LOGIN, b"", framing="Transfer-Encoding: chunked").replace(
        b"Connection: close\r\n", b""
    )
    with connected(world.stack.url) as connection:
        connection.sendall(head)
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with pytest.raises(OSError):
            while sent < 256 * 1024 * 1024:
                connection.sendall(chunk)
                sent += len(chunk)
    assert sent < 128 * 1024 * 1024


def test_no_value_reaches_a_header_or_a_line_of_the_log(world, tmp_path):
    forged = 'x\\r\\n{"forged": 1}'
    with gateway(world, tmp_path, trusted_proxies=1) as own:
        for value in (forged, "a" * 5000, '"},{"forged":"1', "\xff\xfe"):
            lines = [f"X-Request-ID: {value}", f"X-Forwarded-For: {value}", f"Origin: {value}"]
            body = json.dumps({"username": "a\r\nforged", "password": "b"}).encode()
            (answer,) = exchange(own.url, post(LOGIN, body, *lines))
            assert answer.status == 401
            assert "forged" not in str(answer.headers)
        (answer,) = exchange(own.url, get("/api/v1/issues?a=x%0d%0aSet-Cookie:%20y=z"))
        assert "set-cookie" not in answer.headers
        text = own.log.read_text(encoding="utf-8")
    for line in filter(None, text.splitlines()):
        assert "forged" not in json.loads(line)


def test_the_address_in_the_audit_log_is_the_one_a_trusted_proxy_saw(world, tmp_path):
    def made(where, forwarded):
        headers = {"Authorization": f"Bearer {world.token('admin')}", "X-Forwarded-For": forwarded}
        program = where.request("POST", "/api/v1/programs", json={"name": "x"}, headers=headers)
        path = f"/api/v1/audit?subject={program.body['id']}"
        return world.request("GET", path, "admin").body["items"][0]["address"]

    assert made(world, "203.0.113.9") == "127.0.0.1"
    with gateway(world, tmp_path, trusted_proxies=1) as own:
        assert made(own, "9.9.9.9, 203.0.113.9") == "203.0.113.9"
        assert made(own, '"forged"') == "127.0.0.1"


def test_an_address_is_counted_over_everything_and_told_when_to_come_again(world, tmp_path):
    with gateway(world, tmp_path, requests_per_minute=5, trusted_proxies=1) as own:

        def asked(path, address):
            return own.request("GET", path, headers={"X-Forwarded-For": address})

        paths = ["/docs", "/nothing", "/api/v1/issues", "/openapi.json", "/docs", "/docs"]
        statuses = [asked(path, "203.0.113.9").status for path in paths]
        assert statuses == [200, 404, 401, 200, 200, 429]
        full = asked("/api/v1/issues", "6.6.6.6, 203.0.113.9")
        assert 1 <= int(full.headers["Retry-After"]) <= 60
        assert asked("/docs", "203.0.113.10").status == 200
        assert own.request("GET", "/healthz").status == 200


def test_only_pages_of_named_origins_may_ask(world, tmp_path):
    ours, others = "https://map.example.cn", "https://evil.example"
    with gateway(world, tmp_path, cors_origins=ours) as own:
        asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
        answer = own.pool.request("OPTIONS", own.url + LOGIN, headers={"Origin": ours, **asks})
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == ours
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        answer = own.pool.request("OPTIONS", own.url + LOGIN, headers={"Origin": others, **asks})
        assert answer.status == 405
        for origin, allowed in ((ours, ours), (others, None)):
            answer = own.request("GET", "/api/v1/issues", headers={"Origin": origin})
            assert answer.status == 401
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
            assert answer.headers["Vary"] == "Origin"


def test_the_workings_are_not_shown_to_the_world(world):
    through = {"X-Forwarded-For": "203.0.113.9"}
    assert world.pool.request("GET", world.stack.url + "/metrics").status == 200
    assert world.request("GET", "/metrics", headers=through).status == 404
    assert set(world.request("GET", "/readyz").body) == {"status", "failing"}
    assert set(world.request("GET", "/readyz", headers=through).body) == {"status"}
    assert world.request("POST", "/rpc/categories", "admin").status == 404


def test_a_filter_that_is_given_twice_is_refused(world):
    answer = world.request("GET", "/api/v1/issues?limit=1&limit=2", "member")
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["limit"]


def test_hundreds_of_open_connections_hold_no_report_up(world):
    body = report_body(SEAT)
    with ExitStack() as stack:
        for _ in range(700):
            connection = stack.enter_context(connected(world.stack.url))
            connection.sendall(b"GET /docs HTTP/1.1\r\n")
        assert world.report(body, uuid.uuid4().hex).status == 201
