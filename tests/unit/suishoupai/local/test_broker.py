"""Which broker is used, and how our own node is kept to itself."""

import socket
import stat

from suishoupai.local import broker


def test_a_broker_that_is_given_is_taken_unseen():
    assert broker.given({"AMQP_URI": "amqp://elsewhere"}) == "amqp://elsewhere"


def test_a_listener_that_is_no_broker_is_not_taken_for_one():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.close()
        reason = broker.not_up(f"amqp://guest:guest@127.0.0.1:{port}//")
    assert reason is not None and "refused" in reason


def test_our_own_node_touches_nothing_outside_its_folder(tmp_path):
    epmd, node = broker.own_node(tmp_path, "abc", 5001, 5002, 5003, "secret")
    mine = ("HOME", "ERL_INETRC", *(f"RABBITMQ_{n}" for n in ("MNESIA_BASE", "LOG_BASE")))
    for name in (*mine, "RABBITMQ_CONFIG_FILE", "RABBITMQ_ENABLED_PLUGINS_FILE"):
        assert node.environment[name].startswith(str(tmp_path))
    assert node.environment["RABBITMQ_NODENAME"] == "suishoupai-abc@localhost"
    assert node.environment["ERL_EPMD_PORT"] == epmd.environment["ERL_EPMD_PORT"] == "5003"
    assert "-daemon" not in epmd.command
    config = tmp_path / "rabbitmq" / "rabbitmq.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "listeners.tcp.local = 127.0.0.1:5001" in config.read_text()
    assert (tmp_path / "rabbitmq" / "enabled_plugins").read_text() == "[].\n"
