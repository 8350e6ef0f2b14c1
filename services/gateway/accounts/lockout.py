"""Lockout: so many wrong passwords or codes in a row, and a name is locked for a while.

Names are counted whether there is such an account or not, so that the answer tells nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any


def key(username: str) -> str:
    """What is kept of a name that was tried: it may be a password in the wrong field."""
    return hashlib.sha256(username.encode()).hexdigest()


def locked_for(record: Mapping[str, Any] | None, most: int, now: datetime) -> int | None:
    """For how many whole seconds a name is still locked, or None.

    ``record``: {failures: wrong ones in a row, until: when they are forgotten}; ``most``: how many
    lock it.
    """
    if record is None or record["failures"] < most or record["until"] <= now:
        return None
    left: timedelta = record["until"] - now
    return ceil(left.total_seconds())
