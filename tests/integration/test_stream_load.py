"""The live stream when things go wrong, and when many listen."""

import selectors
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import psutil
import pytest

from services.gateway.live.happenings import happenings
from services.gateway.live.store import HappeningStore
from suishoupai.mongo import connect

from ..unit.services.notify.events import changed
from .conftest import eventually, report_body
from .gateways import gateway
from .listening import Reader, Stream

MANY = 1_000
MEGABYTE = 1024 * 1024
SLOW_MEMORY = 48 * MEGABYTE
"""What a process may grow by while a client takes nothing: the ring of the last happenings."""


@pytest.fixture
def log(world):
    with connect(world.stack.settings()) as client:
        yield HappeningStore(client[f"{world.stack.settings().namespace}_gateway"], 24)


def write(log, count):
    """Happenings of as many cases, straight into the log."""
    for begin in range(0, count, 500):
        events = [
            changed("issue.urged", subject=uuid.uuid4().hex) for _ in range(min(500, count - begin))
        ]
        log.append(events, happenings)
    return log.last()


def sent(world, compound, count):
    """The cases of so many reports."""
    answers = [world.report(report_body(compound[1]), uuid.uuid4().hex) for _ in range(count)]
    assert {answer.status for answer in answers} == {201}
    return [answer.body["id"] for answer in answers]


def all_told(world, issues):
    """Whether report and dispatch of each case are in the log, once; the last of their numbers."""
    rows = list(world.database("gateway")["happenings"].find({"issue": {"$in": issues}}))
    assert len({row["event"] for row in rows}) == len(rows)
    told = {(row["issue"], row["type"]) for row in rows}
    wanted = {(i, name) for i in issues for name in ("issue.reported", "issue.dispatched")}
    return max(row["_id"] for row in rows) if wanted <= told else None


def hears_all_once(stream, begun, last):
    heard = stream.until(lambda told: int(told.id) >= last)
    assert [int(told.id) for told in heard] == list(range(begun + 1, last + 1))


def test_a_client_that_takes_nothing_is_cut_costs_no_memory_and_misses_nothing(
    world, tmp_path, log
):
    # Two beats are time enough for a client that takes everything, on a busy machine too.
    with gateway(world, tmp_path, stream_heartbeat=2.0) as quick:
        token, process = world.token("admin"), psutil.Process(quick.process.pid)
        with Stream(quick.url, token, receive_buffer=4096) as slow:
            begun = int(slow.reader.last_id)
            # What one that takes everything makes the process keep is kept for all.
            heard_by_another(quick, token, lambda: write(log, 2_500))
            before = process.memory_info().rss
            last = heard_by_another(quick, token, lambda: write(log, 10_000))
            assert process.memory_info().rss - before < SLOW_MEMORY
            eventually(lambda: quick.metric("suishoupai_streams_cut_total") == 1)
            heard = heard_before_the_cut(slow)
            assert 0 < len(heard) < 10_000
        with Stream(quick.url, token, last=slow.reader.last_id) as resumed:
            heard += resumed.until(lambda told: int(told.id) >= last)
        assert [int(told.id) for told in heard] == list(range(begun + 1, last + 1))


def heard_by_another(quick, token, write):
    """What ``write`` returned, once a client that reads has heard it all."""
    with Stream(quick.url, token) as other:
        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(write)
            while not writing.done():
                assert other.next_frame()
        other.await_id(writing.result())
        return writing.result()


def heard_before_the_cut(stream):
    heard = []
    with pytest.raises((OSError, HTTPException)):
        while told := stream.next():
            heard.append(told)
    return heard


class Crowd:
    """Raw connections that listen, read by one loop."""

    def __init__(self, url, token, size):
        self.host, self.port = url.removeprefix("http://").split(":")
        self.selector = selectors.DefaultSelector()
        self.sockets = [self._join(token) for _ in range(size)]
        self.heard = {}

    def _join(self, token):
        sock = socket.create_connection((self.host, int(self.port)), timeout=30)
        request = f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        sock.sendall(request.encode())
        greeting = b""
        while b"retry:" not in greeting:
            greeting += sock.recv(65536)
        assert greeting.startswith(b"HTTP/1.1 200 "), greeting
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ)
        return sock

    def await_all(self, issue):
        """Reads until everybody has heard of that case; what each has heard is in ``heard``."""
        while len(self.heard) < len(self.sockets):
            ready = self.selector.select(timeout=60)
            assert ready, f"{len(self.heard)} of {len(self.sockets)} have heard"
            for key, _ in ready:
                text = key.fileobj.recv(65536).decode()
                assert text, "a stream ended"
                # Each frame is a chunk of its own; between them are only their lengths.
                told = [each for each in Reader().text(text) if issue in each.text]
                if told:
                    self.heard.setdefault(key.fileobj, []).extend(told)

    def close(self):
        for sock in self.sockets:
            sock.close()
        self.selector.close()


