from datetime import UTC, datetime, time, timedelta

import pytest

from services.notify import handlers
from services.notify.digests import day_of, digest_notice, end_of_digest
from services.notify.notices import shown

HALF_PAST_EIGHT = time(8, 30)
DUE = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


class Store:
    """A store with one party whose inbox holds news."""

    def __init__(self):
        self.written, self.done = [], set()

    def is_digested(self, day):
        return day in self.done

    def counts_since_digest(self, until):
        yield "p", {"assigned": 3, "overdue": 1}

    def insert(self, notices):
        self.written.extend(notices)

    def finish_digests(self, day):
        self.done.add(day)


def test_a_day_is_local():
    assert day_of(datetime(2026, 11, 23, 16, tzinfo=UTC)) == 20261124
    assert end_of_digest(datetime(2026, 11, 23, 16, tzinfo=UTC), HALF_PAST_EIGHT) == DUE


def test_a_digest_counts_by_kind_and_is_about_no_issue():
    notice = digest_notice("p", {"assigned": 3, "overdue": 1}, DUE, DUE)
    assert notice["text"] == "每日汇总 2026-11-24：新派案件 3 件，临期 0 件，超期 1 件。"
    answer = shown(notice)
    assert (answer["kind"], answer["issue"], answer["category"]) == ("digest", None, None)
    assert "outbox" not in notice


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
    store = Store()
    handlers.digest(DUE + after, HALF_PAST_EIGHT, store)
    assert len(store.written) == made


def test_what_is_made_is_not_looked_at_again_on_that_day():
    store = Store()
    for minutes in (1, 2, 3):
        handlers.digest(DUE + timedelta(minutes=minutes), HALF_PAST_EIGHT, store)
    assert len(store.written) == 1
