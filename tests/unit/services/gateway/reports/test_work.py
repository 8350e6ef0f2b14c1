"""A report is made to its end, whoever is interrupted on the way."""

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.jobs.work import Left, Refused
from services.gateway.reports.records import new_report, shown
from services.gateway.reports.work import FILES, OWN_ACCOUNT, Bench, make
from suishoupai.access import Caller

from .answers import COUNTY, MADE_AT, MONTH, NAMES, answer, answered

OWNER = Caller("owner", ("supervisor",), COUNTY)


class Killed(BaseException):
    """The process is gone in the middle of something."""


class Store:
    """Keeps one report and its files, as the database would, and counts what is done to it."""

    def __init__(self, account="owner"):
        new = new_report(COUNTY, MONTH, account, MADE_AT)
        self.report = {**new, "claim": "first", "state": "running"}
        self.files, self.steps, self.dies_at = {}, 0, None

    def _step(self):
        self.steps += 1
        if self.steps == self.dies_at:
            raise Killed

    def change(self, report, update):
        self._step()
        if report["claim"] != self.report["claim"]:
            return False
        self.report = {**self.report, **update["$set"]}
        for name, value in update.get("$push", {}).items():
            self.report = {**self.report, name: [*self.report[name], value]}
        self._step()
        return True

    def keep_files(self, report, files):
        parts = []
        for form, content in files:
            self._step()
            part = {"id": len(self.files), "bytes": len(content), "format": form}
            self.files[part["id"]] = content
            parts.append(part)
        return parts

    def drop(self, part):
        del self.files[part["id"]]

    def drop_parts(self, report, but=()):
        self.files = {}


class Services:
    """Answer, and remember what they were asked and by whom."""

    def __init__(self):
        self.asked, self.callers = [], []

    def __call__(self, question, caller):
        self.asked.append(question.key)
        self.callers.append(caller)
        return answer(question)


def bench(store, services, caller_of=lambda name: OWNER, **more):
    given = {
        "names": NAMES,
        "subscribers": lambda report: ["town", "supervisor"],
        "link": lambda report: f"https://ssp.example/{report}",
        "is_leaving": lambda: False,
        **more,
    }
    return Bench(store=store, caller_of=caller_of, put=services, **given)


def require_done(store):
    report = store.report
    assert report["state"] == "done"
    assert report["done"] == report["total"] == len(answered()) + FILES
    assert set(store.files) == {part["id"] for part in report["parts"]}
    book, page = (store.files[part["id"]] for part in report["parts"])
    assert openpyxl.load_workbook(io.BytesIO(book))["概览"]["A1"].value == report["title"]
    assert report["title"] in page.decode()


@settings(max_examples=25, deadline=None)
@given(deaths=st.lists(st.integers(1, 40), max_size=5))
def test_wherever_it_is_killed_it_is_finished_by_the_next(deaths):
    store, services = Store(), Services()
    for number, dies_after in enumerate([*deaths, None]):
        if store.report["state"] == "done":
            break
        store.report = {**store.report, "claim": f"claim-{number}"}
        store.dies_at = dies_after and store.steps + dies_after
        try:
            make(store.report, bench(store, services))
        except Killed:
            continue
    require_done(store)
    # What was kept is not asked again: each death costs one answer at most.
    assert len(services.asked) <= len(answered()) + len(deaths)
    assert store.report["outbox"] == []


def test_progress_grows_step_by_step():
    store, services, seen = Store(), Services(), []
    original = store.change

    def watched(report, update):
        seen.append((update["$set"]["done"], update["$set"]["total"]))
        return original(report, update)

    store.change = watched
    make(store.report, bench(store, services))
    assert [done for done, _ in seen[:-1]] == list(range(1, len(answered()) + 1))
    assert all(done <= total for done, total in seen)
    assert [total for _, total in seen] == sorted(total for _, total in seen)
    assert shown(store.report)["files"][1]["file"].endswith("/file?format=html")


def test_a_scheduled_one_is_asked_for_within_its_division_and_told_once():
    store, services = Store(account=None), Services()
    make(store.report, bench(store, services, caller_of=lambda name: None))
    require_done(store)
    assert set(services.callers) == {Caller(OWN_ACCOUNT, ("supervisor",), COUNTY)}
    (event,) = store.report["outbox"]
    assert event["type"] == "report.made"
    assert event["data"]["subscribers"] == ["town", "supervisor"]
    assert event["data"]["link"] == f"https://ssp.example/{store.report['_id']}"
    assert event["data"]["division"] == {"code": COUNTY, "name": "泗县"}


def test_a_scheduled_one_that_nobody_hears_of_is_not_told():
    store = Store(account=None)
    make(store.report, bench(store, Services(), subscribers=lambda report: []))
    assert store.report["outbox"] == []


@pytest.mark.parametrize("other", [None, Caller("owner", ("supervisor",), "341324001")])
def test_who_may_not_see_the_division_any_more_is_refused(other):
    store, services = Store(), Services()
    callers = iter([OWNER] * 5)
    with pytest.raises(Refused):
        make(store.report, bench(store, services, lambda name: next(callers, other)))
    assert len(services.asked) == 5
    assert store.files == {}


def test_what_is_another_s_by_now_is_left_to_it():
    store, services = Store(), Services()
    mine = store.report

    def overtaken(question, caller):
        if question.key.startswith("child "):
            store.report = {**store.report, "claim": "second"}
        return services(question, caller)

    with pytest.raises(Left):
        make(mine, bench(store, overtaken))
    assert store.report["state"] == "running"
    assert store.files == {}


def test_a_process_that_stops_leaves_it_to_another():
    store, services = Store(), Services()
    leaving = iter([False] * 4 + [True])
    with pytest.raises(Left):
        make(store.report, bench(store, services, is_leaving=lambda: next(leaving)))
    assert store.report["done"] == len(store.report["answers"]) == 4