def test_a_thousand_listen_to_one_process_and_all_hear(world, compound, tmp_path):
    settings = {"stream_connections": MANY, "streams_per_account": MANY}
    with gateway(world, tmp_path, **settings) as many:
        crowd = Crowd(many.url, world.token("admin"), MANY)
        try:
            assert many.metric("suishoupai_streams_open") == MANY
            refused = Stream(many.url, world.token("handler"))
            assert (refused.status, refused.problem["type"]) == (
                503,
                "urn:suishoupai:problem:unavailable",
            )
            assert int(refused.headers["Retry-After"]) > 0
            (issue,) = sent(world, compound, 1)
            crowd.await_all(issue)
            heard = {next(told.data["type"] for told in each) for each in crowd.heard.values()}
            assert heard == {"issue.reported"}
            assert many.is_ready()
        finally:
            crowd.close()


def test_a_gateway_with_open_streams_leaves_at_once_and_in_good_order(world, tmp_path, log):
    with gateway(world, tmp_path, streams_per_account=60) as leaving:
        token = world.token("admin")
        streams = [Stream(leaving.url, token) for _ in range(50)]
        slow = Stream(leaving.url, token, receive_buffer=4096)
        last = write(log, 1_000)
        for stream in streams:
            stream.await_id(last)
        assert leaving.stop() == 0
        for stream in streams:
            # The end of the answer, not of the connection: nothing was cut off.
            assert stream.next() is None
            assert stream.response.isclosed()
        slow.close()
        assert "Traceback" not in leaving.log.read_text(encoding="utf-8")
        with Stream(world.stack.url, token, last=streams[0].reader.last_id) as elsewhere:
            assert elsewhere.reader.last_id == str(last)


def test_a_broker_that_goes_away_loses_nothing_of_a_stream(world, compound):
    with Stream(world.stack.url, world.token("admin"), timeout=60) as stream:
        begun = int(stream.reader.last_id)
        issues = sent(world, compound, 10)
        world.stack.stop_program("rabbitmq")
        try:
            issues += sent(world, compound, 10)
            assert world.request("GET", "/api/v1/issues", "admin").status == 200
        finally:
            world.stack.start_program("rabbitmq")
        last = eventually(lambda: all_told(world, issues), 60)
        hears_all_once(stream, begun, last)


def test_a_database_that_goes_away_loses_nothing_of_a_stream(world, compound):
    token = world.token("admin")
    with Stream(world.stack.url, token, timeout=60) as stream:
        begun = int(stream.reader.last_id)
        issues = sent(world, compound, 5)
        eventually(lambda: all_told(world, issues))
        world.stack.kill("mongod", 9)
        assert Stream(world.stack.url, token).status in (200, 503)
        world.stack.await_program("mongod")
        issues += [eventually(lambda: retried(world, compound)) for _ in range(5)]
        last = eventually(lambda: all_told(world, issues), 60)
        hears_all_once(stream, begun, last)


def retried(world, compound):
    answer = world.report(report_body(compound[1]), uuid.uuid4().hex)
    return answer.body["id"] if answer.status == 201 else None


DYING = """
import eventlet
from services.gateway.live.store import HappeningStore

append = HappeningStore._append


def written_but_not_committed(*arguments):
    append(*arguments)
    print("written", flush=True)
    eventlet.sleep(10**6)


HappeningStore._append = written_but_not_committed
"""


def test_a_gateway_killed_between_writing_and_committing_loses_and_doubles_nothing(
    world, compound, tmp_path
):
    with (
        gateway(world, tmp_path, DYING) as dying,
        Stream(world.stack.url, world.token("admin"), timeout=60) as stream,
    ):
        begun = int(stream.reader.last_id)
        issues = []
        while "written" not in dying.log.read_text(encoding="utf-8"):
            issues += sent(world, compound, 1)
        issues += sent(world, compound, 5)
        dying.process.kill()
        last = eventually(lambda: all_told(world, issues), 60)
        hears_all_once(stream, begun, last)


def test_several_who_write_at_once_give_numbers_without_gaps_and_tell_each_event_once(log):
    """All write the same events, in batches of their own making, as redeliveries would."""
    events = [changed("issue.urged", subject=f"{uuid.uuid4().hex}") for _ in range(120)]
    begun = log.last()
    seen, done = [], threading.Event()

    def follow():
        position = begun
        while not done.is_set() or position < log.last():
            for entry in log.after(position, 7):
                position = entry.number
                seen.append(position)

    def append(size):
        for start in range(0, len(events), size):
            batch = events[start : start + size]
            log.append(batch, happenings)

    follower = threading.Thread(target=follow)
    writers = [threading.Thread(target=append, args=[size]) for size in (3, 7, 11, 100)]
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    entries = log.after(begun, 1_000)
    ours = {event.id for event in events}
    assert {e.shown["id"] for e in entries if e.shown["id"] in ours} == ours
    assert [entry.number for entry in entries] == list(range(begun + 1, log.last() + 1)) == seen
    assert len({entry.shown["id"] for entry in entries}) == len(entries)
