from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest

from services.notify import handlers
from services.notify.digests import NAMED, News, day_of, digest_notice, end_of_digest
from services.notify.notices import shown
from services.notify.rulebook import Rulebook
from services.notify.texts import read_texts
from suishoupai.settings import ROOT

HALF_PAST_EIGHT = time(8, 30)
DUE = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
WORDS = read_texts(ROOT / "data" / "notices")
BOOK = Rulebook("", (), {}, {}, None, False)


class Inboxes:
    """A store with one inbox that holds news."""

    def __init__(self):
        self.written, self.done = [], set()

    def is_digested(self, day):
        return day in self.done

    def news_since_digest(self, until):
        yield "party:p", News({"dispatched": 3, "overdue": 1}, [])

    def insert(self, notices):
        self.written.extend(notices)

    def digests_of(self, day):
        return self.written

    def finish_digests(self, day):
        self.done.add(day)


def test_a_day_is_local():
    assert day_of(datetime(2026, 11, 23, 16, tzinfo=UTC)) == 20261124
    assert end_of_digest(datetime(2026, 11, 23, 16, tzinfo=UTC), HALF_PAST_EIGHT) == DUE


def test_a_digest_counts_by_kind_and_is_about_no_issue():
    notice = digest_notice("party:p", News({"overdue": 1, "dispatched": 3}, []), DUE, DUE)
    answer = shown(notice, WORDS["zh"], False)
    assert answer["title"] == "每日汇总"
    assert answer["text"] == "每日汇总 2026-11-24：新派案件 3 件，超期 1 件。"
    assert (answer["kind"], answer["issue"], answer["category"]) == ("digest", None, None)
    assert "outbox" not in notice
    english = shown(notice, WORDS["en"], False)
    assert english["text"] == "Daily digest 2026-11-24: New case: 3, Overdue: 1."


def test_urgent_cases_come_first_and_only_so_many_are_named():
    numbers = [f"341324-20261123-{n:05}" for n in range(NAMED + 2)]
    news = News({"fed_back": 2}, numbers)
    text = shown(digest_notice("dispatcher:3", news, DUE, DUE), WORDS["zh"], False)["text"]
    assert text.startswith("每日汇总 2026-11-24：紧急案件 12 件（341324-20261123-00000，")
    assert text.endswith("341324-20261123-00009）；待核查 2 件。")


@pytest.mark.parametrize(
    ("after", "made"),
    [
        (timedelta(), 0),
        (timedelta(minutes=1), 1),
        (timedelta(hours=15), 1),
        (timedelta(hours=16), 0),
    ],
)
def test_it_is_made_from_its_hour_on_until_the_day_ends(after, made):
    inboxes = Inboxes()
    handlers.digest(DUE + after, HALF_PAST_EIGHT, BOOK, SimpleNamespace(inboxes=inboxes))
    assert len(inboxes.written) == made


def test_what_is_made_is_not_looked_at_again_on_that_day():
    inboxes = Inboxes()
    for minutes in (1, 2, 3):
        at = DUE + timedelta(minutes=minutes)
        handlers.digest(at, HALF_PAST_EIGHT, BOOK, SimpleNamespace(inboxes=inboxes))
    assert len(inboxes.written) == 1
