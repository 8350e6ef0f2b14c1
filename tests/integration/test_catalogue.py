"""The catalogue on a real database: seeded once, changed by imports, all or nothing."""

import csv
import io
import os
import subprocess
import sys
import threading
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from bson.errors import InvalidDocument
from pymongo import MongoClient

from services.issues.catalogue import by_code, compare, in_force
from services.issues.catalogue_store import CatalogueStore, Note
from services.issues.seed import read_catalogue, seed
from suishoupai import clock
from suishoupai.mongo import connect
from suishoupai.truth.records import Overtaken

from .conftest import ROOT, report_body

SHIPPED = ROOT / "data" / "catalogue.csv"
TODAY = clock.now().astimezone(clock.LOCAL).date()
TOMORROW = TODAY + timedelta(days=1)
LATER = TODAY + timedelta(days=30)
NOTE = Note("王芳", clock.now(), "file.csv", TOMORROW.isoformat())


@pytest.fixture
def scratch(world):
    """A database of its own beside the stack's, gone afterwards."""
    name = f"catalogue_{uuid.uuid4().hex}"
    with connect(world.stack.settings()) as client:
        yield client[name]
        client.drop_database(name)


@pytest.fixture
def store(world, scratch):
    seed(scratch, world.stack.settings())
    return CatalogueStore(scratch)


@pytest.fixture
def suishoupai(world, tmp_path):
    """Runs a command on the stack; what it changed of the catalogue is put back afterwards."""
    database = MongoClient(world.stack.settings().mongodb_uri)[
        f"{world.stack.settings().namespace}_issues"
    ]
    kept = {name: list(database[name].find()) for name in ("catalogue", "catalogue_changes")}

    def run(*words):
        command = [Path(sys.executable).parent / "suishoupai", "catalogue", *words]
        return subprocess.run(
            [*command, "--data", world.stack.folder],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "240"},
        )

    yield run
    for name, documents in kept.items():
        database[name].delete_many({})
        database[name].insert_many(documents)


@pytest.fixture
def write(tmp_path):
    """Writes a file with the rows of the shipped one and others; returns its path."""

    def write(*rows, without=(), **changed):
        with SHIPPED.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            shipped = [row for row in reader if row["code"] not in without]
        shipped = [row | changed.get(f"c{row['code']}", {}) for row in shipped]
        path = tmp_path / f"{uuid.uuid4().hex}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            writer.writerows([*shipped, *rows])
        return path

    return write


def own_row(code="97991", **more):
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    return {**first, "code": code, "name": f"试验{code}", "valid_from": "", **more}


def contents(store):
    return store.edition(), store.all_rows()


def wanted(code="97991", **more):
    (first, *_) = read_catalogue(SHIPPED)
    return {**first, "code": code, "valid_from": None, **more}


def test_seeding_again_changes_nothing_and_leaves_what_imports_made(world, scratch, store):
    assert len(store.rows(TODAY)) == 123
    before = contents(store)
    assert seed(scratch, world.stack.settings()) == "123 categories"
    assert contents(store) == before
    rows = [row for row in read_catalogue(SHIPPED) if row["code"] != "09001"]
    rows = [{**row, "limit": 9} if row["code"] == "06010" else row for row in rows]
    changes = compare(store.all_rows(), rows, TOMORROW, end_missing=True)
    store.apply(changes, store.edition(), NOTE)
    before = contents(store)
    seed(scratch, world.stack.settings())
    assert contents(store) == before
    assert store.row("06010", TODAY)["limit"] == 4
    assert store.row("06010", TOMORROW)["limit"] == 9
    assert store.row("09001", TODAY)
    assert store.row("09001", TOMORROW) is None
    assert len(store.rows(TOMORROW)) == 122


def test_a_catalogue_without_dates_is_taken_over_by_seeding(world, scratch):
    store = CatalogueStore(scratch)
    assert "seed" in store.missing()
    scratch["catalogue"].insert_many([{"_id": "06010", "name": "暴露垃圾"}, {"_id": "99999"}])
    assert "seed" in store.missing()
    seed(scratch, world.stack.settings())
    assert store.missing() is None
    assert scratch["catalogue"].count_documents({}) == len(store.all_rows()) == 123
    assert store.row("06010", TODAY)["_id"] == "06010@2026-01-01"


