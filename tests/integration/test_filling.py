"""Filling the figures: the same whether it was killed or not, and all of it is counted."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from bench.asking import Asking
from bench.cases import Cases
from bench.county import DemoCounty
from bench.folder import STATS, read_filling
from bench.loading import Loading, is_filled
from bench.questions import Question
from services.stats.definitions import current
from services.stats.store import StatsStore
from services.stats.truth import Figures, fact_of
from suishoupai.local.database import server_uri

from .filling import COUNTY, begun, figures

AMOUNT = 600


def facts(database):
    return StatsStore(database).live().by_id({"$gte": ""})


def expected(filling):
    made = Cases(COUNTY, filling.wanted)
    page = made.page(range(len(made.arrivals.days)))
    return {case.id: fact_of(case, page.notices[case.id], current()) for case in page.cases}


def uncounted(fact):
    return {name: value for name, value in fact.items() if name != "counted_at"}


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory):
    """Figures whose filling was given up after two pages, and was then begun anew."""
    folder = tmp_path_factory.mktemp("filling")
    filling = begun(folder, AMOUNT)
    with figures(folder) as database:
        running = Loading(database, COUNTY, filling.wanted).run(100, 1)
        first = [next(running), next(running)]
        running.close()
        assert not is_filled(database)
        again = Loading(database, COUNTY, filling.wanted)
        assert again.done == first[-1] >= 200
        rest = list(again.run(150, 1))
        assert rest[0] > first[-1]
        assert rest[-1] == AMOUNT
        yield database, filling


def test_every_case_is_there_once_as_it_was_made(broken_off):
    database, filling = broken_off
    assert is_filled(database)
    found = {id: uncounted(fact) for id, fact in facts(database).items()}
    assert found == expected(filling)


def test_every_total_is_the_recount(broken_off):
    database, _ = broken_off
    known = Figures(database)
    known.recount(facts(database).values())
    assert list(known.differences()) == []


def test_what_is_filled_is_not_filled_again(broken_off):
    database, filling = broken_off
    again = Loading(database, COUNTY, filling.wanted)
    assert again.done == AMOUNT
    assert list(again.run(100, 1)) == []


def test_the_board_counts_all_of_them(broken_off):
    database, filling = broken_off
    asking = Asking(database, DemoCounty(COUNTY), filling.wanted.until)
    answer = asking.prepared(Question("indicators", "county", "two years"), random.Random(1))()
    by_id = {item["id"]: item for item in answer["items"]}
    assert by_id["valid_report_rate"]["denominator"] == AMOUNT
    assert 0.74 < by_id["on_time_handling_rate"]["value"] < 0.99


def test_it_goes_on_after_it_was_killed_with_its_server_left_behind(tmp_path):
    begun(tmp_path, AMOUNT)
    command = [sys.executable, "-m", "bench.fill", "--folder", str(tmp_path)]
    command += ["--cases", str(AMOUNT), "--seed", "5", "--page", "50"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        wait_for_a_page(tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{AMOUNT} cases" in done.stdout
        with figures(tmp_path) as database:
            found = {id: uncounted(fact) for id, fact in facts(database).items()}
        assert found == expected(read_filling(tmp_path))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for_a_page(folder):
    """Until some of the cases are in the figures."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        filling = read_filling(folder)
        with suppress(PyMongoError):
            if filling.port:
                with MongoClient(server_uri(filling.port), serverSelectionTimeoutMS=500) as client:
                    building = StatsStore(client[STATS]).building()
                    if building and 0 < building.done < AMOUNT:
                        return
        time.sleep(0.05)
    raise AssertionError("no page came")
