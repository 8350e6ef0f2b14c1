"""Figures through the stream of a running county: told as they change, to who may see them."""

import signal
import uuid

import pytest

from .conftest import eventually, report_body
from .gateways import gateway
from .listening import Stream
from .people import people_around

COUNTY = "341324"


@pytest.fixture(scope="module")
def people(world, compound):
    world.account("hotline", "program", division=COUNTY)
    return people_around(world, compound[0])


def report(world, point):
    answer = world.report(report_body(point), uuid.uuid4().hex)
    assert answer.status == 201, answer
    return answer.body["id"]


def board(world, division=COUNTY):
    return world.client("admin").get("/stats/board", division=division)


def shown(told):
    return {name: value for name, value in told.items() if name != "at"}


def told(stream, condition=lambda figures: True):
    """The first figures from here on of which it holds."""
    heard = stream.until(lambda told: told.type == "figures" and condition(told.data))
    return heard[-1].data


def settled(world, issue, division=COUNTY):
    """The board once the case is counted to the end."""
    world.settled(issue)
    return board(world, division)


def test_the_figures_of_now_come_first_and_then_each_change(world, compound, people, listen):
    before = board(world)
    stream = listen(figures=COUNTY)
    assert shown(told(stream)) == shown(before)
    after = settled(world, report(world, compound[1]))
    assert after["today"][0]["cases"] == before["today"][0]["cases"] + 1
    assert told(stream, lambda figures: shown(figures) == shown(after))["at"] > before["at"]


def test_of_a_division_only_what_concerns_it_is_told(
    world, compound, village, people, tmp_path, listen
):
    grid = compound[0]["grids"][0]
    here, there = (listen(figures=division) for division in (grid, village[0]["community"]))
    first, other = told(here), told(there)
    issue = report(world, compound[1])
    after = settled(world, issue, grid)
    assert shown(told(here, lambda figures: figures["open"] > first["open"])) != shown(first)
    assert told(here, lambda figures: shown(figures) == shown(after))["division"] == grid
    issue = report(world, village[1])
    world.placed(issue)
    assert told(there, lambda figures: figures["open"] == other["open"] + 1)
    assert [each.data["open"] for each in there.heard if each.type == "figures"][:-1] == [
        other["open"]
    ] * (sum(each.type == "figures" for each in there.heard) - 1)


def test_figures_leave_the_place_in_the_log_alone(world, compound, people, listen):
    stream = listen(figures=COUNTY)
    begun = stream.reader.last_id
    told(stream)
    assert stream.reader.last_id == begun
    issue = report(world, compound[1])
    after = settled(world, issue)
    told(stream, lambda figures: shown(figures) == shown(after))
    last, cases = stream.reader.last_id, [each for each in stream.heard if each.type != "figures"]
    stream.close()
    again = listen(figures=COUNTY, last=last)
    other = report(world, compound[1])
    heard = again.until(lambda told: told.type != "figures" and told.data["issue"] == other)
    cases += [each for each in heard if each.type != "figures"]
    assert [int(each.id) for each in cases] == list(
        range(int(begun) + 1, int(begun) + 1 + len(cases))
    )


def test_figures_alone(world, compound, people, listen):
    stream = listen(figures=COUNTY, types="figures")
    after = settled(world, report(world, compound[1]))
    told(stream, lambda figures: shown(figures) == shown(after))
    assert {each.type for each in stream.heard} == {"figures"}


@pytest.mark.parametrize(
    ("account", "query", "status"),
    [
        ("dispatcher", {"figures": "341324101"}, 403),
        ("town", {"figures": COUNTY}, 403),
        ("elsewhere", {"figures": "341324001"}, 403),
        ("member", {"figures": COUNTY}, 403),
        ("resident", {"figures": COUNTY}, 403),
        ("handler", {"figures": COUNTY}, 403),
        ("admin", {"figures": "34"}, 422),
        ("admin", {"types": "figures"}, 422),
    ],
)
def test_who_may_not_see_a_board_is_refused_its_figures(world, people, account, query, status):
    name = getattr(people, account)
    refused = Stream(world.stack.url, world.token(name), **query)
    assert refused.status == status
    if status == 403:
        answer = world.request("GET", f"/api/v1/stats/board?division={query['figures']}", name)
        assert answer.status == 403


def test_two_gateways_tell_the_same(world, compound, people, tmp_path, listen):
    with gateway(world, tmp_path) as other:
        streams = [listen(figures=COUNTY), listen(figures=COUNTY, url=other.url)]
        for stream in streams:
            told(stream)
        after = settled(world, report(world, compound[1]))
        for stream in streams:
            told(stream, lambda figures: shown(figures) == shown(after))


def test_a_change_is_told_when_it_happens_and_not_by_the_clock(
    world, compound, people, tmp_path, listen
):
    with gateway(world, tmp_path, stream_heartbeat=3600.0) as patient:
        stream = listen(figures=COUNTY, url=patient.url)
        told(stream)
        after = settled(world, report(world, compound[1]))
        told(stream, lambda figures: shown(figures) == shown(after))


DEAF = """
from services.gateway.live.figures import Figures

Figures.changed = lambda *_: None
"""


def test_what_is_not_heard_of_is_told_all_the_same(world, compound, people, tmp_path, listen):
    with gateway(world, tmp_path, DEAF, stream_heartbeat=0.5) as deaf:
        stream = listen(figures=COUNTY, url=deaf.url)
        first = told(stream)
        # Though nothing has changed: so that a client sees how old its figures are.
        assert told(stream)["at"] > first["at"]
        after = settled(world, report(world, compound[1]))
        told(stream, lambda figures: shown(figures) == shown(after))


def test_a_restart_of_stats_heals(world, compound, people, listen):
    stream = listen(figures=COUNTY, timeout=60)
    told(stream)
    old = world.stack.pid("stats")
    world.stack.kill("stats", signal.SIGKILL)
    issue = report(world, compound[1])
    eventually(lambda: world.stack.pid("stats") not in (0, old))
    after = settled(world, issue)
    told(stream, lambda figures: shown(figures) == shown(after))


def test_a_restart_of_the_broker_heals(world, compound, people, listen):
    stream = listen(figures=COUNTY, timeout=60)
    told(stream)
    world.stack.stop_program("rabbitmq")
    try:
        issue = report(world, compound[1])
    finally:
        world.stack.start_program("rabbitmq")
    after = settled(world, issue)
    told(stream, lambda figures: shown(figures) == shown(after))


def test_what_nobody_listens_to_is_not_asked(world, compound, people, tmp_path):
    with gateway(world, tmp_path, stream_heartbeat=0.3) as quiet:
        with Stream(quiet.url, world.token("admin"), figures=COUNTY) as stream:
            told(stream)
        eventually(lambda: quiet.metric("suishoupai_streams_open") == 0)
        settled(world, report(world, compound[1]))
        assert (asked := questions(quiet))
        with Stream(quiet.url, world.token("admin")) as stream:
            issue = report(world, compound[1])
            stream.until(lambda told: told.data["issue"] == issue)
            settled(world, issue)
        assert questions(quiet) == asked


def questions(started):
    """How often this gateway asked for a board."""
    text = started.pool.request("GET", f"{started.url}/metrics").data.decode()
    name = 'suishoupai_question_seconds_count{method="board"'
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))
