"""Programs with keys, and requests by Open311 in both formats."""

import json
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
import urllib3

from services.gateway.open311.rendering import ITEMS

from ..conftest import report_body
from ..gateways import gateway

V2 = "/open311/v2"
POOL = urllib3.PoolManager(maxsize=16)


@dataclass
class Program:
    """A program that asks by Open311."""

    url: str
    key: str | None
    name: str = ""

    def get(self, path, kind="json", **parameters):
        return self._asked("GET", path, kind, fields=self._with_key(parameters))

    def post(self, path, kind="json", headers=None, files=None, **parameters):
        fields = self._with_key(parameters)
        if files:
            fields = [*fields.items(), *files]
        options = {"encode_multipart": bool(files), "headers": headers or {}}
        return self._asked("POST", path, kind, fields=fields, **options)

    def _with_key(self, parameters):
        return {**({"api_key": self.key} if self.key else {}), **parameters}

    def _asked(self, method, path, kind, **options):
        url = f"{self.url}{V2}/{path}.{kind}"
        return Said(POOL.request(method, url, retries=False, **options))


class Said:
    """An answer and what it says."""

    def __init__(self, response):
        self.status, self.headers, self.raw = response.status, response.headers, response.data
        self.kind = response.headers["Content-Type"]

    @property
    def body(self):
        return json.loads(self.raw) if "json" in self.kind else from_xml(self.raw)

    @property
    def errors(self):
        said = self.body
        return [(int(each["code"]), each["description"]) for each in said]


def from_xml(raw):
    """An XML document as the JSON of the same values, but that every value is a text or null."""
    return _value(ElementTree.fromstring(raw))  # noqa: S314 - our own answer


def _value(element):
    if element.tag in ITEMS:
        assert {child.tag for child in element} <= {ITEMS[element.tag]}
        return [_value(child) for child in element]
    if len(element):
        return {child.tag: _value(child) for child in element}
    return element.text


def as_texts(value):
    """JSON with every value as XML says it."""
    if isinstance(value, dict):
        return {name: as_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_texts(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return None if value in (None, "") else str(value)


def registered(world, division=None, **more):
    """A new program with its key, as an admin makes it."""
    body = {"name": f"热线 {uuid.uuid4().hex[:6]}", **more}
    if division:
        body["division"] = division
    answer = world.request("POST", "/api/v1/programs", "admin", json=body)
    assert answer.status == 201, answer
    return Program(world.stack.url, answer.body["key"], answer.body["id"])


@pytest.fixture(scope="package")
def hotline(world):
    """A program of the whole county."""
    return registered(world)


@pytest.fixture(scope="package")
def public(world, tmp_path_factory):
    """A gateway where reading needs no key."""
    with gateway(world, tmp_path_factory.mktemp("public"), open311_public="true") as beside:
        yield Program(beside.url, None)


@pytest.fixture
def reported(world, compound):
    """A case as a member reports it, dispatched by itself."""
    body = report_body(compound[1], description="垃圾成堆，电话 13812345678")
    answer = world.report(body, uuid.uuid4().hex)
    assert answer.status == 201, answer
    return world.settled(answer.body["id"])
