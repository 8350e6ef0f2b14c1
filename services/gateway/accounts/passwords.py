"""Passwords, kept as argon2id hashes; hashing runs off the event loop."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from eventlet import tpool

_hasher = PasswordHasher()
NOBODY = _hasher.hash("nobody has this password")
"""Checked when the user name is unknown, so that the answer takes as long."""


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def check_password(stored: str, password: str) -> bool:
    """Whether a password fits its hash; runs in a thread, for it keeps a core busy for 30 ms."""
    return bool(tpool.execute(_verify, stored, password))


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
