"""Runs one service in this process: ``python -m suishoupai.run SERVICE``."""

import eventlet

eventlet.monkey_patch()  # before anything else is imported: the drivers must find green sockets

# ruff: noqa: E402
import importlib
import os
import signal
import sys
from typing import Any

import structlog
from nameko import config
from nameko.containers import ServiceContainer

from suishoupai import logs
from suishoupai.settings import SERVICES, read_settings, secret_fault

WORKERS = 100
"""Most handlers at work at once in one process."""


def service_class(name: str) -> Any:
    """The nameko class of a service, from its room ``services/NAME/service.py``."""
    module = importlib.import_module(f"services.{name}.service")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and getattr(value, "name", None) == name
    )


def main() -> None:
    """Starts the service named on the command line and runs it until SIGTERM or SIGINT."""
    if len(sys.argv) != 2 or sys.argv[1] not in SERVICES:
        raise SystemExit(f"usage: python -m suishoupai.run [{'|'.join(SERVICES)}]")
    name = sys.argv[1]
    logs.configure(name, os.environ.get("LOG_LEVEL", "INFO"))
    settings = read_settings()
    if fault := secret_fault(settings):
        raise SystemExit(fault)
    config.setup(
        {
            "WEB_SERVER_ADDRESS": f"{settings.http_host}:{settings.http_port}",
            "max_workers": WORKERS,
        }
    )
    container = ServiceContainer(service_class(name))
    _run(container, structlog.get_logger("suishoupai.run"))


def _run(container: ServiceContainer, log: Any) -> None:
    def leave(_signal: int, _frame: object) -> None:
        # A signal handler runs in the hub, where nothing may wait.
        eventlet.spawn_n(container.stop)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    container.start()
    log.info("started")
    container.wait()
    log.info("stopped")


if __name__ == "__main__":
    main()
