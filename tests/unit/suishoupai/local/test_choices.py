"""Which broker and database are used, and what is said when there is none to be had."""

import socket
import sys
from pathlib import Path

import pytest

from suishoupai.local import CannotStart, broker, database, packages
from suishoupai.local.ports import answers, free_port, is_free
from suishoupai.local.programs import Program
from suishoupai.local.stack import _ports
from suishoupai.local.supervisor import Supervisor


def silent(step):
    pass


def test_a_broker_that_is_given_is_used():
    assert broker.given({"AMQP_URI": "amqp://elsewhere//"}) == "amqp://elsewhere//"


def test_a_broker_on_the_usual_port_is_used_only_when_it_answers(monkeypatch):
    monkeypatch.setattr(broker, "answers", lambda port: port == 5672)
    monkeypatch.setattr(broker, "not_up", lambda uri: None)
    assert broker.given({}) == broker.USUAL
    monkeypatch.setattr(broker, "not_up", lambda uri: "refused")
    assert broker.given({}) is None
    monkeypatch.setattr(broker, "answers", lambda port: False)
    assert broker.given({}) is None


def test_a_database_that_is_given_is_used():
    assert database.given({"MONGODB_URI": "mongodb://elsewhere"}) == "mongodb://elsewhere"
    assert database.given({"MONGODB_URI": ""}) is None


def test_without_root_the_three_choices_are_named(monkeypatch):
    monkeypatch.setattr(broker, "SERVER", Path("/nowhere/rabbitmq-server"))
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages.shutil, "which", lambda name: "/x" if name == "apt-get" else None)
    with pytest.raises(CannotStart) as caught:
        broker.ensure_installed(silent)
    for choice in ("AMQP_URI", "docker compose up", "apt-get install rabbitmq-server"):
        assert choice in str(caught.value)


def test_without_apt_it_is_said_too(monkeypatch):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    with pytest.raises(CannotStart, match="there is no apt-get"):
        packages.install("anything", "Choose.", silent)


def test_without_a_mongod_the_choices_are_named(monkeypatch):
    monkeypatch.setattr(database, "find_mongod", lambda: None)
    with pytest.raises(CannotStart) as caught:
        database.ensure_installed(silent)
    for choice in ("MONGODB_URI", "docker compose up", "embedded"):
        assert choice in str(caught.value)


def test_the_real_server_of_the_extra_is_found(monkeypatch):
    monkeypatch.setattr(database.shutil, "which", lambda name: None)
    mongod = database.find_mongod()
    assert mongod is not None and mongod.name == "mongod" and mongod.stat().st_mode & 0o111


def test_ports_stay_with_the_folder_unless_somebody_took_them():
    first = _ports({})
    assert len(set(first.values())) == len(first)
    assert _ports(first) == first
    with socket.create_server(("127.0.0.1", first["mongod"])):
        again = _ports(first)
    assert again.pop("mongod") != first.pop("mongod")
    assert again == first


def test_whether_a_port_is_free():
    port = free_port()
    assert is_free(port) and not answers(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port) and answers(port)


def test_our_node_touches_no_other(tmp_path):
    epmd, node = broker.own_node(tmp_path, "abc", 1001, 1002, 1003, "secret")
    assert node.environment["RABBITMQ_NODENAME"] == "suishoupai-abc@localhost"
    assert node.environment["RABBITMQ_NODE_PORT"] == "1001"
    assert node.environment["ERL_EPMD_PORT"] == epmd.environment["ERL_EPMD_PORT"] == "1003"
    for name in ("HOME", "RABBITMQ_MNESIA_BASE", "RABBITMQ_LOG_BASE", "RABBITMQ_CONFIG_FILE"):
        assert node.environment[name].startswith(str(tmp_path))
    config = Path(node.environment["RABBITMQ_CONFIG_FILE"])
    assert "127.0.0.1:1001" in config.read_text()
    assert config.stat().st_mode & 0o077 == 0


def test_the_supervisors_file_keeps_odd_values_and_is_private(tmp_path):
    program = Program("one", ("/bin/sh", "-c", "exit 3"), {"ODD": "50% of it"})
    supervisor = Supervisor(tmp_path, free_port(), "secret")
    supervisor.start([program], {})
    try:
        text = (tmp_path / "supervisord.conf").read_text()
        assert 'ODD="50%% of it"' in text
        assert (tmp_path / "supervisord.conf").stat().st_mode & 0o077 == 0
        assert [(state.name, state.pid) for state in supervisor.states()] == [("one", 0)]
    finally:
        supervisor.shut_down()


def test_a_supervisor_that_cannot_start_says_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        supervisor = Supervisor(tmp_path, other.getsockname()[1], "secret")
        with pytest.raises(CannotStart, match="supervisord did not start"):
            supervisor.start([Program("one", (sys.executable,))], {})
