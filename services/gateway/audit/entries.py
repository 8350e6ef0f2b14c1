"""What is written down of one deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from suishoupai import clock
from suishoupai.ids import new_id

Document = dict[str, Any]


def entry(
    account: str,
    action: str,
    subject: str,
    address: str,
    outcome: str,
    detail: Mapping[str, Any],
) -> Document:
    """An entry of the audit log, of now: who did what, to what, from where, how it ended."""
    at = clock.now()
    return {
        "_id": new_id(at),
        "at": at,
        "account": account,
        "action": action,
        "subject": subject,
        "address": address,
        "outcome": outcome,
        "detail": dict(detail),
    }
