"""Passwords, kept as argon2id hashes; for a service hashing runs off the event loop, and only a few
at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from eventlet import tpool
from eventlet.semaphore import Semaphore

from services.gateway.accounts.password_rules import stable
from suishoupai.contracts.problems import Problem

AT_ONCE = 2
"""Hashings at work at a time in one process: each takes 64 MiB and every core for 0.1 s or more."""
WAITING = 40
"""Callers that may wait for their turn: the process has other things to answer."""

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
"""The second recommended option of RFC 9106 (section 4): for where 2 GiB cannot be spared."""
_turns = Semaphore(AT_ONCE)
NOBODY = _hasher.hash("nobody has this password")
"""Checked when the user name is unknown, so that the answer takes as long."""


def hash_password(password: str) -> str:
    """The argon2id hash of a password; blocks."""
    return _hasher.hash(stable(password))


def hash_in_turn(password: str) -> str:
    """The argon2id hash of a password, made in a thread; raises ``Problem`` when too many wait."""
    return str(_in_turn(hash_password, password))


def check_password(stored: str, password: str) -> bool:
    """Whether a password fits its hash, found out in a thread; raises ``Problem`` when too many
    wait."""
    return bool(_in_turn(_verify, stored, password))


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _hasher.check_needs_rehash(stored)


def _in_turn(work: Callable[..., Any], *given: str) -> Any:
    if -_turns.balance >= WAITING:
        raise Problem("unavailable", "too many log in at the same time", retry_after=1)
    with _turns:
        return tpool.execute(work, *given)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, stable(password))
    except (VerificationError, InvalidHashError):
        return False
