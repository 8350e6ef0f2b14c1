"""A message to one account by one channel: when it is made, tried again, given up. Pure.

States: waiting; sent; failed (given up); off (not wanted any more, or not theirs any more).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.notify.notices import Ordered, about
from services.notify.preferences import address_for
from services.notify.recipients import subscriptions
from suishoupai.ids import new_id
from suishoupai.masking import mask_address

Document = dict[str, Any]

KEY = ("about", "account", "channel")
"""What makes a delivery one: a person hears of a thing once by each channel."""
MOST_TRIES = 6
GROWTH = 4.0
"""How much longer each pause is than the one before: 30 s, 2 min, 8 min, 32 min, 2 h."""
LONGEST_PAUSE = timedelta(hours=2)
JITTER = 0.25
"""Share by which a pause is longer or shorter, so that what failed together does not come back
together."""
LASTS = timedelta(hours=24)
"""How long a message is worth sending."""
FAILURES_IN_A_ROW = 5
"""After so many a line is left alone for a while."""


def planned(
    ordered: Ordered, subscribers: Iterable[Document], names: Iterable[str], at: datetime
) -> Iterator[Document]:
    """The deliveries of a notice to those of the subscribers who want it, by the channels that its
    rule allows."""
    notice, allowed = ordered.notice, ordered.rule.channels
    keys = set(subscriptions(notice["recipient"]))
    for person in subscribers:
        for name in names:
            wanted = address_for(person["choices"], name, notice["kind"]) is not None
            if keys & set(person["keys"]) and wanted and (allowed is None or name in allowed):
                yield _delivery(notice, person["_id"], name, at)


def _delivery(notice: Document, account: str, channel: str, at: datetime) -> Document:
    return {
        "_id": new_id(at),
        "about": about(notice),
        "account": account,
        "channel": channel,
        "notice": notice["_id"],
        "kind": notice["kind"],
        "urgent": notice["urgent"],
        "state": "waiting",
        "at": at,
        "claim": None,
        "tries": [],
        "address": None,
        "created_at": at,
        "sent_at": None,
    }


def pause_after(tries: int, base: float, luck: float) -> timedelta:
    """How long to wait after the n-th try; ``luck`` from 0 to 1 makes it shorter or longer."""
    seconds = min(base * GROWTH ** (tries - 1), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * luck))


def is_too_old(delivery: Document, at: datetime) -> bool:
    """Whether it is not worth sending any more."""
    return bool(at - delivery["created_at"] > LASTS)


def sent(address: str, at: datetime) -> Document:
    """The update that says it was sent, and where to."""
    return {"$set": {"state": "sent", "sent_at": at, "address": mask_address(address)}}


def switched_off() -> Document:
    """The update of one that its account does not want any more."""
    return {"$set": {"state": "off"}}


def given_up(fault: str, at: datetime) -> Document:
    """The update of one that will not be tried again."""
    return {"$set": {"state": "failed"}, "$push": {"tries": {"at": at, "fault": fault}}}


def put_off(until: datetime) -> Document:
    """The update of one that must wait: it was not tried."""
    return {"$set": {"at": until, "claim": None}}


def failed_try(delivery: Document, fault: str, at: datetime, base: float, luck: float) -> Document:
    """The update after a try that failed: another one later, or none after the last."""
    tries = len(delivery["tries"]) + 1
    if tries >= MOST_TRIES:
        return given_up(fault, at)
    later = put_off(at + pause_after(tries, base, luck))
    return {**later, "$push": {"tries": {"at": at, "fault": fault}}}


@dataclass
class Circuit:
    """Which lines are left alone for a while, because they failed again and again."""

    base: float
    """Seconds of the first rest; the setting by which retries are paced too."""
    _failures: dict[str, int] = field(default_factory=dict)
    _until: dict[str, datetime] = field(default_factory=dict)

    def rests_until(self, line: str, at: datetime) -> datetime | None:
        """When a line may be tried again, or None when now."""
        until = self._until.get(line)
        return until if until and until > at else None

    def note(self, line: str, is_sent: bool, at: datetime) -> None:
        """Remembers how a try on a line ended; one that works is as good as new."""
        if is_sent:
            self._failures.pop(line, None)
            self._until.pop(line, None)
            return
        failures = self._failures[line] = self._failures.get(line, 0) + 1
        if failures >= FAILURES_IN_A_ROW:
            self._until[line] = at + pause_after(failures - FAILURES_IN_A_ROW + 1, self.base, 0.5)


def shown_delivery(delivery: Document) -> Document:
    """A delivery as it may be looked at; its address was masked when it was sent."""
    names = ("account", "channel", "state", "address")
    return {
        **{name: delivery[name] for name in names},
        "tries": [
            {"at": each["at"].isoformat(), "fault": each["fault"]} for each in delivery["tries"]
        ],
        "next_try_at": delivery["at"].isoformat() if delivery["state"] == "waiting" else None,
        "sent_at": delivery["sent_at"].isoformat() if delivery["sent_at"] else None,
    }
