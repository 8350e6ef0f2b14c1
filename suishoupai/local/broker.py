"""RabbitMQ: the one that is there, or a node of our own that touches no other.

``AMQP_URI`` if it is given; else a broker answering on 5672; else Debian's rabbitmq-server with
its own node name, ports, data folder and cookie.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from suishoupai.local import CannotStart
from suishoupai.local.packages import Installer, Progress, install
from suishoupai.local.ports import answers
from suishoupai.local.programs import Program
from suishoupai.messaging.topology import connect

# Debian's wrapper in /usr/sbin insists on root or the user rabbitmq; this is what it calls.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
EPMD = Path("/usr/bin/epmd")
USUAL = "amqp://guest:guest@127.0.0.1:5672//"
OTHERWISE = (
    "Choose one: set AMQP_URI to a broker of yours; run `docker compose up` instead; "
    "or have rabbitmq-server installed (apt-get install rabbitmq-server)."
)
GIVEN = "Start it, set AMQP_URI to another one, or begin anew in another folder (--data)."

CONFIG = """\
listeners.tcp.local = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.console.use_colors = off
log.file = false
"""

# The node is called …@localhost, which a machine without /etc/hosts does not know.
NAMES = """\
{host, {127,0,0,1}, ["localhost"]}.
{lookup, [file, native]}.
"""


def given(environment: Mapping[str, str]) -> str | None:
    """URI of a broker that is there already, or None."""
    if uri := environment.get("AMQP_URI"):
        return uri
    if answers(5672) and not_up(USUAL) is None:
        return USUAL
    return None


def not_up(uri: str) -> str | None:
    """Why the broker at ``uri`` cannot be used, or None."""
    try:
        with connect(uri) as connection:
            # At once: kombu would wait 2 s before it tries again.
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except Exception as error:  # kombu raises whatever the transport does; each means: not yet
        return f"{type(error).__name__}: {error}"
    return None


def own_node(
    folder: Path, stack: str, port: int, dist_port: int, epmd_port: int, password: str
) -> tuple[Program, Program]:
    """The port mapper and the broker of our own node; writes its configuration into ``folder``."""
    home = folder / "rabbitmq"
    home.mkdir(parents=True, exist_ok=True)
    config, plugins = home / "rabbitmq.conf", home / "enabled_plugins"
    config.write_text(CONFIG.format(port=port, user="suishoupai", password=password))
    config.chmod(0o600)
    plugins.write_text("[].\n")
    names = home / "names"
    names.write_text(NAMES)
    erlang = {
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_INETRC": str(names),
    }
    uri = node_uri(port, password)
    epmd = Program(
        name="epmd",
        command=(str(EPMD), "-port", str(epmd_port), "-address", "127.0.0.1"),
        environment=erlang,
        address=f"127.0.0.1:{epmd_port}",
        not_up=lambda: None if answers(epmd_port) else "does not listen yet",
    )
    broker = Program(
        name="rabbitmq",
        command=(str(SERVER),),
        address=f"127.0.0.1:{port}",
        not_up=lambda: not_up(uri),
        stop_seconds=30,
        deaf_while_starting=True,
        environment={
            **erlang,
            "HOME": str(home),
            "RABBITMQ_NODENAME": f"suishoupai-{stack}@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(dist_port),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
            # No busy waiting: the machine may have two cores. Erlang distribution stays local.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+sbwt none +sbwtdcpu none +sbwtdio none "
                "-kernel inet_dist_use_interface {127,0,0,1}"
            ),
            # The script then becomes the broker instead of watching it: one process to signal, and
            # a SIGTERM to it closes the node in good order.
            "RUNNING_UNDER_SYSTEMD": "1",
        },
    )
    return epmd, broker


def node_uri(port: int, password: str) -> str:
    """URI of our own node."""
    return f"amqp://suishoupai:{password}@127.0.0.1:{port}//"


def ensure_installed(progress: Progress, installer: Installer, server: Path = SERVER) -> None:
    """Installs rabbitmq-server when it is missing; raises ``CannotStart`` when it may not."""
    if not server.exists():
        install("rabbitmq-server", OTHERWISE, progress, installer)
    if not os.access(server, os.X_OK):
        raise CannotStart(f"{server} cannot be run.\n{OTHERWISE}")
