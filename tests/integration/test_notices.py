"""Notices go to whoever must hear of a case, once, by the channels they chose, on a real database
and by the real service, with an SMTP server and HTTP sinks of the test's own."""

import contextlib
import email
import email.policy
import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from aiosmtpd.controller import Controller

from services.notify import handlers, truth
from services.notify.changes import change_of
from services.notify.rulebook import read_rulebook
from services.notify.rules import rules_of
from services.notify.store import NotifyStore
from suishoupai import clock
from suishoupai.access import Caller
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

from ..unit.services.notify.events import GRID, category, changed
from .broker import depth, listening, publish
from .conftest import ROOT, eventually

PHONE = "13812345678"
REPORTER, FOLLOWER = "rider-li", "rider-zhao"
ACCOUNTS = {f"account:{REPORTER}", f"account:{FOLLOWER}"}
HANDLER = Caller("handler-chen", ("handler",), None, "property-1")
COLLEAGUE = Caller("handler-sun", ("handler",), None, "property-1")
DISPATCHER = Caller("dispatcher-wu", ("dispatcher",), GRID[:12], f"community-{GRID[:12]}")
ADMIN = Caller("admin", ("admin",))
MEMBER = Caller(REPORTER, ("reporter",))
NEVER = {"quiet": None}
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory):
    port = free_port()
    server = own_server(choose_mongod(None, find_mongod), tmp_path_factory.mktemp("mongod"), port)
    with subprocess.Popen(server.command, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: not_up(port) is None)
        ensure_primary(port)
        yield server_uri(port)
        process.terminate()


