"""One running stack for all integration tests: real RabbitMQ, real mongod, real processes.

It takes free ports, its data lies in a temporary folder, and only what it started is ended.
"""

import json
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import urllib3
from pymongo import MongoClient
from shapely.geometry import shape

from services.gateway.accounts.bindings import Binding, homes
from services.gateway.accounts.passwords import hash_password
from services.gateway.accounts.records import new_account
from services.gateway.accounts.store import AccountStore
from suishoupai import clock
from suishoupai.client import Client
from suishoupai.contracts.problems import Problem
from suishoupai.local.ports import free_port
from suishoupai.local.stack import LocalStack

from .explaining import Recorder, recorded_database
from .listening import Stream

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "suishoupai"


def own_stack(folder, port=None):
    """A stack that uses no broker and no database but its own."""
    return LocalStack(folder, port or free_port(), lambda _: None, lambda _: None)


def eventually(condition, seconds=30.0):
    """Waits until ``condition()`` is true, and returns what it gave."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            assert found, f"not within {seconds} s"
            return found
        time.sleep(0.05)


database_client = cache(MongoClient)
"""A client of a database by its address, made once: each opens connections of its own."""
hashed = cache(hash_password)
"""The hash of a password, made once: it takes long by design."""


@dataclass
class Answer:
    status: int
    headers: object
    body: object = field(repr=True)


@dataclass
class World:
    """A running stack and everything a test asks it."""

    stack: LocalStack
    clients: dict = field(default_factory=dict)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=16))

    def client(self, account):
        if account not in self.clients:
            self.clients[account] = Client(self.stack.url).login(account, PASSWORD)
        return self.clients[account]

    def account(self, name, role, division=None, party=None, member=None):
        """Makes an account, or makes it anew, and says its name."""
        binding = Binding((role,), division, party, member)
        row = new_account(
            name,
            hashed(PASSWORD),
            binding,
            clock.now(),
            homes=homes(binding, None, None),
        )
        AccountStore(self.database("gateway")).write([row])
        self.clients.pop(name, None)
        return name

    def case(self, issue, account="admin"):
        """A case as somebody sees it."""
        return self.client(account).get(f"/issues/{issue}")

    def placed(self, issue):
        """The case once the grid has said where it lies and whose it is."""

        def there():
            case = self.case(issue)
            return case if case["grid"] and case["proposal"] else None

        return eventually(there)

    def act(self, issue, action, account, version=None, **given):
        """One action on a case by the version that is there, unless another is given."""
        version = self.case(issue)["version"] if version is None else version
        path = f"/api/v1/issues/{issue}/actions/{action}"
        return self.request("POST", path, account, json={"version": version, **given})

    def done(self, issue, action, account, **given):
        """The case after an action that must succeed."""
        answer = self.act(issue, action, account, **given)
        assert answer.status == 200, answer
        return answer.body

    def token(self, account):
        """An access token of an account; never an expired one."""
        return self.client(account).token()

    def request(self, method, path, account=None, **options):
        """A single request, never repeated; its answer with the body read as JSON."""
        headers = options.pop("headers", {})
        if account:
            headers = {"Authorization": f"Bearer {self.token(account)}", **headers}
        response = self.pool.request(
            method, self.stack.url + path, headers=headers, retries=False, redirect=False, **options
        )
        body = (
            json.loads(response.data)
            if "json" in response.headers.get("Content-Type", "")
            else None
        )
        return Answer(response.status, response.headers, body)

    def report(self, body, key, account="member"):
        return self.request(
            "POST", "/api/v1/issues", account, json=body, headers={"Idempotency-Key": key}
        )

    def settled(self, issue):
        """The case once it is dispatched, its party told and all of it counted."""

        def done():
            try:
                counted = self.client("admin").get(f"/stats/issues/{issue}")
            except Problem:
                return None
            case = self.client("admin").get(f"/issues/{issue}")
            complete = {"reported", "assigned", "noticed"} <= set(counted["counted_at"])
            settled = counted["state"] == "dispatched"
            return case if complete and settled and case["state"] == "dispatched" else None

        return eventually(done)

    @property
    def database(self):
        settings = self.stack.settings()
        client = database_client(settings.mongodb_uri)
        return lambda service: client[f"{settings.namespace}_{service}"]

    def figures(self, name):
        """A collection of the edition of the figures that is read now."""
        model = self.database("stats")["model"].find_one() or {"live": 0}
        return self.database("stats")[f"{name}.{model['live']}" if model["live"] else name]

    def address(self, service):
        return self.stack.settings().peers[service]


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    stack = own_stack(tmp_path_factory.mktemp("stack") / "data")
    stack.up(print)
    yield World(stack)
    stack.down()


@pytest.fixture(scope="session")
def compound():
    """The first compound of the demo county and a point in it."""
    return place_in("compounds.geojson", lambda properties: True)


@pytest.fixture(scope="session")
def village():
    """A rural grid and a point in it."""
    return place_in("grids.geojson", lambda properties: not properties["urban"])


def place_in(name, wanted):
    text = (ROOT / "data" / "demo" / name).read_text(encoding="utf-8")
    rows = [row for row in json.loads(text)["features"] if wanted(row["properties"])]
    point = shape(rows[0]["geometry"]).representative_point()
    return rows[0]["properties"], (round(point.x, 6), round(point.y, 6))


def report_body(point, category="06010", datum="WGS-84", **more):
    location = {"lng": point[0], "lat": point[1], "datum": datum}
    return {"category": category, "description": "垃圾成堆", "location": location, **more}


@pytest.fixture(scope="module")
def recorder():
    return Recorder()


@pytest.fixture(scope="module")
def recorded(world, recorder):
    """A database of the module's own; the recorder has what is asked of it."""
    with recorded_database(world, recorder) as database:
        yield database


@pytest.fixture
def listen(world):
    """Opens streams that are closed at the end."""
    opened = []

    def listen(account="admin", url=None, **options):
        stream = Stream(url or world.stack.url, world.token(account), **options)
        opened.append(stream)
        return stream

    yield listen
    for stream in opened:
        stream.close()
