"""What a stack consists of: the decisions kept with its folder, and the programs they lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from suishoupai.local import CannotStart, broker, database, processes
from suishoupai.local.kept import Kept, token_secret
from suishoupai.local.ports import HOST, free_port, is_free, why_taken
from suishoupai.local.programs import Program
from suishoupai.local.services import service
from suishoupai.settings import SERVICES

OWN_PORTS = ("supervisor", "epmd", "rabbitmq", "rabbitmq-dist", "mongod", *SERVICES)
GATEWAY_PORT = 8000
Find = Callable[[Mapping[str, str]], str | None]
"""Looks for a broker or database that is there already; None: the stack runs its own."""


def settle(
    before: Kept | None,
    wanted_port: int | None,
    environment: Mapping[str, str],
    find_broker: Find,
    find_database: Find,
    find_mongod: Callable[[], Path | None] = database.find_mongod,
) -> Kept:
    """Decides on ports, broker and database, keeping what was decided before where that holds.

    Raises ``CannotStart`` when the gateway's port is taken, or when there is no mongod.
    """
    kept = before or Kept()
    gateway = wanted_port or kept.ports.get("gateway", GATEWAY_PORT)
    if reason := why_taken(gateway):
        raise CannotStart(f"port {gateway} {reason}: choose another with --port")
    amqp_uri, mongodb_uri = kept.amqp_uri, kept.mongodb_uri
    # What lies in a broker or a database is not left behind because another one appeared
    # meanwhile: only the environment changes the first decision.
    if before is None or environment.get("AMQP_URI"):
        amqp_uri = find_broker(environment)
    if before is None or environment.get("MONGODB_URI"):
        mongodb_uri = find_database(environment)
    mongod = kept.mongod
    if mongodb_uri is None:
        mongod = str(database.choose_mongod(kept.mongod, find_mongod))
    return replace(
        kept,
        namespace=environment.get("SUISHOUPAI_NAMESPACE") or f"suishoupai-{kept.id}",
        ports={**_ports(kept.ports, gateway), "gateway": gateway},
        amqp_uri=amqp_uri,
        mongodb_uri=mongodb_uri,
        mongod=mongod,
    )


def _ports(kept: Mapping[str, int], gateway: int) -> dict[str, int]:
    """Free ports for everything of the stack; those of the folder where nobody took them."""
    ports: dict[str, int] = {}
    for name in OWN_PORTS:
        port = kept.get(name)
        while port is None or port in (gateway, *ports.values()) or not is_free(port):
            port = free_port()
        ports[name] = port
    return ports


def own_programs(folder: Path, kept: Kept) -> list[Program]:
    """Broker and database, as far as the stack runs its own."""
    ports = kept.ports
    programs: list[Program] = []
    if kept.amqp_uri is None:
        programs += broker.own_node(
            folder,
            kept.id,
            ports["rabbitmq"],
            ports["rabbitmq-dist"],
            ports["epmd"],
            kept.password,
        )
    if kept.mongodb_uri is None:
        programs.append(database.own_server(Path(kept.mongod or ""), folder, ports["mongod"]))
    return programs


def service_programs(kept: Kept) -> list[Program]:
    """The five services."""
    return [service(name, kept.ports[name]) for name in SERVICES]


def environment(folder: Path, kept: Kept) -> dict[str, str]:
    """The variables that every service of the stack is run with."""
    ports = kept.ports
    return {
        "AMQP_URI": kept.amqp_uri or broker.node_uri(ports["rabbitmq"], kept.password),
        "MONGODB_URI": kept.mongodb_uri or database.server_uri(ports["mongod"]),
        "SUISHOUPAI_NAMESPACE": kept.namespace,
        "SUISHOUPAI_TOKEN_SECRET_FILE": str(token_secret(folder)),
        "SUISHOUPAI_DEMO": "1",
        processes.MARK: str(folder),
        **{f"SUISHOUPAI_{name.upper()}_URL": f"http://{HOST}:{ports[name]}" for name in SERVICES},
    }
