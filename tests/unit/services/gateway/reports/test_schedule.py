"""Which reports are made by themselves."""

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.reports.months import Timetable, due, due_at
from services.gateway.reports.schedule import schedule
from suishoupai.clock import LOCAL

from .answers import COUNTY, TOWN

TABLE = Timetable(2, time(6, 0))
NOW = datetime(2026, 11, 20, tzinfo=LOCAL)
DUE = datetime(2026, 11, 2, 6, 0, tzinfo=LOCAL)


class Store:
    """Subscriptions by division, and the reports that were ordered."""

    def __init__(self, since):
        self.since, self.reports = since, []

    def subscribed(self, until):
        return {code for code, since in self.since.items() if since <= until}

    def scheduled(self, month):
        return {each["division"] for each in self.reports if each["month"] == month}

    def schedule(self, report):
        self.reports.append(report)
        return True


def test_each_division_once_and_only_for_who_subscribed_in_time():
    store = Store({COUNTY: DUE, TOWN: DUE + timedelta(seconds=1)})
    assert schedule(NOW, TABLE, store) == 1
    assert schedule(NOW + timedelta(minutes=1), TABLE, store) == 0
    (report,) = store.reports
    assert (report["division"], report["month"], report["account"]) == (COUNTY, "2026-10", None)
    assert report["scheduled"] and report["state"] == "waiting"
    assert schedule(datetime(2026, 12, 2, 6, 0, tzinfo=LOCAL), TABLE, store) == 2


@given(
    st.dictionaries(st.sampled_from([COUNTY, TOWN, f"{TOWN}001"]), st.integers(-90, 90)),
    st.lists(st.integers(0, 120), max_size=8),
)
def test_however_often_it_is_looked_each_month_has_one_of_each(days, looks):
    since = {code: DUE + timedelta(days=each) for code, each in days.items()}
    store = Store(since)
    wanted = set()
    for look in sorted(looks):
        now = DUE + timedelta(days=look)
        schedule(now, TABLE, store)
        month = due(now, TABLE)
        wanted |= {(month, code) for code, at in since.items() if at <= due_at(month, TABLE)}
    made = [(each["month"], each["division"]) for each in store.reports]
    assert sorted(made) == sorted(wanted)
