"""A filled database that is kept in a folder, and measured again: what it was filled with, and a
server of its own for as long as it is needed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.database import Database

from bench.cases import Wanted
from suishoupai.local import CannotStart, database, processes
from suishoupai.local.packages import of_this_machine
from suishoupai.local.ports import free_port, is_free

Document = dict[str, Any]

FILE = "bench.json"
DATA = "mongodb"
"""Where in the folder an own server keeps its data."""
STATS = "bench_stats"
"""The database of the figures; a server that was given keeps it beside its others."""
START_SECONDS = 60.0
STOP_SECONDS = 60.0
CACHE, FILLING_CACHE = "512M", "2G"
"""Of an own server: as the demo's has, and while it is filled, since a transaction must fit in."""
TRANSACTION_SECONDS = 60
"""A page is one transaction, however slow the machine is."""


@dataclass(frozen=True)
class Filling:
    """What a database is filled with."""

    cases: int
    seed: int
    until: str
    """ISO 8601."""
    port: int | None = None
    """Of its own server."""

    @property
    def wanted(self) -> Wanted:
        """As the cases are made from it."""
        return Wanted(self.cases, self.seed, datetime.fromisoformat(self.until))


def read_filling(folder: Path) -> Filling | None:
    """What a folder was filled with, or begun to be; None for a new one."""
    try:
        return Filling(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write_filling(folder: Path, filling: Filling) -> None:
    """Remembers what a folder is being filled with."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(asdict(filling), indent=1) + "\n", encoding="utf-8")


@contextmanager
def figures(
    folder: Path, uri: str | None = None, cache: str = CACHE
) -> Iterator[Database[Document]]:
    """The database of the figures: on a server of its own with its data in ``folder``, which runs
    for as long and has so much ``cache``, or on the one at ``uri``. Raises ``CannotStart``."""
    folder = folder.resolve()
    if uri is not None:
        with _connected(uri) as client:
            yield client[STATS]
        return
    _end_left_over(folder)
    filling = read_filling(folder)
    port = filling.port if filling and filling.port and is_free(filling.port) else free_port()
    if filling is not None:
        write_filling(folder, replace(filling, port=port))
    mongod = database.choose_mongod(None, database.find_mongod)
    database.ensure_runs(mongod, print, of_this_machine())
    program = database.own_server(mongod, folder, port)
    with (folder / "mongod.log").open("ab") as log:
        process = subprocess.Popen(program.command, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        _await(process, port)
        with _connected(database.server_uri(port)) as client:
            _set(client, transactionLifetimeLimitSeconds=TRANSACTION_SECONDS)
            _set(client, wiredTigerEngineRuntimeConfig=f"cache_size={cache}")
            yield client[STATS]
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _set(client: MongoClient[Document], **parameter: Any) -> None:
    client.admin.command({"setParameter": 1, **parameter})


def _end_left_over(folder: Path) -> None:
    """Ends the server of a run that was killed: two cannot have the same data."""
    data = str(folder / DATA)
    left = [
        each
        for each in psutil.process_iter(["name", "cmdline"])
        if each.info["name"] == "mongod" and data in (each.info["cmdline"] or ())
    ]
    processes.end(left, STOP_SECONDS)


def _connected(uri: str) -> MongoClient[Document]:
    return MongoClient(uri, w="majority", tz_aware=True, appname="bench")


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while reason := database.not_up(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"mongod: {reason}; see mongod.log")
        time.sleep(0.1)
    database.ensure_primary(port)
