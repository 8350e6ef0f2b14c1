"""Notices go to whoever must hear of a case, once, by the channels they chose, on a real database
and by the real service, with an SMTP server and HTTP sinks of the test's own."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import urllib3

from services.notify import handlers
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.events import REPORTS

from ...unit.services.notify.events import GRID, changed
from ..conftest import ROOT, eventually
from .people import COLLEAGUE, DISPATCHER, FOLLOWER, HANDLER, PHONE, REPORTER
from .sinks import Sink


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
    of_cases = {rule.event_type for rule in notify.book.rules} - set(REPORTS)
    for sequence, event_type in enumerate(sorted(of_cases)):
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
