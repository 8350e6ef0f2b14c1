"""The daily digest of an inbox: when it is made and what it says. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from services.notify.notices import party_of
from services.notify.recipients import readers
from suishoupai.clock import LOCAL
from suishoupai.ids import new_id

Document = dict[str, Any]

DIGESTED = ("party", "dispatcher")
"""Kinds of inbox that are summed up."""
SETTLED = timedelta(minutes=1)
"""How long after its hour a digest is made: what was sent before that hour is written by then."""
NAMED = 10
"""Most urgent cases that a digest names."""


@dataclass(frozen=True)
class News:
    """What came into an inbox since its last digest."""

    counts: Mapping[str, int]
    """Notices by kind."""
    urgent: Sequence[str]
    """Numbers of the urgent cases, each once."""


def day_of(at: datetime) -> int:
    """The local date of an instant as a number, such as 20261124; a digest's ``sequence``."""
    return int(f"{at.astimezone(LOCAL):%Y%m%d}")


def end_of_digest(at: datetime, digest_at: time) -> datetime:
    """The instant up to which the digest of the local day of ``at`` counts notices.

    It hangs on the day alone, so that every replica makes the same digest whenever it does.
    """
    return datetime.combine(at.astimezone(LOCAL).date(), digest_at, LOCAL)


def digest_notice(recipient: str, news: News, until: datetime, at: datetime) -> Document:
    """The notice that sums up an inbox's notices before ``until``: urgent cases first, then how
    many of each kind.

    Unique by recipient and local date; it is about no issue and so causes no ``notice.sent``.
    """
    counts, urgent = dict(news.counts), list(news.urgent)
    return {
        "_id": new_id(at),
        "issue": None,
        "kind": "digest",
        "sequence": day_of(until),
        "recipient": recipient,
        "party": party_of(recipient),
        "readers": readers(recipient, None, False),
        "division": None,
        "urgent": False,
        "number": None,
        "category": None,
        "address": "",
        "facts": {
            **{"number": None, "category": None, "urgent": False, "due_at": None, "activity": None},
            **{"place": None, "address": "", "why": "", "party": None, "main": None},
            "digest": {
                "date": f"{until.astimezone(LOCAL):%Y-%m-%d}",
                "counts": counts,
                "urgent": {"count": len(urgent), "numbers": urgent[:NAMED]},
            },
        },
        "until": until,
        "channel": "inbox",
        "sent_at": at,
    }
