"""Whether a webhook is to hear of an event: what it asked for, and what its owner may see. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.operation import DESK
from suishoupai.access import Caller, Whereabouts, lies_within, reach

OWNERS = DESK | {"program"}
"""Roles that may have webhooks."""


def is_wanted(webhook: Mapping[str, Any], event_type: str, where: Whereabouts) -> bool:
    """Whether a webhook asked for an event: its types (None: all) and its division (None: all that
    its owner sees)."""
    types, division = webhook["types"], webhook["division"]
    return (types is None or event_type in types) and (
        division is None or division in where.divisions
    )


def may_own(owner: Caller | None) -> bool:
    """Whether somebody is there, and may have webhooks."""
    return owner is not None and bool(OWNERS & set(owner.roles))


def may_be_told(owner: Caller | None, where: Whereabouts | None) -> bool:
    """Whether the owner of a webhook, as the account is now, may be told of a case; ``where`` is
    None for what is about no case."""
    if owner is None or not may_own(owner):
        return False
    return where is None or lies_within(reach(owner), where)
