"""Gateways of a namespace of their own, on the broker and the database of the stack."""

import json
import os
import re
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager

import pytest
import urllib3
from pymongo import MongoClient

from services.gateway.accounts.passwords import hash_password
from services.gateway.store import GatewayStore
from services.gateway.webhooks.signing import new_secret
from services.gateway.webhooks.store import NEW
from suishoupai import clock
from suishoupai.ids import new_id
from suishoupai.local.ports import free_port
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import declare_all, events_exchange

from ...unit.services.notify.events import GRID, changed
from ..conftest import PASSWORD, ROOT, Answer, eventually
from .receivers import Receiver

COUNTY, TOWN, COMMUNITY = GRID[:6], GRID[:9], GRID[:12]
ELSEWHERE = "341324101201"
HASHED = hash_password(PASSWORD)


class Process:
    """One gateway."""

    def __init__(self, environment, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / f"{uuid.uuid4().hex}.log"
        with self.log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "suishoupai.run", "gateway"],
                cwd=ROOT,
                env=os.environ | environment | {"SUISHOUPAI_HTTP": self.url[7:]},
                stdout=file,
                stderr=file,
            )

    def is_up(self):
        assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            return urllib3.request("GET", f"{self.url}/healthz", retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=60)


class Gateways:
    """The gateways of one namespace, and what is asked and told of them."""

    def __init__(self, stack, folder, **settings):
        shared = stack.environment()
        self.namespace = f"w{uuid.uuid4().hex[:12]}"
        self.environment = shared | {
            "SUISHOUPAI_NAMESPACE": self.namespace,
            "SUISHOUPAI_RETRY_SECONDS": "0.05",
            **settings,
        }
        self._folder = folder
        self._amqp_uri = shared["AMQP_URI"]
        self.database = MongoClient(shared["MONGODB_URI"], tz_aware=True)[
            f"{self.namespace}_gateway"
        ]
        self.store = GatewayStore(self.database)
        self.store.create_indexes()
        self.processes, self._tokens = [], {}
        self._published, self._round = 0, 0
        self.pool = urllib3.PoolManager()

    def start(self):
        process = Process(self.environment, self._folder)
        eventually(process.is_up)
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.stop()
        self.processes.clear()

    def kill(self):
        """Ends all processes with -9 once every event is taken, though not what it causes."""
        self.drain()
        for process in self.processes:
            process.kill()
        self.processes.clear()
        self._published = 0

    def metrics(self):
        """The metrics of all processes, one after the other."""
        pages = [self.pool.request("GET", f"{each.url}/metrics") for each in self.processes]
        return "".join(page.data.decode() for page in pages)

    def drain(self):
        """Waits until every event that was published has become deliveries."""
        counted = re.compile(
            r'^suishoupai_events_consumed_total{outcome="done",purpose="webhooks"} (\S+)$', re.M
        )

        def consumed():
            return sum(float(count) for count in counted.findall(self.metrics()))

        try:
            eventually(lambda: consumed() >= self._published)
        except AssertionError:
            print(consumed(), "of", self._published, *map(self._told_by, self.processes))
            raise
        # More than were published, where the broker brought some twice.
        self._published = consumed()

    def _told_by(self, process):
        ready = self.pool.request("GET", f"{process.url}/readyz").data.decode()
        return f"\n{ready}\n{process.log.read_text(encoding='utf-8')}"

    def clear(self):
        try:
            self.drain()
        finally:
            self._round += 1
            for name in ("webhooks", "webhook_deliveries", "accounts", "programs"):
                self.database[name].delete_many({})

    def account(self, name, role, division=None, party=None):
        """Makes an account, or makes it anew, of a name that no other test has: owners are
        remembered for seconds. Says its name."""
        name = f"{name}-{self._round}"
        row = {"_id": name, "roles": [role], "division": division, "party": party, "member": None}
        row |= {"name": "", "homes": [], "disabled_at": None, "totp": None, "version": 1}
        self.store.accounts.write([{**row, "password": HASHED, "created_at": clock.now()}])
        return name

    def program(self, division):
        """A program of this division, without a key; its account."""
        program = {"_id": new_id(clock.now()), "division": division}
        self.store.programs.insert({**program, "disabled": False, "expires_at": None, "keys": []})
        return f"program:{program['_id']}"

    def ask(self, method, path, account, body=None, process=0):
        """A request of somebody's."""
        url = self.processes[process].url
        if account not in self._tokens:
            credentials = {"username": account, "password": PASSWORD}
            answer = self.pool.request("POST", f"{url}/api/v1/login", json=credentials)
            self._tokens[account] = answer.json()["access_token"]
        response = self.pool.request(
            method,
            f"{url}/api/v1/webhooks{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._tokens[account]}"},
            retries=False,
        )
        answered = json.loads(response.data) if response.data else None
        return Answer(response.status, response.headers, answered)

    def make(self, account, url, **more):
        answer = self.ask("POST", "", account, {"url": url, **more})
        assert answer.status == 201, answer
        return answer.body

    def give(self, owner, url):
        """A webhook of somebody, whether they may have it or not."""
        made = {"_id": new_id(clock.now()), "owner": owner, "url": url, "host": "127.0.0.1"}
        made |= {"types": None, "division": None, "divisions": [], "description": ""}
        made |= {"secrets": [{"secret": new_secret(), "until": None}], "created_at": clock.now()}
        self.store.webhooks.insert({**made, **NEW}, 10)
        return {"id": made["_id"]}

    def read(self, webhook, account):
        answer = self.ask("GET", f"/{webhook['id']}", account)
        assert answer.status == 200, answer
        return answer.body

    def deliveries(self, webhook, account, query=""):
        answer = self.ask("GET", f"/{webhook['id']}/deliveries{query}", account)
        assert answer.status == 200, answer
        return answer.body["items"]

    def settled(self, webhook, account, count):
        """The deliveries once there are so many and none of them waits."""

        def done():
            found = self.deliveries(webhook, account, "?limit=200")
            waits = any(each["state"] == "waiting" for each in found)
            return (found,) if len(found) == count and not waits else None

        return eventually(done)[0]

    def publish(self, *events):
        exchange = events_exchange(self.namespace).name
        # Anew each time: between two of them the broker may have been away.
        publisher = Publisher(
            self._amqp_uri, lambda connection: declare_all(connection, self.namespace)
        )
        with closing(publisher):
            publisher.publish(
                Outgoing(exchange, event.type, event.to_json().encode(), mandatory=True)
                for event in events
            )
        self._published += len(events)


@contextmanager
def some_gateways(world, folder, count, **settings):
    gateways = Gateways(world.stack, folder, **settings)
    try:
        for _ in range(count):
            gateways.start()
        yield gateways
    finally:
        gateways.stop()
        gateways.database.client.drop_database(gateways.database.name)


@pytest.fixture(scope="package")
def pair(world, tmp_path_factory):
    """Two gateways that may post to this machine."""
    folder = tmp_path_factory.mktemp("pair")
    with some_gateways(world, folder, 2, SUISHOUPAI_PRIVATE_WEBHOOKS="1") as gateways:
        yield gateways


@pytest.fixture
def gateways(pair):
    """The two, with nobody and nothing in them."""
    pair._tokens.clear()
    yield pair
    pair.clear()


@pytest.fixture
def receiver():
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


def happened(count=1, event_type="issue.dispatched", subject=None, **more):
    """So many events of one case, in the order of its versions."""
    subject = subject or f"01{uuid.uuid4().hex[:24].upper()}"
    return [changed(event_type, 2 + number, subject, **more) for number in range(count)]
