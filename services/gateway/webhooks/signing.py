"""Signatures of Standard Webhooks 1.0, by which a receiver knows a message for ours and for fresh.

The signed content is ``ID.TIMESTAMP.BODY``; each signature is ``v1,`` and the base64 of its
HMAC-SHA256. While a secret is being changed for another, both sign. Pure, but for the new secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

Document = dict[str, Any]

PREFIX = "whsec_"
SECRET_BYTES = 32
BOTH_SIGN = timedelta(hours=24)
"""How long a secret that was replaced signs as well."""


def new_secret() -> str:
    """A new secret, as its receiver is shown it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotated(kept: list[Document], secret: str, at: datetime) -> list[Document]:
    """The secrets, {secret, until} each, after another one was made: it and the one before."""
    return [{"secret": secret, "until": None}, {**kept[0], "until": at + BOTH_SIGN}]


def signing(kept: Iterable[Document], at: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    return [each["secret"] for each in kept if each["until"] is None or at < each["until"]]


def headers(message: str, body: bytes, secrets_now: Iterable[str], at: datetime) -> dict[str, str]:
    """The three headers of a message with this id, sent at this time."""
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(each, content)}" for each in secrets_now),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
