"""API keys: ``ssp_ID_SECRET``, the secret 256 random bits; only a hash of the whole is kept.

A hash that is quick will do: nobody finds 256 random bits by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_KEY = re.compile(r"ssp_([0-9A-HJKMNP-TV-Z]{26})_[A-Za-z0-9_-]{43}")


def new_key(key_id: str) -> str:
    """A new API key whose id is a ULID."""
    return f"ssp_{key_id}_{secrets.token_urlsafe(32)}"


def id_of_key(key: str) -> str | None:
    """The id in an API key, or None when it has not the form of one."""
    match = _KEY.fullmatch(key)
    return match[1] if match else None


def hash_key(key: str) -> str:
    """What is kept of an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


def fits(kept: str, key: str) -> bool:
    """Whether an API key is the one of which ``kept`` is the hash; takes as long when it is not."""
    return hmac.compare_digest(kept, hash_key(key))
