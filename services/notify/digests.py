"""The daily digest of a party's inbox: when it is made and what it says. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from suishoupai.clock import LOCAL
from suishoupai.ids import new_id

Document = dict[str, Any]

SETTLED = timedelta(minutes=1)
"""How long after its hour a digest is made: what was sent before that hour is written by then."""


def day_of(at: datetime) -> int:
    """The local date of an instant as a number, such as 20261124; a digest's ``sequence``."""
    return int(f"{at.astimezone(LOCAL):%Y%m%d}")


def end_of_digest(at: datetime, digest_at: time) -> datetime:
    """The instant up to which the digest of the local day of ``at`` counts notices.

    It hangs on the day alone, so that every replica makes the same digest whenever it does.
    """
    return datetime.combine(at.astimezone(LOCAL).date(), digest_at, LOCAL)


def digest_notice(party: str, counts: Mapping[str, int], until: datetime, at: datetime) -> Document:
    """The notice that sums up a party's notices before ``until``, counted by kind.

    Unique by party and local date; it is about no issue and so causes no ``notice.sent``.
    """
    told = {kind: counts.get(kind, 0) for kind in ("assigned", "due_soon", "overdue")}
    return {
        "_id": new_id(at),
        "issue": None,
        "kind": "digest",
        "sequence": day_of(until),
        "party": party,
        "number": None,
        "category": None,
        "address": "",
        "text": f"每日汇总 {until.astimezone(LOCAL):%Y-%m-%d}：新派案件 {told['assigned']} 件，"
        f"临期 {told['due_soon']} 件，超期 {told['overdue']} 件。",
        "counts": told,
        "until": until,
        "channel": "inbox",
        "sent_at": at,
    }
