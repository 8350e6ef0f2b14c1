"""Ids that were guessed, bent or loaded: none opens anything, breaks anything or gets through.

Every operation with something in its path is tried, as whoever may call it.
"""

import http.client
import json
import re
from urllib.parse import quote, urlencode, urlsplit

import pytest
from ulid import ULID

from services.gateway.api import OPERATIONS

from .asking import READING
from .callers import allowed
from .footprint import changed_since, prepared, still_at_rest
from .recipes import ask

NAMING = [operation for operation in OPERATIONS if "<" in operation.path]
TRICKS = (
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    "x%00.json",
    "%ff%fe",
    "%25%32%66",
    "%24ne",
    "%7b%22%24gt%22%3a%22%22%7d",
    "x%0d%0aX-Injected:%20yes",
    "x%0aSet-Cookie:%20a=b",
    "' OR '1'='1",
    "*",
    "null",
    "-1",
    "9" * 40,
    "A" * 3000,
    "%E6%B3%97" * 300,
)
"""What stands in an address instead of an id, as it is sent."""
FEW = ("..%2f..%2f..%2fetc%2fpasswd", "%24ne", "null")
"""What is tried as every other role: how an address is read does not depend on who sends it."""
REFUSALS = (400, 401, 403, 404, 405, 414, 422)


def given_to(scene, operation):
    """What each caller who may sends of their own; and the footprint once that is there."""
    still_at_rest(scene.world)
    asked = [
        (caller, ask(operation, scene, scene.target(caller, "inside"), caller))
        for caller in allowed(operation)
    ]
    return asked, prepared(scene.world)


def raw(scene, operation, caller, given, path):
    """One request whose address is sent just so, which no HTTP client with manners would."""
    body = given.data if given.json is None else json.dumps(given.json).encode()
    kind = {} if given.json is None else {"Content-Type": "application/json"}
    headers = {**scene.callers.headers(caller), **kind, **given.headers}
    query = f"?{urlencode(given.query)}" if given.query else ""
    connection = http.client.HTTPConnection(urlsplit(scene.world.stack.url).netloc, timeout=30)
    connection.putrequest(operation.method, "", skip_accept_encoding=True)
    # http.client would refuse a blank or quote it: the request line is set aside from its checks.
    line = f"{operation.method} {path}{query} HTTP/1.1".replace("' OR '1'='1", "'%20OR%20'1'='1")
    connection._buffer[0] = line.encode("latin-1")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body or b"")))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, dict(response.getheaders()), response.read()
    connection.close()
    return answer


def filled(path, given, **put):
    """A path with its names filled in, some as they are sent and the others quoted."""
    return re.sub(r"<(\w+)>", lambda name: put.get(name[1]) or quote(given[name[1]], safe=""), path)


def paths(operation, given, put):
    """The operation's address once for each of its names, with ``put`` there."""
    for bent in re.findall(r"<(\w+)>", operation.path):
        yield filled(operation.path, given.path, **{bent: put})


@pytest.mark.parametrize("operation", NAMING, ids=lambda operation: operation.id)
def test_a_bent_id_opens_nothing(scene, operation):
    asked, before = given_to(scene, operation)
    faults = []
    for number, (caller, given) in enumerate(asked):
        for trick in FEW if number else TRICKS:
            for path in paths(operation, given, trick):
                status, headers, body = raw(scene, operation, caller, given, path)
                injected = {"X-Injected", "Set-Cookie"} & headers.keys()
                if status not in REFUSALS or injected or b"root:" in body:
                    shown = path if len(path) < 200 else path[:200] + "…"
                    faults.append(f"{caller} {operation.method} {shown}: {status} {injected or ''}")
    assert not faults, "\n" + "\n".join(faults)
    assert not changed_since(scene.world, before)


def neighbours(target):
    """Ids and numbers that somebody who knows one case would try next."""
    known = int.from_bytes(ULID.from_str(target.id).bytes, "big")
    for step in (-2, -1, 1, 2, 1 << 80):
        yield str(ULID.from_bytes((known + step).to_bytes(16, "big")))
    yield target.id.lower()
    yield target.id[:-1]
    yield f"{target.id}%20"
    prefix, _, last = target.number.rpartition("-")
    for step in (0, -1, 1):
        yield f"{prefix}-{int(last) + step:05d}"


ABOUT_CASES = [operation for operation in NAMING if "<issue>" in operation.path]


@pytest.mark.parametrize("operation", ABOUT_CASES, ids=lambda operation: operation.id)
def test_a_guessed_id_is_not_found(scene, operation):
    asked, before = given_to(scene, operation)
    faults = []
    for caller, given in asked:
        for target in (scene.target(caller, "outside"), scene.lead):
            for guess in neighbours(target):
                path = filled(operation.path, given.path, issue=guess)
                status, _, body = raw(scene, operation, caller, given, path)
                if status != 404:
                    faults.append(f"{caller} {operation.method} {path}: {status} {body[:200]}")
    assert not faults, "\n" + "\n".join(faults)
    assert not changed_since(scene.world, before)


def test_a_case_out_of_reach_is_no_main_case(scene):
    """A dispatcher who merges into a case that is not theirs learns nothing of it."""
    caller, inside = "dispatcher", scene.members
    answers = set()
    for main in (scene.far.id, scene.far.number, scene.lead.id, scene.lead.number, "nonsense"):
        version = scene.world.case(inside.id)["version"]
        answer = scene.world.act(
            inside.id, "merge", scene.callers.account(caller), version, main=main, reason="同一处"
        )
        answers.add((answer.status, answer.body["detail"].replace(main, "…")))
    assert len(answers) == 1, answers
    assert {status for status, _ in answers} == {422}


def test_reading_is_what_reads():
    """The operations that are taken for harmless above are of methods that are."""
    assert {operation.method for operation in OPERATIONS} - set(READING) <= {
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
    }
