"""Query operators of the database in place of values: each is refused, whatever field it is in."""

import json
from urllib.parse import urlencode

import pytest
from marshmallow import fields

from services.gateway.api import OPERATIONS
from services.gateway.operation import JSON

from .asking import READING, address
from .callers import ROLES
from .footprint import at_rest, difference
from .recipes import ask

OPERATORS = ({"$gt": ""}, {"$ne": None}, {"$where": "1"}, ["$gt", ""], {"$regex": ".*"})
WITH_BODY = [each for each in OPERATIONS if each.body and JSON in each.consumes]
WITH_QUERY = [each for each in OPERATIONS if each.query]


def caller_of(operation):
    """Whoever may do most of those who may call an operation."""
    names = ("admin", *(name for name in ROLES if name != "admin"))
    return next(
        (name for name in names if ROLES[name] and ROLES[name].role in operation.roles), "nobody"
    )


def sent(scene, operation, query, body=None):
    caller = caller_of(operation)
    given = ask(operation, scene, scene.target(caller, "inside"), caller)
    headers = {**scene.callers.headers(caller), **given.headers, "Content-Type": JSON}
    response = scene.world.pool.request(
        operation.method,
        address(scene, operation, given, query or given.query),
        body=None if body is None else json.dumps(body).encode(),
        headers=headers,
        retries=False,
        redirect=False,
    )
    return response.status, response.data


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
    """A copy of a body with a value at the end of a way."""
    changed = dict(body) if isinstance(body, dict) else {}
    changed[way[0]] = value if len(way) == 1 else put(changed.get(way[0]), way[1:], value)
    return changed


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
def test_an_operator_is_no_value(scene, operation):
    caller = caller_of(operation)
    good = ask(operation, scene, scene.target(caller, "inside"), caller).json
    before = at_rest(scene.world)
    faults = []
    for way in places(operation.body):
        for operator in OPERATORS:
            status, answered = sent(scene, operation, None, put(good, way, operator))
            if status != 422 or way[-1].encode() not in answered:
                faults.append(f"{'.'.join(way)} = {operator}: {status} {answered[:200]}")
    assert not faults, "\n" + "\n".join(faults)
    assert not difference(before, at_rest(scene.world))


@pytest.mark.parametrize("operation", WITH_QUERY, ids=lambda operation: operation.id)
def test_an_operator_is_no_filter(scene, operation):
    faults = []
    caller = caller_of(operation)
    good = ask(operation, scene, scene.target(caller, "inside"), caller).query
    for name, each in operation.query().load_fields.items():
        key = each.data_key or name
        for operator in ("[$ne]", "[$gt]", ".$where", "[]"):
            status, answered = sent(scene, operation, {**good, f"{key}{operator}": "x"})
            if status != 422 or key.encode() not in answered:
                faults.append(f"{key}{operator}=x: {status} {answered[:200]}")
    assert not faults, "\n" + "\n".join(faults)


def test_a_filter_that_holds_an_operator_finds_nothing(scene):
    """Text stays text: what looks like an operator is compared, not obeyed."""
    for name in ("category", "grid", "party"):
        query = urlencode({name: '{"$ne":""}'})
        answer = scene.world.request(
            "GET", f"/api/v1/issues?{query}", scene.callers.account("admin")
        )
        assert (answer.status, answer.body["items"]) == (200, [])


def test_what_only_reads_takes_no_body():
    assert not [each.id for each in OPERATIONS if each.method in READING and each.body]
