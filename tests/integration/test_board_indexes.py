"""Every question of the board is answered by indexes, and by a bounded number of documents.

What is asked is ``bench.questions``: a new row is checked here without a new line. MongoDB's own
profiler tells what each question did.
"""

import random

import pytest

from bench.asking import Asking
from bench.county import DemoCounty
from bench.loading import Loading
from bench.questions import QUESTIONS

from .filling import COUNTY, begun, figures

CASES = 1500
TIMES = 3
"""Each question is asked so often, every time of another place and time."""
BY_INDEX = ("IXSCAN", "IDHACK", "COUNT_SCAN", "DISTINCT_SCAN", "EOF")
OF_FACTS = 101 + CASES // 20
"""A page of cases and what no unit of time holds; never the cases of a year."""
OF_TOTALS = 2000
PROFILE_BYTES = 16 << 20


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    filling = begun(folder, CASES)
    with figures(folder) as database:
        for done in Loading(database, COUNTY, filling.wanted).run(500, 1):
            assert done <= CASES
        asking = Asking(database, DemoCounty(COUNTY), filling.wanted.until)
        asking.prepare()
        yield database, asking


def profiled(database, ask):
    """What the server did while something was asked."""
    database.command("profile", 0)
    database.drop_collection("system.profile")
    database.create_collection("system.profile", capped=True, size=PROFILE_BYTES)
    database.command("profile", 2)
    ask()
    database.command("profile", 0)
    own = {"$ne": f"{database.name}.system.profile"}
    return [
        entry
        for entry in database["system.profile"].find({"ns": own})
        if "docsExamined" in entry or "planSummary" in entry
    ]


@pytest.mark.parametrize("question", QUESTIONS, ids=[each.name for each in QUESTIONS])
def test_no_question_scans(filled, question):
    database, asking = filled
    if not asking.knows(question):
        pytest.skip(f"the stats service does not answer {question.method}")
    chance = random.Random(question.name)
    asked = [asking.prepared(question, chance) for _ in range(TIMES)]
    entries = profiled(database, lambda: [ask() for ask in asked])
    assert len(entries) >= TIMES
    for entry in entries:
        plan, examined = entry["planSummary"], entry["docsExamined"]
        assert "COLLSCAN" not in plan
        assert plan.startswith(BY_INDEX), plan
        collection = entry["ns"].partition(".")[2]
        most = OF_FACTS if collection.startswith("facts") else OF_TOTALS
        assert examined <= most, (collection, plan, examined)


def test_a_scan_would_be_seen(filled):
    database, _ = filled
    live = next(name for name in database.list_collection_names() if name.startswith("facts"))
    entries = profiled(database, lambda: database[live].find_one({"number": "nobody"}))
    assert [entry["planSummary"] for entry in entries] == ["COLLSCAN"]
    assert entries[0]["docsExamined"] == CASES
