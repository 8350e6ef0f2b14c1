"""Which notices a caller may read: pure functions from a caller to a filter."""

from __future__ import annotations

from typing import Any

from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]

WITHIN_REACH = {
    "admin": ("account", "party", "dispatcher", "supervisor"),
    "supervisor": ("party", "dispatcher", "supervisor"),
    "dispatcher": ("party", "dispatcher"),
}
"""Role → whose inboxes it may look into, within its division."""


def own_keys(caller: Caller) -> list[str]:
    """The inboxes that are the caller's own."""
    keys = [f"account:{caller.account}"]
    if caller.party:
        keys.append(f"party:{caller.party}")
    if caller.division:
        roles = ("dispatcher", "supervisor")
        keys += [f"{role}:{caller.division}" for role in roles if role in caller.roles]
    return keys


def readable(caller: Caller, recipient: str | None) -> Document:
    """The filter of what a caller reads: their own inboxes, each event once, however many of them
    it was told to; an admin all under their division; or the inbox of one recipient.

    Raises ``Problem`` for one that is not within reach.
    """
    if recipient is None:
        if is_admin(caller):
            return {"readers": f"under:{caller.division or ''}"}
        keys = own_keys(caller)
        return {"readers": {"$in": keys}, "told_as_well": {"$nin": keys}}
    if recipient in own_keys(caller):
        return {"readers": recipient}
    if not _reaches(caller, recipient.partition(":")[0]):
        raise Problem("forbidden", "an inbox belongs to its recipient")
    return {"readers": {"$all": [recipient, f"under:{caller.division or ''}"]}}


def is_admin(caller: Caller) -> bool:
    """Whether the caller reads every inbox: whoever also handles cases never sees a reporter's."""
    return "admin" in caller.roles and caller.sees_reporters


def _reaches(caller: Caller, kind: str) -> bool:
    if not caller.sees_reporters:
        return False
    for role in caller.roles:
        bounded = caller.division is not None or role == "admin"
        if bounded and kind in WITHIN_REACH.get(role, ()):
            return True
    return False