class Sink:
    """Takes what is posted to it, unless it is told to refuse; may be away altogether."""

    def __init__(self):
        self.received, self.refusals, self.refusing = [], 0, False
        self.port = free_port()
        self._server = None

    def start(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if sink.refusing:
                    sink.refusals += 1
                else:
                    sink.received.append((self.path, body))
                self.send_response(500 if sink.refusing else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def at(self, path):
        return [json.loads(body) for where, body in self.received if where == f"/{path}"]


class Mailbox:
    """An SMTP server's handler that keeps what it is given."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.received.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def at(self, address):
        """(subject, text) of each message to an address."""
        messages = [
            email.message_from_bytes(content, policy=email.policy.default)
            for to, content in self.received
            if address in to
        ]
        return [
            (str(make_header(decode_header(each["Subject"]))), text_of(each)) for each in messages
        ]


def text_of(message):
    return message.get_body(preferencelist=("plain", "html")).get_content().strip()


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


def test_messages_arrive_in_the_language_and_by_the_channels_that_were_chosen(
    notify, sink, mailbox
):
    to = {"address": "chen@property.example"}
    notify.choose(HANDLER, channels={"email": to, "webhook": {"address": sink.url("chen?a=1&b=2")}})
    english = {
        "webhook": {"address": sink.url("sun")},
        "email": {"address": "sun@property.example"},
    }
    notify.choose(COLLEAGUE, language="en", channels=english)
    with notify.running():
        notify.tell(changed("issue.dispatched"))
        notify.settled(4, state="sent")
    said = (
        "新案件 341324-20261123-00001：暴露垃圾，甲小区人民路 3 号，"
        "请在 2026-11-23 08:00 前完成处置。"
    )
    assert mailbox.at("chen@property.example") == [("新派案件 341324-20261123-00001", said)]
    ((subject, text),) = mailbox.at("sun@property.example")
    assert subject == "New case 341324-20261123-00001"
    assert "handling due by 2026-11-23 08:00" in text
    ((posted),) = sink.at("chen?a=1&b=2")
    assert (posted["title"], posted["text"]) == ("新派案件 341324-20261123-00001", said)
    assert [each["text"] for each in sink.at("sun")] == [text]


def test_a_channel_that_is_down_is_tried_again_and_holds_no_other_up(notify, sink, mailbox):
    late = Sink()
    channels = {
        "email": {"address": "chen@property.example"},
        "webhook": {"address": late.url("late")},
    }
    notify.choose(HANDLER, channels=channels)
    with notify.running():
        notify.tell(changed("issue.dispatched"))
        eventually(lambda: mailbox.received)
        (waiting,) = eventually(
            lambda: [row for row in notify.deliveries(channel="webhook") if len(row["tries"]) >= 2]
        )
        assert waiting["state"] == "waiting"
        assert all(each["fault"] == "no answer: NewConnectionError" for each in waiting["tries"])
        late.start()
        notify.settled(2, state="sent")
    assert len(late.at("late")) == 1
    assert len(mailbox.received) == 1
    late.stop()


DRIBBLING = """
import eventlet

eventlet.monkey_patch()
import sys
from services.notify import transport
from services.notify.channels import Channel

transport.TRY_SECONDS = 1.0
beats = []
eventlet.spawn(lambda: [beats.append(eventlet.sleep(0.05)) for _ in range(100)])
try:
    channel = Channel("webhook", "webhook://?to={address}", "url")
    transport.send(channel, sys.argv[1], transport.Message("i", "t", "x", True))
except transport.NotSent as fault:
    print(fault, len(beats) > 5)
"""


def test_an_endless_answer_is_cut_off_and_stalls_nothing_else():
    def dribble():
        connection, _ = listener.accept()
        with contextlib.suppress(OSError):
            while not done.wait(0.1):
                connection.send(b"H")

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=dribble, daemon=True).start()
        command = [sys.executable, "-W", "ignore", "-c", DRIBBLING]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        run = subprocess.run([*command, url], cwd=ROOT, capture_output=True, text=True, check=False)
        done.set()
    assert run.stdout.strip() == "no answer within 1 s True", run.stderr


def test_what_never_works_is_given_up_and_says_why(notify, sink):
    sink.refusing = True
    # As quick as can be: a test cannot wait for what takes hours by design.
    notify.environment["SUISHOUPAI_RETRY_SECONDS"] = "0.001"
    notify.choose(HANDLER, channels={"webhook": {"address": sink.url("broken")}})
    notify.tell(changed("issue.dispatched"))
    with notify.running():
        (given_up,) = notify.settled(1)
        (notice,) = notify.ask("inbox", HANDLER, filters={})[1]["items"]
        status, shown = notify.ask("deliveries", HANDLER, notice=notice["id"])
        metrics = urllib3.request("GET", f"{notify.url}/metrics").data.decode()
    assert given_up["state"] == "failed"
    assert sink.refusals == len(given_up["tries"]) == 6
    assert {each["fault"] for each in shown["items"][0]["tries"]} == {"answered 500"}
    assert status == 200
    assert 'suishoupai_deliveries_total{channel="webhook",outcome="failed"} 1.0' in metrics


def test_told_twice_and_by_two_replicas_everybody_hears_once(notify, sink):
    notify.choose(HANDLER, channels={"webhook": {"address": sink.url("handler")}})
    # Of the same event the dispatcher has two notices: in the community's inbox and the party's.
    notify.choose(DISPATCHER, channels={"webhook": {"address": sink.url("dispatcher")}})
    community = {"id": DISPATCHER.party, "name": "汴光社区居民委员会", "kind": "community"}
    events = [changed("issue.suspended", subject=f"issue-{n}") for n in range(20)]
    events += [
        changed("issue.suspended", subject=f"own-{n}", responsible=community) for n in range(20)
    ]
    with notify.running(), notify.running():
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: notify.tell(*events), range(8)))
        notify.settled(60, state="sent")
    assert len(sink.at("handler")) == 20
    assert len(sink.at("dispatcher")) == 40
    assert len({each["id"] for each in sink.at("dispatcher")}) == 40
    # party, dispatcher, reporter and follower, of each
    assert notify.database["notices"].count_documents({}) == 40 * 4
    assert all(len(notice["outbox"]) == 1 for notice in notify.database["notices"].find())


def test_quiet_hours_hold_back_what_is_not_urgent(notify, sink):
    now = clock.now().astimezone(clock.LOCAL)
    quiet = {"from": f"{now - timedelta(hours=2):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}"}
    notify.choose(HANDLER, quiet=quiet, channels={"webhook": {"address": sink.url("night")}})
    with notify.running():
        notify.tell(changed("issue.dispatched", subject="calm"))
        notify.tell(changed("issue.dispatched", subject="urgent", urgent=True))
        (sent,) = notify.settled(1, urgent=True)
        eventually(lambda: notify.deliveries(claim=None, urgent=False))
        (held,) = notify.deliveries(urgent=False)
    assert (sent["state"], held["state"]) == ("sent", "waiting")
    assert f"{held['at'].astimezone(clock.LOCAL):%H:%M}" == quiet["to"]
    assert held["at"] > clock.now() + timedelta(hours=1)
    assert [each["title"] for each in sink.at("night")] == [
        "【紧急】新派案件 341324-20261123-00001"
    ]


def everything_a_handler_hears(notify):
    """Every event that there is, told of one case, its reasons naming people."""
    why = f"{REPORTER}、{FOLLOWER} 与 wang.fang 说过，电话 {PHONE}"
    for sequence, event_type in enumerate(sorted({rule.event_type for rule in notify.book.rules})):
        yield changed(event_type, sequence=sequence + 2, why=why, urgent=True)
    for sequence, event_type in enumerate(("issue.reopened", "issue.rated")):
        own = {"role": "reporter", "by": REPORTER, "why": "我家住三楼"}
        yield changed(event_type, sequence=sequence + 2, subject="own words", **own)


def test_nothing_a_handler_hears_names_who_reported_and_no_log_a_phone(notify, sink, mailbox):
    channels = {
        "webhook": {"address": sink.url("handler")},
        "email": {"address": "chen@property.example"},
    }
    notify.choose(HANDLER, channels=channels)
    notify.choose(DISPATCHER, channels={"sms": {"address": PHONE}})
    with notify.running() as log:
        notify.tell(*everything_a_handler_hears(notify))
        rows = notify.settled(len(notify.deliveries()))
        assert {row["state"] for row in rows} == {"sent"}
        sink.refusing = True
        notify.tell(changed("issue.fed_back", subject="later"))
        eventually(lambda: sink.refusals)
        answers = [notify.ask("inbox", HANDLER, filters={"limit": 200})]
        for item in answers[0][1]["items"]:
            answers.append(notify.ask("deliveries", HANDLER, notice=item["id"]))
        answers.append(notify.ask("notifications", HANDLER))
        dispatchers = notify.ask("notifications", DISPATCHER)
    assert len(answers) > 20
    sent = [json.loads(body) for where, body in sink.received if where == "/handler"]
    stored = list(notify.database["notices"].find({"recipient": "party:property-1"}))
    written = [each for row in stored for each in row["outbox"]]
    heard = (answers, sent, stored, written, notify.deliveries(account=HANDLER.account))
    texts = [json.dumps(each, ensure_ascii=False, default=str) for each in heard]
    texts += [f"{to} {text}" for to, text in mailbox.at("chen@property.example")]
    texts += [content.decode() for _, content in mailbox.received]
    assert all(texts)
    for text in texts:
        for hidden in (REPORTER, FOLLOWER, "wang.fang", PHONE, "三楼"):
            assert hidden not in text
    assert any(f"/sms/{PHONE}" in where for where, _ in sink.received)
    logged = log.read_text(encoding="utf-8")
    assert logged.count("\n") > 0
    everything = json.dumps(notify.deliveries(), default=str)
    for text in (logged, everything, json.dumps(dispatchers)):
        assert PHONE not in text
    assert "138****5678" in json.dumps(dispatchers)


def test_a_confidential_case_passes_its_community_by(notify):
    event = changed(
        "issue.suspended", category=category(confidential=True), why="人民路 3 号的线索"
    )
    notify.tell(event)
    rows = list(notify.database["notices"].find())
    assert {row["recipient"] for row in rows} == {"party:property-1", *ACCOUNTS}
    assert not any("人民路" in str(row) or "甲小区" in str(row) for row in rows)
    for recipient in ("party:property-1", None):
        filters = {"recipient": recipient} if recipient else {}
        assert handlers.inbox(DISPATCHER, filters, notify.book, notify.store)["items"] == []


def test_what_was_read_is_each_readers_own(notify):
    notify.tell(*(changed("issue.dispatched", subject=f"issue-{n}") for n in range(5)))

    def unread(caller, **filters):
        found = handlers.inbox(caller, filters, notify.book, notify.store)
        return found["unread"], [item["id"] for item in found["items"]]

    _, ids = unread(HANDLER)
    assert len(ids) == 5
    read = handlers.mark_read(HANDLER, {"ids": [ids[1], "0" * 26]}, notify.store)
    assert read == {"unread": 4}
    assert unread(HANDLER, unread="true") == (4, [ids[0], *ids[2:]])
    assert unread(HANDLER, unread="true", limit=1, cursor=ids[0]) == (4, [ids[2]])
    assert handlers.mark_read(HANDLER, {"until": ids[2]}, notify.store) == {"unread": 1}
    assert unread(HANDLER, unread="true") == (1, [ids[0]])
    assert unread(COLLEAGUE)[0] == 5
    stranger = Caller("stranger", ("handler",), None, "property-9")
    handlers.mark_read(stranger, {"ids": ids}, notify.store)
    assert unread(HANDLER)[0] == 1


def test_every_list_is_served_by_an_index(notify):
    notify.tell(*(changed("issue.suspended", subject=f"issue-{n}") for n in range(200)))
    lists = [
        {"readers": {"$in": ["party:property-1", f"dispatcher:{GRID[:12]}"]}},
        {"readers": "under:341324"},
        {"readers": "under:", "kind": "suspended"},
        {"readers": {"$all": ["party:property-1", "under:341324"]}, "kind": "closed"},
        {"readers": "under:", "issue": "issue-7"},
    ]
    for query in lists:
        found = notify.database["notices"].find(query).sort("_id", -1).limit(10)
        stats = found.explain()["executionStats"]
        assert stats["totalDocsExamined"] <= 30, query
        assert "COLLSCAN" not in str(stats)


def test_each_table_is_kept_with_the_time_from_which_it_held(notify, monkeypatch):
    def told_by(table, day):
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=day))
        event = changed("issue.urged", subject=f"day-{day}", at=clock.now().isoformat())
        book = replace(notify.book, table=table, rules=rules_of(table))
        handlers.tell([event], book, NotifyStore(notify.database), lambda ids: None)
        return change_of(event)

    head = "event,role,when,kind,channels\n"
    party, town = (f"{head}issue.urged,{role},,urged,all\n" for role in ("party", "town"))
    changes = [told_by(table, day) for day, table in enumerate([party, party, town, party], 3)]
    kept = list(notify.database["rule_tables"].find().sort("since", 1))
    assert [(row["text"], (row["since"] - START).days) for row in kept] == [
        (party, 3),
        (town, 5),
        (party, 6),
    ]
    judge = truth.teller(notify.settings.county, notify.database)
    found = truth.notices(notify.database, {"$regex": "^day-"})
    sent = [{each.recipient for each in found[f"day-{day}"]} for day in range(3, 7)]
    assert sent == [{"party:property-1"}] * 2 + [{f"supervisor:{GRID[:9]}"}, {"party:property-1"}]
    for change, recipients in zip(changes, sent, strict=True):
        assert judge(change, recipients) == recipients
        assert judge(change, {"party:nobody"}) != {"party:nobody"}
    assert judge(changes[0], sent[2]) == sent[0]


def test_a_claim_is_one_process_own_until_it_expires(notify, sink):
    notify.choose(HANDLER, channels={"webhook": {"address": sink.url("x")}})
    notify.tell(changed("issue.dispatched"))
    store, now = notify.store.deliveries, clock.now()
    later = now + timedelta(minutes=1)
    first = store.claim("webhook", now, later)
    assert store.claim("webhook", now, later) is None
    again = store.claim("webhook", later, later + timedelta(minutes=1))
    assert again["_id"] == first["_id"]
    assert not store.settle(first, {"$set": {"state": "failed"}})
    assert store.settle(again, {"$set": {"state": "sent"}})


def test_who_left_the_party_hears_no_more_of_it(notify, sink):
    notify.choose(HANDLER, channels={"webhook": {"address": sink.url("left")}})
    notify.tell(changed("issue.dispatched"))
    moved = Caller(HANDLER.account, HANDLER.roles, None, "property-9")
    handlers.inbox(moved, {}, notify.book, notify.store)
    with notify.running():
        (row,) = notify.settled(1)
    assert (row["state"], sink.received) == ("off", [])
    notify.tell(changed("issue.urged"))
    assert len(notify.deliveries()) == 1


def test_the_digest_goes_out_once_and_names_urgent_cases_first(notify, sink, monkeypatch):
    notify.choose(DISPATCHER, channels={"webhook": {"address": sink.url("digest")}})
    day = datetime(2026, 11, 24, 8, 31, tzinfo=clock.LOCAL)
    with monkeypatch.context() as yesterday:
        yesterday.setattr(clock, "now", lambda: day - timedelta(hours=20))
        notify.tell(*(changed("issue.fed_back", subject=name) for name in "ab"))
        notify.tell(changed("issue.dispatched", subject="c", urgent=True))
    for _ in range(3):
        handlers.digest(day, time(8, 30), notify.book, notify.store)
    to = f"dispatcher:{GRID[:12]}"
    assert notify.database["notices"].count_documents({"issue": None, "recipient": to}) == 1
    today = {"at": clock.now(), "created_at": clock.now()}
    notify.database["deliveries"].update_many({}, {"$set": today})
    with notify.running():
        notify.settled(4, state="sent")
    assert [each["text"] for each in sink.at("digest") if "汇总" in each["text"]] == [
        "每日汇总 2026-11-24：紧急案件 1 件（341324-20261123-00001）；"
        "紧急案件已派遣 1 件，待核查 2 件。"
    ]


def test_a_digest_that_was_cut_off_before_its_messages_goes_out_all_the_same(notify, sink):
    notify.choose(DISPATCHER, channels={"webhook": {"address": sink.url("digest")}})
    notify.tell(changed("issue.fed_back"))
    day = clock.now() + timedelta(days=1)
    at = datetime.combine(day.astimezone(clock.LOCAL).date(), time(12), clock.LOCAL)
    handlers.digest(at, time(8, 30), notify.book, notify.store)
    # As if it had died between a digest and the messages about it.
    notify.database["digests"].delete_many({})
    notify.database["deliveries"].delete_many({"kind": "digest"})
    handlers.digest(at, time(8, 30), notify.book, notify.store)
    assert len(notify.deliveries(kind="digest")) == 1


def test_an_event_from_the_broker_is_told_once_and_says_so(world):
    event = changed("issue.suspended", subject=uuid.uuid4().hex)
    told = {"party:property-1", f"dispatcher:{GRID[:12]}", *ACCOUNTS}
    with listening(world.stack) as heard:
        publish(world.stack, "notify.tell", [event.to_json().encode()] * 3)
        sent = [each for each in heard(len(told)) if each.subject == event.subject]
    assert {each.data["recipient"] for each in sent} == told
    assert {each.data["kind"] for each in sent} == {"suspended"}
    eventually(lambda: depth(world.stack, "notify.tell") == 0)
    rows = world.database("notify")["notices"]
    try:
        assert rows.count_documents({"issue": event.subject}) == len(told)
        assert depth(world.stack, "notify.tell.dead") == 0
    finally:
        rows.delete_many({"issue": event.subject})
        facts = world.database("stats")["facts"]
        eventually(lambda: facts.find_one({"_id": event.subject}))
        facts.delete_one({"_id": event.subject})


def test_everybody_has_an_inbox_and_choices_at_the_public_address(world):
    inbox = world.request("GET", "/api/v1/notices", "member")
    assert inbox.status == 200
    assert set(inbox.body) == {"items", "next", "unread"}
    choices = {"language": "en", "quiet": {"from": "21:00", "to": "06:30"}}
    chosen = world.request("PUT", "/api/v1/me/notifications", "member", json=choices)
    assert (chosen.status, chosen.body["quiet"]) == (200, choices["quiet"])
    assert world.client("member").get("/me/notifications") == chosen.body
    wrong = {"quiet": {"from": "21", "to": "06:30"}, "channels": {"sms": {"address": PHONE}}}
    refused = world.request("PUT", "/api/v1/me/notifications", "member", json=wrong)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "quiet.from")
    del wrong["quiet"]
    refused = world.request("PUT", "/api/v1/me/notifications", "member", json=wrong)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "channels.sms.address")
    assert world.client("member").get("/me/notifications") == chosen.body
    assert world.request("PUT", "/api/v1/me/notifications", "member", json={}).status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": ["0" * 26], "until": "0" * 26}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["x"]}, "ids.0"),
        ({"ids": ["0" * 26] * 201}, "ids"),
        ({"until": 5}, "until"),
        ({"id": "x"}, "id"),
        ([], "body"),
    ],
)
def test_what_was_read_is_said_in_one_way(world, body, field):
    refused = world.request("POST", "/api/v1/notices/read", "handler", json=body)
    assert refused.status == 422
    assert field in {each["field"] for each in refused.body["errors"]}


def test_deliveries_are_shown_of_ones_own_notices_only(world):
    path = f"/api/v1/notices/{'0' * 26}/deliveries"
    assert world.request("GET", path, "handler").status == 404
    assert world.request("GET", path).status == 401
    read = world.request("POST", "/api/v1/notices/read", "member", json={"until": "0" * 26})
    assert (read.status, read.body) == (200, {"unread": 0})
