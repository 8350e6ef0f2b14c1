"""`verify` finds whatever differs from the cases; `rebuild stats` makes the figures anew."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.stats.truth import Rebuilding
from suishoupai.cli import demo
from suishoupai.cli.morning import Morning
from suishoupai.client import Client
from suishoupai.mongo import connect, database
from suishoupai.truth.rebuild import rebuild_figures
from suishoupai.truth.records import Overtaken
from suishoupai.truth.rooms import Rooms
from suishoupai.truth.verify import verify

from .conftest import PASSWORD, own_stack

REPORTS = 60


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = own_stack(tmp_path_factory.mktemp("truth") / "data")
    stack.up(print)
    send(stack, REPORTS, seed=1)
    yield stack
    stack.down()


@pytest.fixture
def client(stack):
    with connect(stack.settings()) as client:
        yield client


@pytest.fixture
def collection(stack, client):
    return lambda service, name: database(client, stack.settings(), service)[name]


def live(collection, name):
    """The live edition's collection of the figures."""
    model = collection("stats", "model").find_one() or {"live": 0}
    return collection("stats", f"{name}.{model['live']}" if model["live"] else name)


def send(stack, count, seed):
    phone = Client(stack.url).login("member", PASSWORD)
    demo.send(phone, list(Morning(stack.settings().county, seed).reports(count)), lambda: None)


def differences(stack, client, patience=30.0):
    return verify(client, stack.settings(), patience, lambda _: None).differences


def test_all_agrees_and_says_what_was_compared(stack, client, collection):
    # Once the last events have arrived: a verdict counts what was there when it began.
    assert differences(stack, client) == []
    verdict = verify(client, stack.settings(), 0.0, lambda _: None)
    assert verdict.differences == []
    assert verdict.cases == collection("issues", "issues").count_documents({}) >= REPORTS
    assert verdict.notices == collection("notify", "notices").count_documents({})
    assert verdict.figures > verdict.cases / 2


WRONG = {"$inc": {"figures.reported/reported": 1}}

DAMAGES = {
    "figure": ("stats", "tallies", WRONG),
    "counted case": ("stats", "facts", {"$set": {"case.state": "closed"}}),
    "counted steps": ("stats", "facts", {"$set": {"steps.0.role": "admin"}}),
    "counted source": ("stats", "facts", {"$set": {"source": "program"}}),
    "counted courier": ("stats", "facts", {"$set": {"courier": None}}),
    "counted member": ("stats", "facts", {"$set": {"member": "nobody"}}),
    "counted assignment": ("stats", "facts", {"$set": {"assignment.grid": "nowhere"}}),
    "assignment": ("grid", "assignments", {"$set": {"responsible": "nobody"}}),
    "notice": ("notify", "notices", {"$set": {"recipient": "party:nobody"}}),
    "case": ("issues", "issues", {"$inc": {"version": 1}}),
}


HISTORIES = {
    "a step the table does not have": {"$set": {"history.1.to": "closed"}},
    "a step by a role that may not": {"$set": {"history.1.role": "reporter"}},
    "another state than its history ends in": {"$set": {"state": "closed"}},
}


@pytest.mark.parametrize("how", HISTORIES)
def test_a_history_that_does_not_explain_its_case_is_found(stack, client, collection, how):
    cases = collection("issues", "issues")
    before = cases.find_one({"state": "dispatched"})
    cases.update_one({"_id": before["_id"]}, HISTORIES[how])
    try:
        found = [each for each in differences(stack, client, 0.0) if each.what == "case"]
        assert [each.subject for each in found] == [before["number"]]
    finally:
        cases.replace_one({"_id": before["_id"]}, before)
    assert differences(stack, client) == []


@pytest.mark.parametrize("what", DAMAGES)
def test_what_was_changed_behind_its_back_is_found(stack, client, collection, what):
    service, name, change = DAMAGES[what]
    damaged = live(collection, name) if service == "stats" else collection(service, name)
    before = damaged.find_one()
    damaged.update_one({"_id": before["_id"]}, change)
    try:
        assert what in {each.what for each in differences(stack, client, 0.0)}
    finally:
        damaged.replace_one({"_id": before["_id"]}, before)
    assert differences(stack, client) == []


@pytest.mark.parametrize(
    ("service", "name", "what"),
    [
        ("stats", "facts", "counted counted"),
        ("grid", "assignments", "assignment"),
        ("notify", "notices", "notices"),
    ],
)
def test_what_is_missing_or_belongs_to_no_case_is_found(
    stack, client, collection, service, name, what
):
    damaged = live(collection, name) if service == "stats" else collection(service, name)
    lost = damaged.find_one_and_delete({})
    try:
        assert what in {each.what for each in differences(stack, client, 0.0)}
    finally:
        damaged.insert_one(lost)
    stray = {**lost, "_id": "zzz", "issue": "zzz"}
    damaged.insert_one(stray)
    try:
        assert "zzz" in {each.subject for each in differences(stack, client, 0.0)}
    finally:
        damaged.delete_one({"_id": "zzz"})
    assert differences(stack, client) == []


def test_figures_are_made_anew_while_reports_arrive(stack, client, collection):
    live(collection, "tallies").update_many({}, WRONG)
    live(collection, "facts").delete_many({"case.state": "dispatched"})
    sending = threading.Thread(target=send, args=(stack, 40, 2))
    sending.start()
    rebuild_figures(client, stack.settings(), lambda _done, _total: None)
    sending.join()
    assert differences(stack, client) == []
    summary = Client(stack.url).login("admin", PASSWORD).get("/stats/summary")
    assert summary["reported"] == collection("issues", "issues").count_documents({})


def test_a_rebuild_that_was_cut_off_goes_on_where_it_stopped(stack, client):
    settings = stack.settings()
    rooms = Rooms(client, settings, None)
    begun = Rebuilding(database(client, settings, "stats"))
    cases = rooms.cases({"$gt": begun.cursor}, 10)
    begun.take(cases, rooms.notices({"$in": [case.id for case in cases]}))
    send(stack, 20, seed=3)
    seen = []
    rebuild_figures(client, settings, lambda done, _total: seen.append(done))
    assert seen[0] == 10
    assert differences(stack, client) == []


def test_two_rebuilds_do_not_disturb_each_other(stack, client):
    settings = stack.settings()
    rooms = Rooms(client, settings, None)
    one, other = (Rebuilding(database(client, settings, "stats")) for _ in range(2))
    cases = rooms.cases({"$gt": ""}, 5)
    one.take(cases, {})
    with pytest.raises(Overtaken):
        other.take(cases, {})
    rebuild_figures(client, settings, lambda _done, _total: None)
    lost = {"counted notices", "counted marks"}
    assert {each.what for each in differences(stack, client, 0.0)} == lost
    rebuild_figures(client, settings, lambda _done, _total: None)
    assert differences(stack, client) == []


def test_the_command_leaves_with_1_when_something_differs(stack, collection):
    def run(*words):
        command = [Path(sys.executable).parent / "suishoupai", *words, "--data", stack.folder]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("verify").returncode == 0
    live(collection, "tallies").update_many({}, WRONG)
    done = run("verify", "--patience", "0")
    assert done.returncode == 1
    assert "figure" in done.stdout
    assert run("rebuild", "stats").returncode == 0
    assert run("verify").returncode == 0
