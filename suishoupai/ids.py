"""Identifiers that sort by time: ULIDs made for a given instant."""

from __future__ import annotations

import secrets
from datetime import datetime

from ulid import ULID

from suishoupai.clock import milliseconds


def new_id(at: datetime) -> str:
    """A new ULID whose time part is ``at``, to the millisecond."""
    return str(ULID.from_bytes(milliseconds(at).to_bytes(6, "big") + secrets.token_bytes(10)))


def first_id(at: datetime) -> str:
    """The least ULID that ``new_id`` can make for ``at`` or later; none is before 1970."""
    return str(ULID.from_bytes(max(0, milliseconds(at)).to_bytes(6, "big") + bytes(10)))
