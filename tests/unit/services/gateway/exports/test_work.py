"""An export is made to its end, whoever is interrupted on the way."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.exports import work
from services.gateway.exports.columns import Table
from services.gateway.exports.work import Bench, Left, Refused, make, seen_as
from suishoupai.access import Caller

OWNER = Caller("owner", ("supervisor",), "341324")
OTHER = Caller("owner", ("dispatcher",), "341324001001")
FIELDS = ("number", "description")


class Killed(BaseException):
    """The process is gone in the middle of something."""


class Store:
    """Keeps one export and its parts, as the database would, and counts what is done to it."""

    def __init__(self, export):
        self.export, self.parts, self.steps, self.dies_at = export, {}, 0, None

    def _step(self):
        self.steps += 1
        if self.steps == self.dies_at:
            raise Killed

    def change(self, export, update):
        self._step()
        if self.export is None or export["claim"] != self.export["claim"]:
            return False
        self.export = {**self.export, **update["$set"]}
        self._step()
        return True

    def keep_part(self, export, content):
        self._step()
        content = content if isinstance(content, bytes) else content.read()
        part = {"id": len(self.parts), "bytes": len(content)}
        self.parts[part["id"]] = content
        self._step()
        return part

    def drop(self, part):
        del self.parts[part["id"]]

    def drop_parts(self, export, but=()):
        self.parts = {part["id"]: self.parts[part["id"]] for part in but}

    @property
    def content(self):
        return b"".join(self.parts[part["id"]] for part in self.export["parts"])


class Cases:
    """Answers a list of so many cases, in pages of two."""

    def __init__(self, amount):
        self.amount = amount
        self.asked = []

    def __call__(self, question, caller, filters):
        shown = self.amount if caller == OWNER else self.amount // 2
        if question == "count_issues":
            return {"total": shown}
        start = int(filters.get("cursor", 0))
        self.asked.append(start)
        items = [
            {"id": str(n), "number": f"n-{n}", "description": f"={n}"}
            for n in range(start, min(start + 2, shown))
        ]
        return {"items": items, "next": str(start + 2) if start + 2 < shown else None}


def begun(form):
    return {
        "_id": "export",
        "account": "owner",
        "claim": "first",
        "state": "running",
        "format": form,
        "header": "names",
        "fields": list(FIELDS),
        "filters": {},
        "done": 0,
        "cursor": None,
        "parts": [],
        "seen_as": seen_as(OWNER),
    }


def bench(store, cases, caller_of=lambda name: OWNER, is_leaving=lambda: False):
    return Bench(store, caller_of, cases, is_leaving)


def rows(store):
    if store.export["format"] == "csv":
        text = store.content.decode("utf-8-sig")
        return [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    book = openpyxl.load_workbook(io.BytesIO(store.content))
    return [row[0] for row in book.active.iter_rows(values_only=True)]


def wanted(amount):
    return ["number", *(f"n-{number}" for number in range(amount))]


@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from(["csv", "xlsx"]),
    amount=st.integers(0, 45),
    deaths=st.lists(st.integers(1, 14), max_size=4),
)
def test_wherever_it_is_killed_it_is_finished_by_the_next(form, amount, deaths):
    store, cases = Store(begun(form)), Cases(amount)
    for number, dies_after in enumerate([*deaths, None]):
        if store.export["state"] == "done":
            break
        store.export = {**store.export, "claim": f"claim-{number}"}
        store.dies_at = dies_after and store.steps + dies_after
        try:
            make(store.export, bench(store, cases))
        except Killed:
            continue
    assert store.export["state"] == "done"
    assert store.export["done"] == store.export["total"] == amount
    assert rows(store) == wanted(amount)
    assert set(store.parts) == {part["id"] for part in store.export["parts"]}


def test_csv_goes_on_where_it_was_and_xlsx_begins_anew():
    for form, first in (("csv", 2 * work.PART_PAGES), ("xlsx", 0)):
        store, cases = Store(begun(form)), Cases(41)
        leaving = iter([False] * (work.PART_PAGES + 1) + [True])
        with pytest.raises(Left):
            make(store.export, bench(store, cases, is_leaving=lambda: next(leaving)))  # noqa: B023
        assert store.export["done"] > 0
        cases.asked.clear()
        make(store.export, bench(store, cases))
        assert cases.asked[0] == first
        assert rows(store) == wanted(41)


def test_another_reach_begins_anew():
    for form in ("csv", "xlsx"):
        store, cases = Store(begun(form)), Cases(40)
        callers = iter([OWNER] * (work.PART_PAGES + 3))
        make(store.export, bench(store, cases, lambda name: next(callers, OTHER)))  # noqa: B023
        assert rows(store) == wanted(20)
        assert store.export["seen_as"] == seen_as(OTHER)
        assert len(store.parts) == len(store.export["parts"])


def test_an_account_that_may_not_any_more_is_refused():
    store, cases = Store(begun("csv")), Cases(40)
    callers = iter([OWNER, OWNER])
    with pytest.raises(Refused):
        make(store.export, bench(store, cases, lambda name: next(callers, None)))
    assert store.export["state"] == "running"


def test_what_is_another_s_by_now_is_left_to_it():
    store, cases = Store(begun("csv")), Cases(40)
    mine = store.export

    def overtaken(question, caller, filters):
        if filters.get("cursor") == "4":
            store.export = {**store.export, "claim": "second"}
        return cases(question, caller, filters)

    with pytest.raises(Left):
        make(mine, bench(store, overtaken))
    assert store.parts == {}
    assert store.export["parts"] == []


def test_pages_ask_for_no_more_than_the_table_needs():
    asked = []

    def ask(question, caller, filters):
        asked.append(dict(filters))
        return {"items": [], "next": None}

    list(work.pages(ask, OWNER, Table(FIELDS), {"state": "closed"}))
    assert asked == [{"state": "closed", "fields": "number,description", "limit": 200}]
