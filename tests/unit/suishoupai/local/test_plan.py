"""What a stack decides on, and what it keeps of it."""

import socket
import stat
from pathlib import Path

import pytest

from suishoupai.local import CannotStart, broker, plan
from suishoupai.local.kept import Kept
from suishoupai.local.ports import free_port, is_free
from suishoupai.settings import SERVICES

FOUND = "amqp://found"
GIVEN = "amqp://given"


MONGOD = Path("/somewhere/mongod")


def settle(before=None, port=None, environment=(), broker=None, database=None):
    return plan.settle(
        before,
        port or free_port(),
        dict(environment),
        lambda _: broker,
        lambda _: database,
        lambda: MONGOD,
    )


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_new_stack_has_ports_of_its_own_and_a_name():
    kept = settle(port=(port := free_port()))
    assert kept.ports["gateway"] == port
    assert set(kept.ports) == set(plan.OWN_PORTS)
    assert len(set(kept.ports.values())) == len(kept.ports)
    assert all(is_free(each) for each in kept.ports.values())
    assert kept.namespace == f"suishoupai-{kept.id}"
    assert (kept.amqp_uri, kept.mongodb_uri, kept.mongod) == (None, None, str(MONGOD))


def test_two_stacks_differ_in_name_and_password():
    one, other = settle(), settle()
    assert one.namespace != other.namespace
    assert one.password != other.password


def test_everything_stays_with_the_folder():
    first = settle()
    again = plan.settle(first, None, {}, lambda _: FOUND, lambda _: FOUND, lambda: MONGOD)
    assert again == first  # also its own broker, though another one has appeared


def test_a_port_that_was_taken_meanwhile_is_replaced(taken):
    first = settle()
    ports = {**first.ports, "mongod": taken}
    again = settle(Kept(ports=ports), port=first.ports["gateway"])
    assert again.ports["mongod"] != taken
    assert {k: v for k, v in again.ports.items() if k != "mongod"} == {
        k: v for k, v in first.ports.items() if k != "mongod"
    }


def test_a_kept_port_that_is_now_the_gateways_is_replaced():
    first = settle()
    again = settle(first, port=first.ports["issues"])
    assert again.ports["gateway"] == first.ports["issues"]
    assert len(set(again.ports.values())) == len(again.ports)


def test_a_gateway_port_that_is_taken_is_refused(taken):
    with pytest.raises(CannotStart, match=f"port {taken} is taken: choose another with --port"):
        settle(port=taken)


def test_what_is_found_at_first_is_remembered():
    first = settle(broker=FOUND, database="mongodb://found")
    again = settle(first)
    assert (again.amqp_uri, again.mongodb_uri) == (FOUND, "mongodb://found")
    assert again.mongod is None


def test_the_environment_overrules_what_is_remembered():
    first = settle(broker=FOUND)
    environment = {"AMQP_URI": GIVEN, "MONGODB_URI": "mongodb://given"}
    again = plan.settle(first, None, environment, lambda e: e["AMQP_URI"], lambda _: "mongodb://g")
    assert (again.amqp_uri, again.mongodb_uri) == (GIVEN, "mongodb://g")


def test_a_namespace_may_be_given():
    assert settle(environment={"SUISHOUPAI_NAMESPACE": "mine"}).namespace == "mine"


def test_a_stack_without_a_mongod_needs_a_database():
    def settle_without(uri):
        return plan.settle(None, free_port(), {}, lambda _: None, lambda _: uri, lambda: None)

    with pytest.raises(CannotStart, match=r"MONGODB_URI.*docker compose up.*embedded"):
        settle_without(None)
    assert settle_without("mongodb://there").mongod is None


def test_the_environment_of_the_services_names_everything(tmp_path):
    kept = settle()
    environment = plan.environment(tmp_path, kept)
    assert environment["AMQP_URI"] == broker.node_uri(kept.ports["rabbitmq"], kept.password)
    assert str(kept.ports["mongod"]) in environment["MONGODB_URI"]
    assert environment["SUISHOUPAI_NAMESPACE"] == kept.namespace
    for name in SERVICES:
        url = f"http://127.0.0.1:{kept.ports[name]}"
        assert environment[f"SUISHOUPAI_{name.upper()}_URL"] == url


def test_the_secret_is_made_once_and_is_nobody_elses(tmp_path):
    files = {plan.environment(tmp_path, settle())["SUISHOUPAI_TOKEN_SECRET_FILE"] for _ in "ab"}
    assert files == {str(tmp_path / "token.secret")}
    secret = (tmp_path / "token.secret").read_text()
    plan.environment(tmp_path, settle())
    assert (tmp_path / "token.secret").read_text() == secret
    assert len(secret) >= 32
    assert stat.S_IMODE((tmp_path / "token.secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("kept", "programs"),
    [
        ({}, ["epmd", "rabbitmq", "mongod"]),
        ({"amqp_uri": FOUND}, ["mongod"]),
        ({"mongodb_uri": "mongodb://found"}, ["epmd", "rabbitmq"]),
        ({"amqp_uri": FOUND, "mongodb_uri": "mongodb://found"}, []),
    ],
)
def test_only_what_is_not_there_is_run(tmp_path, kept, programs):
    kept = Kept(ports=settle().ports, mongod="/bin/mongod", **kept)
    assert [program.name for program in plan.own_programs(tmp_path, kept)] == programs
    assert [program.name for program in plan.service_programs(kept)] == list(SERVICES)
