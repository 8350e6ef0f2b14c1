"""Figures that are watched, with somebody who is asked in memory."""

import json
from itertools import islice

import eventlet
import pytest
from eventlet.event import Event as Signal

from services.gateway.live import frames
from services.gateway.live.feed import Feed, Wanted
from services.gateway.live.figures import Figures, _until_midnight
from services.gateway.live.stream import Stream
from suishoupai.access import Caller, Reach
from suishoupai.clock import parse_instant
from suishoupai.contracts.problems import Problem

from .....integration.listening import Reader

COUNTY, TOWN = "341324", "341324001"
ADMIN = Caller("admin", ("admin",))
NEVER = 1_000.0


def until(condition):
    """Lets the other greenthreads work until it holds."""
    with eventlet.Timeout(10):
        while not condition():
            eventlet.sleep(0.001)


class Stats:
    """Answers what it is told to, once it may."""

    def __init__(self):
        self.asked, self.figures, self.fails = [], 1, False
        self.at = 0
        self.may = Signal()
        self.may.send(None)

    def hold(self):
        self.may = Signal()

    def ask(self, division, caller):
        self.asked.append((division, caller))
        self.may.wait()
        if self.fails:
            raise Problem("unavailable", "stats does not answer")
        self.at += 1
        return {"division": division, "at": self.at, "open": self.figures}


class Member:
    def __init__(self):
        self.woken = 0

    def wake(self):
        self.woken += 1


def told(watched):
    (event,) = Reader().text(watched.frame.decode())
    assert event.type == "figures"
    return event.data["open"]


@pytest.fixture
def stats():
    return Stats()


@pytest.fixture
def figures(stats):
    return Figures(stats.ask, NEVER, apart=0.001)


def test_whoever_comes_first_has_it_asked_and_the_next_is_told_the_same(stats, figures):
    first, second = Member(), Member()
    watched = figures.join(COUNTY, first, ADMIN)
    until(lambda: first.woken)
    assert figures.join(COUNTY, second, Caller("other", ("admin",))) is watched
    assert (told(watched), watched.edition) == (1, 1)
    assert stats.asked == [(COUNTY, ADMIN)]


def test_a_change_is_told_to_all_who_listen_to_that_division(stats, figures):
    members = [Member() for _ in range(3)]
    county, town = (
        figures.join(COUNTY, members[0], ADMIN),
        figures.join(TOWN, members[1], ADMIN),
    )
    figures.join(TOWN, members[2], ADMIN)
    until(lambda: all(each.woken for each in members))
    stats.figures = 2
    figures.changed({TOWN, "341324002"})
    until(lambda: members[1].woken == members[2].woken == 2)
    assert (told(town), told(county)) == (2, 1)
    figures.changed(None)
    until(lambda: members[0].woken == 2)
    assert told(county) == 2


def test_what_changes_while_it_is_asked_is_asked_for_once_more(stats, figures):
    member = Member()
    watched = figures.join(COUNTY, member, ADMIN)
    until(lambda: member.woken)
    stats.hold()
    figures.changed({COUNTY})
    until(lambda: len(stats.asked) == 2)
    stats.figures = 3
    for _ in range(50):
        figures.changed({COUNTY})
    stats.may.send(None)
    until(lambda: len(stats.asked) == 3 and told(watched) == 3)
    stats.figures = 4
    figures.changed({COUNTY})
    until(lambda: told(watched) == 4)
    assert len(stats.asked) == 4


def test_it_is_not_asked_sooner_than_it_may(stats):
    figures, member, other = Figures(stats.ask, NEVER, apart=NEVER), Member(), Member()
    figures.join(COUNTY, member, ADMIN)
    until(lambda: member.woken)
    figures.changed({COUNTY})
    figures.join(TOWN, other, ADMIN)
    until(lambda: other.woken)
    for _ in range(20):
        eventlet.sleep(0)
    assert [division for division, _ in stats.asked] == [COUNTY, TOWN]


