"""The feed against a slow obvious model: a reader is told every entry of the log after its place
that concerns it, once and in order, or learns that it cannot be."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.live.feed import Entry, Feed, Gap, Wanted
from suishoupai.access import Reach, Whereabouts

PARTIES = ("a", "b", "c")
FIRST = 1_000


def entry(number, party):
    return Entry(number, "issue.closed", Whereabouts("r", party, (), False), (), {"n": number})


class Log:
    """What is in the database: entries by number, the oldest forgotten in time."""

    def __init__(self):
        self.entries = []
        self.number = FIRST
        self.pages = 0

    def write(self, party):
        self.number += 1
        self.entries.append(entry(self.number, party))

    def after(self, number, limit):
        self.pages += 1
        return [each for each in self.entries if each.number > number][:limit]


def numbers(frames):
    return [json.loads(frame.split(b"\n")[1].removeprefix(b"data: "))["n"] for frame in frames]


class Listener:
    def __init__(self, feed, party, position):
        self.wanted = Wanted(Reach(party=party))
        self.audience = feed.join(self.wanted, self)
        self.started = self.position = position
        self.heard = []
        self.lost = False

    def step(self, feed):
        try:
            self.position, told = feed.take(self.audience, self.position)
        except Gap:
            self.lost = True
        else:
            self.heard += numbers(told)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(PARTIES)),
        st.tuples(st.just("follow"), st.integers(1, 5)),
        st.tuples(st.just("join"), st.sampled_from(PARTIES), st.integers(0, 8)),
        st.tuples(st.just("read"), st.integers(0, 5)),
        st.tuples(st.just("forget"), st.integers(1, 3)),
        st.tuples(st.just("begin")),
    ),
    max_size=60,
)


class County:
    """A log that is written to, followed, read and forgotten, in any order."""

    def __init__(self, kept, page):
        self.log, self.written, self.listeners = Log(), [], []
        self.feed = Feed(self.log.after, kept, page)
        self.feed.begin(FIRST)

    def write(self, party):
        self.log.write(party)
        self.written.append(self.log.entries[-1])

    def follow(self, count):
        self.feed.extend(self.log.after(self.feed.last, count))

    def join(self, party, back):
        self.listeners.append(Listener(self.feed, party, max(FIRST, self.log.number - back)))

    def read(self, which):
        if self.listeners:
            self.listeners[which % len(self.listeners)].step(self.feed)

    def forget(self, count):
        # Never what the feed has not read yet: that is milliseconds old.
        old = [each for each in self.log.entries if each.number <= self.feed.last]
        self.log.entries = self.log.entries[min(len(old), count) :]

    def begin(self):
        self.feed.begin(self.log.number)

    def due(self, listener):
        """The model: everything written after its place that is its party's."""
        party = listener.wanted.limits.party
        return [
            each.number
            for each in self.written
            if each.number > listener.started and each.whereabouts.party == party
        ]


@settings(max_examples=300)
@given(STEPS, st.integers(1, 4), st.integers(1, 3))
def test_every_reader_hears_all_that_concerns_it_once_or_learns_that_it_cannot(steps, kept, page):
    county = County(kept, page)
    for name, *arguments in steps:
        getattr(county, name)(*arguments)
    county.follow(len(county.written))
    there = {each.number for each in county.log.entries}
    for listener in county.listeners:
        for _ in range(len(county.written) + 2):
            listener.step(county.feed)
        due = county.due(listener)
        if listener.lost:
            assert listener.heard == due[: len(listener.heard)]
            assert listener.position < county.log.number
            assert listener.position + 1 not in there
        else:
            assert listener.heard == due
            assert listener.position >= county.log.number


def test_a_reader_whom_nothing_concerns_costs_the_log_nothing():
    log = Log()
    feed = Feed(log.after, kept=2, page=2)
    feed.begin(FIRST)
    listener = Listener(feed, "b", FIRST)
    for _ in range(50):
        log.write("a")
        feed.extend(log.entries[-1:])
    read = log.pages
    listener.step(feed)
    assert (listener.position, listener.heard, log.pages) == (log.number, [], read)


def test_what_comes_at_once_is_told_page_by_page():
    log = Log()
    feed = Feed(log.after, kept=10, page=1)
    feed.begin(FIRST)
    listener = Listener(feed, "a", FIRST)
    for party in "aba":
        log.write(party)
    feed.extend(log.entries)
    for _ in range(4):
        listener.step(feed)
    assert listener.heard == [FIRST + 1, FIRST + 3]


def test_only_those_whom_it_concerns_are_named():
    log = Log()
    feed = Feed(log.after)
    feed.begin(FIRST)
    first, second = Listener(feed, "a", FIRST), Listener(feed, "b", FIRST)
    log.write("b")
    assert feed.extend(log.entries) == [second.audience]
    feed.leave(second.audience, second)
    feed.leave(second.audience, second)
    log.write("b")
    assert feed.extend(log.entries[-1:]) == []
    assert first.audience.members == {first}


def test_memory_holds_no_more_than_it_is_to_however_slowly_somebody_reads():
    log = Log()
    feed = Feed(log.after, kept=10)
    feed.begin(FIRST)
    slow = Listener(feed, "a", FIRST)
    for _ in range(500):
        log.write("a")
        feed.extend(log.entries[-1:])
    assert len(feed._ring) == 10
    while len(slow.heard) < 500:
        slow.step(feed)
    assert slow.heard == [each.number for each in log.entries]


def test_a_log_that_was_begun_anew_is_told_to_all():
    log = Log()
    feed = Feed(log.after)
    feed.begin(FIRST)
    listener = Listener(feed, "a", FIRST)
    log.number = 5_000
    log.write("c")
    assert feed.extend(log.entries) == [listener.audience]
    with pytest.raises(Gap):
        feed.take(listener.audience, listener.position)
