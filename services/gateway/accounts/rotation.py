"""Refresh tokens: each is good once, and the next is derived from it.

A token is ``SESSION.SECRET``; of the secret only its SHA-256 is kept. Its successor is an HMAC of
it, so that a client which did not get the answer may ask again and is given the very same, and
nobody has to keep it. A token that was spent before is recognised by following its successors to
the one that is good now: then two have the session, one of whom must have stolen it, and it ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from enum import Enum

GRACE = timedelta(seconds=30)
"""How long the token just spent is answered like the first time: as long as a client waits for an
answer before it asks again. Two who always ask within it of each other are not told apart."""
SECRET_BYTES = 32


class Verdict(Enum):
    """What becomes of a refresh token that is shown."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    """It was spent a moment ago: the same successor again."""
    REUSED = "reused"
    """It was spent before: the session must end."""
    REFUSED = "refused"
    """It never was this session's, or the session is over."""


def first_secret() -> str:
    """The secret of a new session."""
    return secrets.token_urlsafe(SECRET_BYTES)


def successor(secret: str, key: str) -> str:
    """The secret after this one; ``key`` is the server's."""
    own_key = hmac.digest(key.encode(), b"refresh", hashlib.sha256)
    return _text(hmac.digest(own_key, secret.encode(), hashlib.sha256))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def join(session: str, secret: str) -> str:
    """The token that a client is given."""
    return f"{session}.{secret}"


def split(token: str) -> tuple[str, str]:
    """Session and secret of a token; the secret is empty when it is none."""
    session, _, secret = token.partition(".")
    return session, secret


def age(secret: str, current: str, generation: int, key: str) -> int | None:
    """How many tokens ago a secret was good; None for one that never was.

    ``current``: digest of the one that is good now, after ``generation`` rotations.
    """
    for steps in range(generation + 1):
        if hmac.compare_digest(digest(secret), current):
            return steps
        secret = successor(secret, key)
    return None


def judge(steps: int | None, idle: timedelta, over: bool) -> Verdict:
    """What becomes of a token.

    ``steps``: its ``age``; ``idle``: time since the last rotation; ``over``: whether the session
    has ended or expired.
    """
    if steps is None or over:
        return Verdict.REFUSED
    if steps == 0:
        return Verdict.ROTATE
    if steps == 1 and idle <= GRACE:
        return Verdict.REPEAT
    return Verdict.REUSED
