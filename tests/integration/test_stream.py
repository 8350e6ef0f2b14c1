"""The live stream of a running county: who hears what; whoever comes back misses nothing."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from services.gateway.live.store import HappeningStore
from suishoupai.settings import read_settings

from .conftest import eventually, report_body
from .gateways import gateway
from .listening import Stream
from .people import DEPARTMENT, people_around

BEAT = 0.25
"""Seconds between signs of life where a test waits for them."""


@pytest.fixture(scope="module")
def people(world, compound):
    world.account("hotline", "program", division="341324")
    world.account("hotline-elsewhere", "program", division="341324101")
    return people_around(world, compound[0])


@pytest.fixture(scope="module")
def quick(world, tmp_path_factory):
    """A second gateway whose heart beats quickly."""
    folder = tmp_path_factory.mktemp("quick")
    with gateway(world, folder, stream_heartbeat=BEAT) as quick:
        yield quick


def report(world, point, category="06010", account="member"):
    answer = world.report(report_body(point, category), uuid.uuid4().hex, account)
    assert answer.status == 201, answer
    return answer.body["id"]


def log_of(world):
    return HappeningStore(world.database("gateway"), 24)


def told_of(world, issue, event_type):
    """The number of an event in the log, once it is there."""
    rows = world.database("gateway")["happenings"]
    return eventually(lambda: rows.find_one({"issue": issue, "type": event_type}))["_id"]


def heard_of(stream, issue):
    return [told.type for told in stream.heard if told.data["issue"] == issue]


ALL = ["issue.reported", "issue.dispatched"]


@pytest.mark.parametrize("category", ["06010", "94002"])
def test_each_role_hears_what_it_may_see_and_nothing_else(
    world, compound, people, quick, listen, category
):
    """The same question is asked of the case itself: a stream shows no more and no less."""
    accounts = [*vars(type(people)()).values(), "hotline", "hotline-elsewhere"]
    streams = {account: listen(account, quick.url) for account in accounts}
    issue = report(world, compound[1], category)
    world.settled(issue)
    last = told_of(world, issue, "issue.dispatched")
    for account, stream in streams.items():
        stream.await_id(last)
        may_see = world.request("GET", f"/api/v1/issues/{issue}", account).status == 200
        heard = heard_of(stream, issue)
        assert heard[-1:] == (ALL[-1:] if may_see else []), account
        whole_county = account in ("member", "supervisor", "admin")
        if whole_county or (account == "hotline" and category == "06010"):
            assert heard == ALL, account
    sees = {account for account, stream in streams.items() if heard_of(stream, issue)}
    assert {"member", "admin", "supervisor"} <= sees
    assert not {"neighbour", "stranger", "elsewhere", "hotline-elsewhere"} & sees
    assert ("hotline" in sees) == ("dispatcher" in sees) == (category == "06010")


def test_what_is_told_is_what_the_case_says_and_nothing_personal(world, compound, people, listen):
    stream = listen("handler")
    issue = report(world, compound[1])
    (told,) = stream.until(lambda told: told.data["issue"] == issue)[-1:]
    case, data = world.case(issue), told.data
    assert told.type == data["type"] == "issue.dispatched"
    for name in ("number", "state", "version", "urgent", "due_at", "outcome", "responsible"):
        assert data[name] == case[name], name
    levels = ("county", "town", "community", "grid")
    assert data["divisions"] == [case[level]["code"] for level in levels]
    assert data["category"] == {name: case["category"][name] for name in ("code", "name")}
    assert not {"by", "reporter", "address", "description", "why", "followers"} & set(data)
    assert "member" not in told.text


def test_the_party_that_loses_a_case_hears_that_it_left(world, compound, people, listen):
    loser, winner = listen("handler"), listen(people.department)
    issue = report(world, compound[1])
    world.settled(issue)
    world.done(issue, "return", "handler", reason="不归我们")
    world.done(issue, "redispatch", people.dispatcher, party=DEPARTMENT, reason="归环卫")
    world.done(issue, "urge", people.dispatcher)
    # Two events so close to each other may come in either order.
    both = {}
    while len(both) < 2:
        told = winner.next()
        if told.data["issue"] == issue:
            both[told.type] = told.data
    assert set(both) == {"issue.redispatched", "issue.urged"}
    assert both["issue.redispatched"]["responsible"]["id"] == DEPARTMENT
    left = loser.until(lambda told: told.data["left"])[-1].data
    assert left["issue"] == issue
    assert set(left) == {"id", "type", "time", "issue", "version", "left"}
    again = report(world, compound[1])
    after = loser.until(lambda told: told.data["issue"] == again)
    assert issue not in {told.data["issue"] for told in after}


def test_filters_narrow_a_stream(world, compound, village, people, quick, listen):
    division = village[0]["community"]
    closed = listen("admin", quick.url, types="issue.dispatched")
    there = listen("admin", quick.url, division=division)
    mine = listen("member", quick.url, division=division)
    here, elsewhere = report(world, compound[1]), report(world, village[1])
    world.placed(elsewhere)
    world.settled(here)
    rows = world.database("gateway")["happenings"]
    where = {"issue": elsewhere, "whereabouts.divisions": division}
    eventually(lambda: rows.find_one(where))
    last = log_of(world).last()
    for stream in (closed, there, mine):
        stream.await_id(last)
    assert {told.type for told in closed.heard} == {"issue.dispatched"}
    assert here in {told.data["issue"] for told in closed.heard}
    assert {told.data["issue"] for told in there.heard} == {elsewhere}
    assert {told.data["issue"] for told in mine.heard} == {elsewhere}


def test_what_is_refused_says_why(world, people):
    url = world.stack.url
    assert (refused := Stream(url)).status == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    for query, status in [
        ({"types": "issue.unheard"}, 422),
        ({"division": "34"}, 422),
        ({"colour": "red"}, 422),
        ({"last_event_id": "then"}, 422),
        ({"division": "341324101"}, 403),
    ]:
        refused = Stream(url, world.token("dispatcher"), **query)
        assert refused.status == status, query
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_the_answer_is_one_that_no_cache_and_no_proxy_holds_back(world, listen):
    headers = listen("admin").headers
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    for _ in range(read_settings().streams_per_account + 1):
        assert world.request("HEAD", "/api/v1/stream", "neighbour").status == 200


def test_a_broken_stream_goes_on_exactly_where_it_was(world, compound, people, quick, listen):
    stream = listen("admin")
    begun = int(stream.reader.last_id)
    issues = []
    sending = threading.Thread(
        target=lambda: issues.extend(report(world, compound[1]) for _ in range(50))
    )
    sending.start()
    heard = []
    while sending.is_alive():
        heard += stream.take(4)
        stream.close()
        # By header and by query, here and at the other process: it is the same log.
        last = stream.reader.last_id
        if len(heard) % 8:
            stream = listen("admin", quick.url, last=last)
        else:
            stream = listen("admin", last_event_id=last)
        assert stream.reader.last_id == last
    sending.join()
    # A report may well be written down after what followed from it.
    last = max(told_of(world, issue, name) for issue in issues for name in ALL)
    heard += stream.until(lambda told: int(told.id) >= last)
    assert [int(told.id) for told in heard] == list(range(begun + 1, int(heard[-1].id) + 1))
    assert len({told.data["id"] for told in heard}) == len(heard)
    told = {(told.data["issue"], told.type) for told in heard}
    assert {(issue, name) for issue in issues for name in ALL} <= told


def test_two_gateways_tell_the_same(world, compound, people, quick, listen):
    streams = [listen("admin"), listen("admin", quick.url)]
    issues = [report(world, compound[1]) for _ in range(10)]
    last = max(told_of(world, issue, "issue.dispatched") for issue in issues)
    first, second = (stream.until(lambda told: int(told.id) >= last) for stream in streams)
    common = max(int(first[0].id), int(second[0].id))
    told = [[each for each in heard if int(each.id) >= common] for heard in (first, second)]
    shortest = min(map(len, told))
    assert shortest >= 20
    assert told[0][:shortest] == told[1][:shortest]


@pytest.mark.parametrize("last", ["1", "999999999999999999", "01HZXW", "-1", "一"])
def test_who_comes_back_from_where_the_log_does_not_reach_is_told_to_read_anew(
    world, compound, people, listen, last
):
    stream = listen("admin", last=last.encode().decode("latin1"))
    reset = stream.next()
    assert (reset.type, set(reset.data)) == ("reset", {"reason"})
    assert int(reset.id) <= log_of(world).last()
    issue = report(world, compound[1])
    stream.until(lambda told: told.data.get("issue") == issue)


def test_what_is_forgotten_cannot_be_gone_on_from(world, compound, people, listen):
    issues = [report(world, compound[1]) for _ in range(2)]
    numbers = [told_of(world, issue, "issue.reported") for issue in issues]
    rows = world.database("gateway")["happenings"]
    rows.delete_many({"_id": {"$lte": numbers[0]}})
    assert listen("admin", last=str(numbers[0] - 1)).next().type == "reset"
    assert int(listen("admin", last=str(numbers[0])).next().id) == numbers[0] + 1


def test_the_log_forgets_in_time(world):
    """And a changed setting changes that."""
    database = world.database("gateway")
    (index,) = (
        each for each in database["happenings"].list_indexes() if "expireAfterSeconds" in each
    )
    assert index["expireAfterSeconds"] == read_settings().stream_hours * 3600
    try:
        HappeningStore(database, 2).create_indexes()
        (index,) = (
            each for each in database["happenings"].list_indexes() if "expireAfterSeconds" in each
        )
        assert index["expireAfterSeconds"] == 2 * 3600
    finally:
        HappeningStore(database, read_settings().stream_hours).create_indexes()


def test_a_silent_stream_shows_that_it_lives(world, quick, listen):
    stream = listen("neighbour", quick.url)
    while stream.reader.comments.count("alive") < 3:
        assert stream.next_frame()
    assert stream.heard == []
    assert stream.reader.retry == 3000


def test_a_stream_ends_with_the_token_it_was_opened_by(world, quick, listen):
    token = world.token("admin")
    claims = jwt.decode(token, options={"verify_signature": False})
    secret = world.stack.settings().token_secret
    # A token ends at a whole second: one to two seconds are left.
    claims["exp"] = datetime.now(UTC) + timedelta(seconds=2)
    stream = Stream(quick.url, jwt.encode(claims, secret, algorithm="HS256"))
    while stream.next_frame():
        pass
    assert "alive" in stream.reader.comments
    assert Stream(quick.url, jwt.encode(claims, secret, algorithm="HS256")).status == 401


def test_an_account_has_so_many_streams_and_gets_one_back_for_each_it_leaves(world, listen):
    most = read_settings().streams_per_account
    streams = [listen("resident") for _ in range(most)]
    refused = Stream(world.stack.url, world.token("resident"))
    assert (refused.status, refused.problem["status"]) == (429, 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert listen("neighbour").status == 200
    streams[0].close()
    # Nothing was sent to it since: that it is gone is found out by looking.
    assert eventually(lambda: Stream(world.stack.url, world.token("resident")).status == 200)