def test_a_county_whose_file_has_no_dates_begins_today(world, scratch, tmp_path):
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = [dict(list(row.items())[:-2]) for row in csv.DictReader(file)]
    with (tmp_path / "catalogue.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    settings = world.stack.settings()
    seed(scratch, type(settings)(**{**vars(settings), "county": tmp_path}))
    store = CatalogueStore(scratch)
    assert len(store.rows(TODAY)) == 123
    assert store.rows(TODAY - timedelta(days=1)) == []


def test_every_day_reads_as_the_rows_say(store):
    for on, limit in ((LATER, 7), (TOMORROW, 5), (LATER + timedelta(days=9), 8)):
        rows = [wanted("97991", limit=limit), wanted("06010", limit=limit)]
        changes = compare(store.all_rows(), rows, on)
        store.apply(changes, store.edition(), NOTE)
        every = by_code(store.all_rows())
        for day in (TODAY, TOMORROW, LATER - timedelta(days=1), LATER, LATER + timedelta(days=9)):
            for code in ("97991", "06010", "06012"):
                assert store.row(code, day) == in_force(every.get(code, []), day.isoformat())
            found = store.rows(day)
            assert found == [store.row(row["code"], day) for row in found]
            assert [row["code"] for row in found] == sorted({row["code"] for row in found})
    assert [row["limit"] for row in store.versions("97991")] == [5, 8]
    assert [change["_id"] for change in store.changes_of("97991")] == [2, 3, 4]


def test_of_two_who_compared_with_the_same_edition_one_writes(store):
    edition, rows = contents(store)
    outcomes, ready = [], threading.Barrier(4)

    def change(number):
        # Of a code that is not there yet: no document says that the other was faster.
        on = TOMORROW + timedelta(days=number)
        changes = compare(rows, [wanted(limit=number + 1)], on)
        ready.wait()
        try:
            outcomes.append(store.apply(changes, edition, NOTE))
        except Overtaken as error:
            outcomes.append(error)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(None) == 1
    assert len(outcomes) == 4
    assert len(store.versions("97991")) == 1
    assert store.edition() == edition + 1


def test_a_change_that_breaks_half_way_changes_nothing(store):
    planned = compare(store.all_rows(), [wanted()], LATER)
    store.apply(planned, store.edition(), NOTE)
    before = contents(store)
    # Its note can be written and what was planned taken out; the last row cannot be written.
    broken = wanted("97992", filing_condition=object())
    changes = compare(store.all_rows(), [wanted(limit=9), broken], TOMORROW)
    assert changes.replaced
    with pytest.raises(InvalidDocument):
        store.apply(changes, store.edition(), NOTE)
    assert contents(store) == before


def test_an_import_shows_the_difference_applies_it_and_keeps_who_did_it(suishoupai, write):
    file = write(own_row(), without=["09001"], c06010={"limit": "9", "emergency": "110|119"})
    shown = suishoupai("import", file, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert any({"+", "97991", "试验97991", TOMORROW.isoformat()} <= set(line) for line in lines)
    assert any({"~", "06010", "limit", "4", "9"} <= set(line) for line in lines)
    assert any({"~", "06010", "emergency", "110|119"} <= set(line) for line in lines)
    assert "1 added, 1 changed, 0 ended, 121 unchanged" in shown.stdout
    assert "1 in force are not in the file and stay" in shown.stdout
    assert "09001" in shown.stdout
    assert suishoupai("history", "97991").returncode == 1
    done = suishoupai("import", file, "--end-missing")
    assert done.returncode == 0, done.stderr
    assert "1 added, 1 changed, 1 ended, 121 unchanged" in done.stdout
    again = suishoupai("import", file)
    assert "0 added, 0 changed, 0 ended, 123 unchanged" in again.stdout
    assert "written" not in again.stdout
    told = suishoupai("history", "06010").stdout
    assert "2026-01-01" in told
    assert "limit: 4 → 9" in told
    assert str(file) in told
    assert suishoupai("history", "09001").stdout.count(f"ended from {TOMORROW}") == 1


def test_reports_go_on_by_todays_rows_and_cases_keep_theirs(world, suishoupai, write, compound):
    file = write(own_row(name="今天起", responsible="社区"), c06010={"limit": "9"})
    refused = world.report(report_body(compound[1], "97991"), uuid.uuid4().hex)
    assert refused.status == 422
    done = suishoupai("import", file, "--from", TODAY.isoformat())
    assert done.returncode == 0, done.stderr
    items = world.client("member").get("/categories")["items"]
    assert len(items) == 124
    assert ("97991", "今天起") in {(item["code"], item["name"]) for item in items}
    answer = world.report(report_body(compound[1], "97991"), uuid.uuid4().hex)
    case = world.settled(answer.body["id"])
    assert case["category"]["name"] == "今天起"
    # What began today is in force, and has cases: it can be changed from tomorrow on only.
    other = write(own_row(name="改名"))
    overwriting = suishoupai("import", other, "--from", TODAY.isoformat())
    assert overwriting.returncode == 2
    assert "97991" in overwriting.stderr
    assert "0 ended" in suishoupai("import", other).stdout
    items = world.client("member").get("/categories")["items"]
    assert ("97991", "今天起") in {(item["code"], item["name"]) for item in items}
    assert world.client("admin").get(f"/issues/{case['id']}") == case


def test_what_is_exported_is_imported_back_to_no_change(suishoupai, write):
    assert suishoupai("export").stdout == SHIPPED.read_text(encoding="utf-8")
    suishoupai("import", write(own_row(), c06010={"limit": "9"}), "--from", LATER.isoformat())
    exports = {}
    for on in (TODAY, LATER, date(2026, 1, 1)):
        exports[on] = suishoupai("export", "--on", on.isoformat()).stdout
        rows = list(csv.DictReader(io.StringIO(exports[on])))
        limits = [row["limit"] for row in rows if row["code"] == "06010"]
        assert limits == (["9"] if on == LATER else ["4", "9"])
        path = write()
        path.write_text(exports[on], encoding="utf-8")
        for more in ((), ("--from", TODAY.isoformat()), ("--from", LATER.isoformat())):
            said = suishoupai("import", path, *more).stdout
            assert "0 added, 0 changed, 0 ended, 124 unchanged" in said
            assert "written" not in said


def test_a_file_at_fault_is_told_line_by_line_and_nothing_is_written(suishoupai, write):
    before = suishoupai("export").stdout
    file = write(own_row(limit="0"), own_row("9799"), own_row("97992", responsible="环未"))
    said = suishoupai("import", file)
    assert said.returncode == 2
    lines = [line.split() for line in said.stderr.splitlines()]
    for line, column in (("125", "limit"), ("126", "code"), ("127", "responsible")):
        assert any({line, column} <= set(words) for words in lines), (line, said.stderr)
    assert "3 faults" in said.stderr
    assert suishoupai("export").stdout == before
    file.write_bytes(SHIPPED.read_text(encoding="utf-8").encode("gb18030"))
    assert suishoupai("import", file).returncode == 2
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert suishoupai("import", SHIPPED, "--from", yesterday).returncode == 2
    assert suishoupai("import", SHIPPED, "--from", "tomorrow").returncode == 2
    assert suishoupai("history", "97990").returncode == 1
    assert suishoupai("export").stdout == before


def test_a_catalogue_that_was_never_seeded_is_not_imported_into(world, tmp_path):
    settings = world.stack.settings()
    environment = {
        **os.environ,
        "MONGODB_URI": settings.mongodb_uri,
        "SUISHOUPAI_NAMESPACE": f"empty_{uuid.uuid4().hex}",
    }
    command = [Path(sys.executable).parent / "suishoupai", "catalogue", "import", SHIPPED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "suishoupai seed" in done.stderr
