"""MongoDB: the one that is there, or a one-member replica set of our own.

``MONGODB_URI`` if it is given; else a ``mongod`` on the PATH; else the real one that the extra
``embedded`` brings from PyPI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from suishoupai.local import CannotStart
from suishoupai.local.packages import Installer, Progress, install
from suishoupai.local.ports import HOST, answers
from suishoupai.local.programs import Program

REPLICA_SET = "rs0"
PRIMARY_SECONDS = 60.0
"""Half of it goes by when the port had to change: the server first calls itself at the old one."""
USABLE_SECONDS = 5.0
TRANSACTION_SECONDS = 5
"""How long the server keeps a transaction whose client is gone; ours take milliseconds."""
NOT_YET_INITIALIZED = 94
OTHERWISE = (
    "Choose one: set MONGODB_URI to a replica set of yours; run `docker compose up` instead; "
    "or install a mongod 6.0 or later (or, on x86-64 Linux, the extra `embedded`)."
)
GIVEN = "Start it, set MONGODB_URI to another one, or begin anew in another folder (--data)."


def given(environment: Mapping[str, str]) -> str | None:
    """URI of a database that is there already, or None."""
    return environment.get("MONGODB_URI") or None


def unusable(uri: str) -> str | None:
    """Why the database at ``uri`` cannot be used, or None."""
    try:
        with MongoClient[dict[str, Any]](
            uri, serverSelectionTimeoutMS=int(USABLE_SECONDS * 1000)
        ) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        return str(error)
    return None


def find_mongod(path: str | None = None, packages: Iterable[str] = sys.path) -> Path | None:
    """The server's binary: on the PATH, or the one of the extra ``embedded``, or None."""
    if on_path := shutil.which("mongod", path=path):
        return Path(on_path)
    # Looked for by its place, not by import: the whole of fiftyone starts a server when imported.
    for folder in packages:
        binary = Path(folder) / "fiftyone" / "db" / "bin" / "mongod"
        if binary.is_file():
            return binary
    return None


def choose_mongod(kept: str | None, find: Callable[[], Path | None]) -> Path:
    """The binary the folder's data was made with while it is there, else the one that is found.

    Raises ``CannotStart`` when there is none.
    """
    if kept is not None and Path(kept).is_file():
        return Path(kept)
    if (found := find()) is None:
        raise CannotStart(f"There is no mongod.\n{OTHERWISE}")
    return found


def ensure_runs(mongod: Path, progress: Progress, installer: Installer) -> None:
    """Installs the library the server may lack; raises ``CannotStart`` when it cannot run here."""
    if not os.access(mongod, os.X_OK) and os.access(mongod, os.W_OK):
        mongod.chmod(0o755)
    reason = _why_it_fails(mongod)
    if reason and "libcurl.so.4" in reason:
        install("libcurl4", OTHERWISE, progress, installer)
        reason = _why_it_fails(mongod)
    if reason:
        raise CannotStart(f"{mongod} cannot run here: {reason}\n{OTHERWISE}")


def _why_it_fails(mongod: Path) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - the binary that is about to be started
            [mongod, "--version"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip() or f"exit {done.returncode}" if done.returncode else None


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
    if not answers(port):
        return "does not listen yet"
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
    reason = ""
    deadline = time.monotonic() + PRIMARY_SECONDS
    while time.monotonic() < deadline:
        try:
            with _direct(port) as client:
                _configure(client, f"{HOST}:{port}")
            # A new client: the one that configured the set still knows the server as it was.
            with _direct(port) as client:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return
        except PyMongoError as error:  # while it changes its state it drops connections
            reason = str(error)
        time.sleep(0.1)
    raise CannotStart(f"mongod did not become primary within {PRIMARY_SECONDS:.0f} s {reason}")


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != host:  # the port had to change
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _direct(port: int) -> MongoClient[dict[str, Any]]:
    return MongoClient(HOST, port, directConnection=True, serverSelectionTimeoutMS=1000)
