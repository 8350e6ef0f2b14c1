"""One stream by itself, with a log in memory and a beat that is always over."""

from itertools import islice

import pytest

from services.gateway.live.feed import Entry, Feed, Wanted
from services.gateway.live.stream import Stream
from suishoupai.access import Reach, Whereabouts

from .....integration.listening import Reader

FIRST = 1_000


class Log:
    def __init__(self):
        self.entries = []
        self.away = False

    def write(self, count):
        numbers = range(self.last() + 1, self.last() + 1 + count)
        case = Whereabouts("r", "p", (), False)
        self.entries += [Entry(n, "issue.closed", case, (), {"n": n}) for n in numbers]

    def last(self):
        return self.entries[-1].number if self.entries else FIRST

    def after(self, number, limit):
        if self.away:
            raise ConnectionError("the database is away")
        return [each for each in self.entries if each.number > number][:limit]


class Client:
    """Takes what a stream gives it."""

    def __init__(self, log, position=FIRST, known=True, may_go_on=lambda: True, limits=None):
        self.log, self.reader, self.gone = log, Reader(), []
        self.feed = Feed(log.after, kept=10, page=4)
        self.feed.begin(log.last())
        wanted = Wanted(limits or Reach())
        self.stream = Stream(
            feed=self.feed,
            log=log,
            audience=lambda member: self.feed.join(wanted, member),
            position=position,
            known=known,
            may_go_on=may_go_on,
            beat=0,
            left=self.gone.append,
        )

    def take(self, chunks):
        told = [self.reader.text(next(self.stream).decode()) for _ in range(chunks)]
        return [(each.type, int(each.id)) for events in told for each in events]


def closed(*numbers):
    return [("issue.closed", FIRST + number) for number in numbers]


def test_it_greets_tells_what_it_missed_and_goes_on_with_what_is_new():
    log = Log()
    log.write(6)
    client = Client(log, position=FIRST + 1)
    assert client.take(1) == []
    assert (client.reader.retry, client.reader.last_id) == (3000, str(FIRST + 1))
    assert client.take(2) == closed(2, 3, 4, 5, 6)
    log.write(2)
    client.feed.extend(log.entries[-2:])
    assert client.take(1) == closed(7, 8)
    assert client.take(1) == []
    assert client.reader.comments == ["hello", "alive"]


def test_a_sign_of_life_moves_on_who_hears_nothing():
    log = Log()
    client = Client(log, limits=Reach(party="somebody else"))
    log.write(5)
    client.feed.extend(log.entries)
    assert client.take(2) == []
    assert client.reader.last_id == str(FIRST + 5)


def test_who_comes_back_too_late_is_told_so_first():
    log = Log()
    log.write(3)
    client = Client(log, position=log.last(), known=False)
    assert client.take(1) == [("reset", FIRST + 3)]
    log.write(1)
    client.feed.extend(log.entries[-1:])
    assert client.take(1) == closed(4)


def test_what_is_forgotten_while_somebody_reads_it_is_told_too():
    log = Log()
    log.write(30)
    client = Client(log)
    assert client.take(2) == closed(1, 2, 3, 4)
    log.entries = log.entries[10:]
    assert client.take(1) == [("reset", FIRST + 30)]
    assert client.take(1) == []


@pytest.mark.parametrize("how", ["told to", "not let in", "no database"])
def test_it_ends(how):
    log = Log()
    log.write(30)
    client = Client(log, may_go_on=lambda: how != "not let in")
    client.take(1)
    if how == "told to":
        client.stream.end()
    if how == "no database":
        log.away = True
    assert list(islice(client.stream, 3)) == []
    client.stream.close()
    assert client.gone == [client.stream]


def test_it_knows_since_when_its_client_has_taken_nothing():
    client = Client(Log())
    assert client.stream.writing_since is None
    client.take(1)
    assert client.stream.writing_since is not None
    client.stream.close()
    assert client.stream.writing_since is None
