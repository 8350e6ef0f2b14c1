"""Starting and stopping with the real broker and database: what stays, what is left, what is said.

Two stacks side by side, and the commands on a running one, are in ``../test_stack.py``.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import psutil
import pytest
from kombu import Queue
from pymongo import MongoClient

from suishoupai.local import CannotStart, processes
from suishoupai.local.ports import free_port, is_free
from suishoupai.local.stack import LocalStack, NotRunning
from suishoupai.messaging.topology import connect
from suishoupai.mongo import connect as mongo
from suishoupai.mongo import database
from suishoupai.truth.rebuild import are_outdated


def quiet(_step):
    pass


def own_stack(folder, port=None, broker=None, database=None):
    """A stack that finds no broker and no database but what it is told."""
    return LocalStack(folder, port or free_port(), lambda _: broker, lambda _: database)


@pytest.fixture
def stack(tmp_path):
    stack = own_stack(tmp_path / "数据 100%")
    yield stack
    if stack.exists:
        stack.down()


def kept_ports(stack):
    return {name: int(uri.rpartition(":")[2]) for name, uri in addresses(stack).items()}


def addresses(stack):
    return {each.name: each.address for each in stack.status()}


def supervisor_of(stack):
    (found,) = [
        process
        for process in processes.of_stack(stack.folder)
        if "supervisor.supervisord" in process.cmdline()
    ]
    return found


def kept_queue(connection):
    arguments = {"x-queue-type": "quorum"}
    return Queue("kept", durable=True, queue_arguments=arguments)(connection.channel())


def eventually(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def test_data_and_messages_outlive_a_killed_supervisor_and_lost_ports(stack):
    stack.up(quiet, services=())
    before, settings = kept_ports(stack), stack.settings()
    with MongoClient(settings.mongodb_uri, w="majority") as client:
        client["kept"]["things"].insert_one({"_id": 1})
    with connect(settings.amqp_uri) as connection:
        kept_queue(connection).declare()
        connection.Producer().publish("still there", routing_key="kept", delivery_mode=2)

    supervisor_of(stack).send_signal(signal.SIGKILL)
    stack.wait()
    with pytest.raises(NotRunning):
        stack.status()
    assert processes.of_stack(stack.folder)  # broker and database go on alone
    stack.down()
    assert processes.of_stack(stack.folder) == []

    lost = {name: before[name] for name in ("mongod", "rabbitmq", "epmd")}
    with ExitStack() as others:
        for port in lost.values():
            others.enter_context(socket.create_server(("127.0.0.1", port)))
        stack.up(quiet, services=())
        after, settings = kept_ports(stack), stack.settings()
        assert not set(lost.values()) & set(after.values())
        assert after["gateway"] == before["gateway"]
        with MongoClient(settings.mongodb_uri) as client:
            assert client["kept"]["things"].find_one() == {"_id": 1}
        with connect(settings.amqp_uri) as connection:
            assert eventually(kept_queue(connection).get).payload == "still there"

    # A program that is killed comes back; a supervisor that is killed leaves work to `up`.
    old = stack.pid("mongod")
    stack.kill("mongod")
    eventually(lambda: stack.pid("mongod") not in (0, old))
    stack.await_program("mongod")
    supervisor_of(stack).send_signal(signal.SIGKILL)
    stack.wait()
    assert stack.up(quiet, services=())
    with MongoClient(stack.settings().mongodb_uri) as client:
        assert client["kept"]["things"].find_one() == {"_id": 1}
    stack.down()
    assert processes.of_stack(stack.folder) == []
    assert all(is_free(port) for port in after.values())


def test_a_program_that_leaves_at_its_start_ends_the_start_with_its_log(
    stack, tmp_path, monkeypatch
):
    binary = tmp_path / "bin" / "mongod"
    binary.parent.mkdir()
    binary.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo "disk [/full]"; exit 1; }\n')
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(binary.parent), prepend=os.pathsep)
    started = time.monotonic()
    with pytest.raises(CannotStart, match=r"mongod left again\ndisk \[/full\]"):
        stack.up(quiet)
    assert time.monotonic() - started < 30
    assert processes.of_stack(stack.folder) == []


def test_a_broker_that_cannot_use_its_folder_ends_the_start_with_its_log(stack):
    (stack.folder / "rabbitmq").mkdir(parents=True)
    (stack.folder / "rabbitmq" / "mnesia").write_text("no folder")
    started = time.monotonic()
    with pytest.raises(CannotStart, match=r"rabbitmq left again\n[\s\S]*failed_to_create"):
        stack.up(quiet)
    assert time.monotonic() - started < 40
    assert processes.of_stack(stack.folder) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"broker": "amqp://me:secret@127.0.0.1:1//"}, "broker of this stack .*refused"),
        ({"database": "mongodb://127.0.0.1:1/"}, "database of this stack"),
    ],
)
def test_a_broker_or_database_that_is_away_is_named_at_once(tmp_path, given, words, monkeypatch):
    monkeypatch.setattr("suishoupai.local.database.USABLE_SECONDS", 0.2)
    stack = own_stack(tmp_path / "data", **given)
    with pytest.raises(CannotStart, match=words) as refusal:
        stack.up(quiet)
    assert "--data" in str(refusal.value) and "secret" not in str(refusal.value)
    assert processes.of_stack(stack.folder) == []


@pytest.fixture
def folder(tmp_path):
    """A data folder whose processes end with the test, whatever became of it."""
    folder = tmp_path / "data"
    yield folder
    processes.end(processes.of_stack(folder))


@contextmanager
def command(*words, **environment):
    """The command line as a user's shell starts it, with no broker or database to be found."""
    # Tests that run in the background inherit a SIGINT that is ignored; a terminal's is not.
    shell = ["env", "--default-signal=INT"]
    process = subprocess.Popen(
        [*shell, sys.executable, "-m", "suishoupai.cli", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def heard(process, words):
    """Reads what the command prints until it says the words."""
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it never said {words!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_leaves_nothing(folder, number):
    with command("up", "--data", folder, "--port", free_port()) as starting:
        heard(starting, "waiting for mongod")
        starting.send_signal(number)
        starting.communicate(timeout=60)
    assert starting.returncode != 0
    assert processes.of_stack(folder) == []


def test_in_the_foreground_it_stays_until_it_is_told_to_stop(folder):
    port = free_port()
    with command("up", "--data", folder, "--port", port) as up:
        heard(up, f"http://127.0.0.1:{port}/docs")
        with command("up", "--data", folder) as again:
            assert "already running" in again.communicate(timeout=60)[0]
        assert again.returncode == 0
        up.send_signal(signal.SIGTERM)
        up.communicate(timeout=60)
    assert up.returncode == 0
    assert processes.of_stack(folder) == []
    assert is_free(port)
    with command("status", "--data", folder) as status:
        assert "no stack is running" in status.communicate(timeout=60)[0]
    assert status.returncode == 1


def test_figures_of_another_version_are_made_anew_at_the_start(folder):
    before = LocalStack(folder, free_port())
    before.up(quiet, services=())
    settings = before.settings()
    with mongo(settings) as client:
        stats = database(client, settings, "stats")
        stats["facts"].insert_one({"_id": "counted otherwise", "divisions": []})
        stats["model"].insert_one({"_id": "model", "live": 0, "building": None, "digest": "other"})
        assert are_outdated(client, settings)
    before.down()
    with command("up", "--data", folder, "--detach") as up:
        assert "making them anew" in up.communicate(timeout=120)[0]
    with mongo(settings) as client:
        assert not are_outdated(client, settings)
        assert database(client, settings, "stats")["facts"].find_one() is None
    with command("down", "--data", folder) as down:
        down.communicate(timeout=60)
    assert processes.of_stack(folder) == []


def test_who_waits_in_the_foreground_sees_the_stack_go(stack, monkeypatch):
    monkeypatch.setattr("suishoupai.local.stack.HEALTHY_SECONDS", 0.2)
    stack.up(quiet, services=("gateway",))
    assert stack.up(quiet, services=("gateway",)) is False
    with pytest.raises(CannotStart, match=r"runs already, but is not ready"):
        stack.up(quiet)
    supervisor = supervisor_of(stack)
    stack.restart("gateway")
    stack.down()
    stack.wait()
    assert not psutil.pid_exists(supervisor.pid)
