"""Query operators of the database in place of values: each is refused, whatever field it is in."""

import json
from urllib.parse import urlencode

import pytest
from marshmallow import fields

from services.gateway.api import OPERATIONS
from services.gateway.operation import JSON

from .asking import READING, address
from .callers import allowed
from .footprint import changed_since, prepared, still_at_rest
from .recipes import ask

OPERATORS = ({"$gt": ""}, {"$ne": None}, {"$where": "1"}, ["$gt", ""], {"$regex": ".*"})
WITH_BODY = [each for each in OPERATIONS if each.body and JSON in each.consumes]
WITH_QUERY = [each for each in OPERATIONS if each.query]


FORGIVING = [each for each in WITH_QUERY if each.refusals]
"""Open311: what it does not know is passed over, as its clients expect (docs/open311.md)."""
STRICT = [each for each in WITH_QUERY if not each.refusals]
BENT_NAMES = ("[$ne]", "[$gt]", ".$where", "[]")


def good(scene, operation):
    """Whoever sees most of those who may call an operation, and what they send."""
    caller = allowed(operation)[0]
    return caller, ask(operation, scene, scene.target(caller, "inside"), caller)


def sent(scene, operation, caller, given, query=None, body=None):
    """The status and the text of an answer."""
    data = given.data if body is None else json.dumps(body).encode()
    kind = {} if given.data else {"Content-Type": JSON}
    response = scene.world.pool.request(
        operation.method,
        address(scene, operation, given, query or given.query),
        body=data,
        headers={**scene.callers.headers(caller), **kind, **given.headers},
        retries=False,
        redirect=False,
    )
    return response.status, response.data


def bent_queries(operation, given):
    """Each filter of an operation with an operator in its name: (name, all that is sent)."""
    for name, each in operation.query().load_fields.items():
        key = each.data_key or name
        for operator in BENT_NAMES:
            yield key, {**given.query, f"{key}{operator}": "x"}


def places(schema, inside=()):
    """The ways to every field of a schema that takes one value or a list of them."""
    for name, each in schema().load_fields.items():
        way = (*inside, each.data_key or name)
        inner = each.inner if isinstance(each, fields.List) else each
        if isinstance(inner, fields.Nested):
            yield from places(type(inner.schema), way)
        elif not isinstance(inner, fields.Dict) and type(inner) not in (fields.Raw, fields.Field):
            yield way


def put(body, way, value):
    """A copy of a body with a value at the end of a way; of a list, in the first of it."""
    if isinstance(body, list):
        return [put(body[0], way, value), *body[1:]]
    changed = dict(body) if isinstance(body, dict) else {}
    changed[way[0]] = value if len(way) == 1 else put(changed.get(way[0]), way[1:], value)
    return changed


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
def test_an_operator_is_no_value(scene, operation):
    still_at_rest(scene.world)
    caller, given = good(scene, operation)
    before = prepared(scene.world)
    faults = []
    for way in places(operation.body):
        for operator in OPERATORS:
            body = put(given.json, way, operator)
            status, answered = sent(scene, operation, caller, given, body=body)
            if status != 422 or way[-1].encode() not in answered:
                faults.append(f"{'.'.join(way)} = {operator}: {status} {answered[:200]}")
    assert not faults, "\n" + "\n".join(faults)
    assert not changed_since(scene.world, before)


@pytest.mark.parametrize("operation", STRICT, ids=lambda operation: operation.id)
def test_an_operator_is_no_filter(scene, operation):
    caller, given = good(scene, operation)
    faults = []
    for key, query in bent_queries(operation, given):
        status, answered = sent(scene, operation, caller, given, query)
        if status != 422 or key.encode() not in answered:
            faults.append(f"{query}: {status} {answered[:200]}")
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize("operation", FORGIVING, ids=lambda operation: operation.id)
def test_an_operator_is_passed_over(scene, operation):
    """Whatever is answered is what would be without it."""
    caller, given = good(scene, operation)
    plain = sent(scene, operation, caller, given)
    assert plain[0] in (200, 403), plain
    for _, query in bent_queries(operation, given):
        assert sent(scene, operation, caller, given, query) == plain, query


def test_a_filter_that_holds_an_operator_finds_nothing(scene):
    """Text stays text: what looks like an operator is compared, not obeyed."""
    for name in ("category", "grid", "party"):
        query = urlencode({name: '{"$ne":""}'})
        answer = scene.world.request(
            "GET", f"/api/v1/issues?{query}", scene.callers.account("admin")
        )
        assert (answer.status, answer.body["items"]) == (200, [])


def test_open311_compares_what_looks_like_an_operator(scene):
    for name in ("service_request_id", "service_code"):
        query = urlencode({name: '{"$ne":""}'})
        answer = scene.world.request(
            "GET", f"/open311/v2/requests.json?{query}", headers=scene.callers.headers("program")
        )
        assert (answer.status, answer.body) == (200, []), name


def test_what_only_reads_takes_no_body():
    assert not [each.id for each in OPERATIONS if each.method in READING and each.body]
