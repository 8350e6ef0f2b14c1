"""What stays with the data folder of a stack: its ports, its secrets, its broker and database."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from suishoupai.local import CannotStart

UNFIT = ('"', "\\", "\n", "\r", " ;", " #")
"""What the supervisor's configuration cannot carry in a path."""


@dataclass(frozen=True)
class Kept:
    """The decisions of a stack, as its ``stack.json`` keeps them."""

    id: str = field(default_factory=lambda: secrets.token_hex(3))
    namespace: str = ""
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    ports: Mapping[str, int] = field(default_factory=dict)
    amqp_uri: str | None = None
    """The broker that was there already; None: a node of our own."""
    mongodb_uri: str | None = None
    """The database that was there already; None: a server of our own."""
    mongod: str | None = None
    """Binary of our own server: data of one version is not handed to another by accident."""


def read_kept(folder: Path) -> Kept | None:
    """What the folder keeps, or None; raises ``CannotStart`` for a file that is not ours."""
    file = folder / "stack.json"
    try:
        return Kept(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise CannotStart(
            f"{file} cannot be read ({error}): give another folder, or remove this one"
        ) from error


def write_kept(folder: Path, kept: Kept) -> None:
    """Keeps the decisions, whole or not at all, readable by this user only."""
    _write_secret(folder / "stack.json", json.dumps(asdict(kept), indent=1))


def token_secret(folder: Path) -> Path:
    """The file with the stack's secret for signing tokens, made when it is missing."""
    file = folder / "token.secret"
    if not file.exists():
        _write_secret(file, secrets.token_hex(32))
    return file


def make_folder(folder: Path) -> None:
    """Makes the folder; raises ``CannotStart`` where that cannot be or its name is unfit."""
    if unfit := [each for each in UNFIT if each in str(folder)]:
        raise CannotStart(f"a data folder's path cannot hold {unfit[0]!r}: {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be made: {error.strerror}") from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the folder: raises ``CannotStart`` while another command starts or stops its stack."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"another command is starting or stopping the stack in {folder}"
            ) from error
        yield


def _write_secret(file: Path, text: str) -> None:
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