def test_figures_that_are_the_same_are_not_told_again(stats, figures):
    member = Member()
    watched = figures.join(COUNTY, member, ADMIN)
    until(lambda: member.woken)
    figures.changed({COUNTY})
    until(lambda: len(stats.asked) == 2 and not watched.changed.ready())
    stats.figures = 2
    figures.changed({COUNTY})
    until(lambda: member.woken == 2)
    assert (watched.edition, told(watched)) == (2, 2)


def test_what_nobody_heard_of_is_told_before_long_and_so_is_that_nothing_changed(stats):
    figures, member = Figures(stats.ask, 0.02, apart=0.001), Member()
    watched = figures.join(COUNTY, member, ADMIN)
    until(lambda: watched.edition >= 3)
    assert (told(watched), watched.edition) == (1, len(stats.asked))
    stats.figures = 2
    until(lambda: told(watched) == 2)
    figures.leave(watched, member)


def test_what_cannot_be_had_is_asked_for_again(stats):
    figures, member = Figures(stats.ask, NEVER, apart=0.001, again=0.001), Member()
    stats.fails = True
    watched = figures.join(COUNTY, member, ADMIN)
    until(lambda: len(stats.asked) >= 3)
    assert (watched.frame, member.woken) == (b"", 0)
    stats.fails = False
    until(lambda: member.woken)
    assert told(watched) == 1
    figures.leave(watched, member)


def test_nothing_is_asked_for_nobody(stats, figures):
    member, other = Member(), Member()
    watched = figures.join(COUNTY, member, ADMIN)
    figures.join(COUNTY, other, Caller("other", ("admin",)))
    until(lambda: member.woken and other.woken)
    figures.leave(watched, member)
    figures.changed({COUNTY})
    until(lambda: len(stats.asked) == 2)
    # Who left is not asked for any more.
    assert stats.asked[-1][1].account == "other"
    figures.leave(watched, other)
    figures.leave(watched, other)
    figures.changed({COUNTY})
    figures.changed(None)
    assert figures.join(COUNTY, member, ADMIN) is not watched
    until(lambda: member.woken == 2)
    assert len(stats.asked) == 3


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-11-25T00:00:00+08:00", 86_400),
        ("2026-11-25T23:59:59.500+08:00", 0.5),
        ("2026-11-25T16:00:00+00:00", 86_400),
        ("2026-12-31T15:00:00+00:00", 3_600),
    ],
)
def test_a_day_ends_at_local_midnight(now, seconds):
    assert _until_midnight(parse_instant(now)) == seconds


class Log:
    def last(self):
        return 7

    def after(self, number, limit):
        return []


def stream_of(figures, caller=ADMIN):
    feed = Feed(Log().after)
    feed.begin(7)
    return Stream(
        feed=feed,
        log=Log(),
        audience=lambda member: feed.join(Wanted(Reach()), member),
        watch=lambda member: figures.join(COUNTY, member, caller),
        position=7,
        known=True,
        may_go_on=lambda: True,
        beat=NEVER,
        left=lambda stream: figures.leave(stream.watched, stream),
    )


def test_a_stream_tells_the_newest_figures_and_keeps_its_place(stats, figures):
    stream, reader = stream_of(figures), Reader()
    heard = [event for chunk in islice(stream, 2) for event in reader.text(chunk.decode())]
    for stats.figures in (2, 3, 4):
        edition = stream.watched.edition
        figures.changed({COUNTY})
        until(lambda edition=edition: stream.watched.edition > edition)
    heard += reader.text(next(stream).decode())
    assert [(each.type, each.data["open"]) for each in heard] == [("figures", 1), ("figures", 4)]
    assert reader.last_id == "7"
    assert b"\nid:" not in stream.watched.frame
    stream.close()
    assert stream.watched.members == {}


def test_who_comes_later_is_told_at_once(stats, figures):
    first = stream_of(figures)
    list(islice(first, 2))
    second = stream_of(figures)
    text = b"".join(islice(second, 2)).decode()
    assert [json.loads(each.text)["open"] for each in Reader().text(text)] == [1]
    assert len(stats.asked) == 1


def test_an_event_without_a_number_has_no_id():
    text = frames.unnumbered("figures", {"name": "两行\n"}).decode()
    assert text == 'event: figures\ndata: {"name":"两行\\n"}\n\n'
