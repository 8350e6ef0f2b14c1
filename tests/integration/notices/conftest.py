"""One notify service on a real database, beside an SMTP server and an HTTP sink."""

import json
import os
import subprocess
import sys
import uuid
from contextlib import contextmanager

import pytest
import urllib3
from aiosmtpd.controller import Controller

from services.notify import handlers
from services.notify.rulebook import read_rulebook
from services.notify.store import NotifyStore
from suishoupai.local.database import (
    choose_mongod,
    ensure_primary,
    find_mongod,
    not_up,
    own_server,
    server_uri,
)
from suishoupai.local.ports import free_port
from suishoupai.mongo import connect
from suishoupai.rpc import service_token
from suishoupai.settings import DEMO_SECRET, read_settings

from ..conftest import ROOT, eventually
from .people import NEVER
from .sinks import Mailbox, Sink


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory):
    port = free_port()
    server = own_server(choose_mongod(None, find_mongod), tmp_path_factory.mktemp("mongod"), port)
    with subprocess.Popen(server.command, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: not_up(port) is None)
        ensure_primary(port)
        yield server_uri(port)
        process.terminate()


@pytest.fixture
def sink():
    sink = Sink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def mailbox():
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


class Notify:
    """One notify service of its own database: its processes, and what is asked of them."""

    def __init__(self, environment, folder):
        self.environment, self.folder = environment, folder
        self.settings = read_settings()
        self.book = read_rulebook(self.settings)
        self.client = connect(self.settings)
        self.database = self.client[f"{self.settings.namespace}_notify"]
        self.store = NotifyStore(self.database)
        self.store.create_indexes()
        self.url = None

    def tell(self, *events):
        handlers.tell(events, self.book, self.store, lambda ids: None)

    @contextmanager
    def running(self):
        """A process of the service, without a broker: it carries, and answers."""
        self.url = f"http://127.0.0.1:{free_port()}"
        log = self.folder / f"{uuid.uuid4().hex}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "suishoupai.run", "notify"],
                cwd=ROOT,
                env=os.environ | self.environment | {"SUISHOUPAI_HTTP": self.url[7:]},
                stdout=file,
                stderr=file,
            )
            try:
                eventually(self._answers)
                yield log
                assert process.poll() is None, log.read_text(encoding="utf-8")
            except BaseException:
                print(log.read_text(encoding="utf-8"), self.deliveries())
                raise
            finally:
                process.terminate()
                process.wait(timeout=30)

    def _answers(self):
        try:
            return urllib3.request("GET", f"{self.url}/healthz", retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def ask(self, method, caller, **arguments):
        """The status and the answer of a running process."""
        response = urllib3.request(
            "POST",
            f"{self.url}/rpc/{method}",
            json={"caller": caller.to_dict(), **arguments},
            headers={"Authorization": f"Bearer {service_token(self.settings)}"},
            retries=False,
        )
        return response.status, response.json()

    def choose(self, caller, **choices):
        return handlers.choose_notifications(caller, {**NEVER, **choices}, self.book, self.store)

    def deliveries(self, **query):
        return list(self.database["deliveries"].find(query))

    def settled(self, count, **query):
        """The deliveries once none of them waits."""

        def done():
            found = self.deliveries(**query)
            waits = any(each["state"] == "waiting" for each in found)
            return found if len(found) == count and not waits else None

        return eventually(done)


@pytest.fixture
def notify(mongodb, sink, mailbox, tmp_path, monkeypatch):
    channels = {
        "email": f"mailto://127.0.0.1:{mailbox.port}?mode=insecure&from=a@b.example&to={{address}}",
        "sms": f"json://127.0.0.1:{sink.port}/sms/{{address}}",
        "webhook": "webhook://?to={address}",
    }
    (tmp_path / "channels.json").write_text(json.dumps(channels), encoding="utf-8")
    environment = {
        "MONGODB_URI": mongodb,
        "AMQP_URI": f"amqp://guest:guest@127.0.0.1:{free_port()}//",
        "SUISHOUPAI_NAMESPACE": f"n{uuid.uuid4().hex[:12]}",
        "SUISHOUPAI_TOKEN_SECRET": DEMO_SECRET,
        "SUISHOUPAI_DEMO": "1",
        "SUISHOUPAI_CHANNELS": str(tmp_path / "channels.json"),
        "SUISHOUPAI_PRIVATE_WEBHOOKS": "1",
        "SUISHOUPAI_RETRY_SECONDS": "0.05",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notify = Notify(environment, tmp_path)
    yield notify
    notify.client.drop_database(notify.database.name)
    notify.client.close()
