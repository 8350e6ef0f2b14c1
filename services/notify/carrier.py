"""Carries the messages of one channel, one after the other: each channel has a carrier of its own,
so that one that is down holds no other up.

A message is claimed, sent, and marked. Whoever dies between sending and marking leaves a claim
that expires, and the message is sent again: at least once, and only then more than once.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notify import deliveries
from services.notify.channels import Channel, line_of
from services.notify.deliveries import Circuit
from services.notify.preferences import address_for, quiet_of
from services.notify.recipients import subscriptions
from services.notify.rulebook import Rulebook
from services.notify.store import NotifyStore
from services.notify.transport import TRY_SECONDS, Message, NotSent
from suishoupai import clock

Document = dict[str, Any]
Send = Callable[[Channel, str, Message], None]
"""Sends, or raises ``NotSent``."""

CLAIM = timedelta(seconds=3 * TRY_SECONDS)
"""How long a message belongs to the process that took it."""


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed message: a word for the metrics, and its update."""

    word: str
    update: Document


class Carrier:
    """One channel's carrier in one process."""

    def __init__(
        self,
        channel: Channel,
        book: Rulebook,
        store: NotifyStore,
        retry_seconds: float,
        send: Send,
    ) -> None:
        self.channel = channel
        self._book = book
        self._store = store
        self._retry_seconds = retry_seconds
        self._send = send
        self._circuit = Circuit(retry_seconds)

    def carry_next(self) -> str | None:
        """Takes the message that is due the longest and brings it out; says what became of it, or
        None when none is due."""
        now = clock.now()
        delivery = self._store.deliveries.claim(self.channel.name, now, now + CLAIM)
        if delivery is None:
            return None
        outcome = self._carry(delivery, now)
        self._store.deliveries.settle(delivery, outcome.update)
        return outcome.word

    def _carry(self, delivery: Document, now: datetime) -> Outcome:
        person = self._store.people.find(delivery["account"])
        notice = self._store.inboxes.read(delivery["notice"], {})
        address = _address_of(person, notice, delivery)
        if person is None or notice is None or address is None:
            return Outcome("off", deliveries.switched_off())
        if deliveries.is_too_old(delivery, now):
            fault = f"not sent within {deliveries.LASTS.total_seconds() / 3600:.0f} h"
            return Outcome("failed", deliveries.given_up(fault, now))
        if until := self._wait_until(delivery, person["choices"], address, now):
            return Outcome("put off", deliveries.put_off(until))
        return self._try(delivery, self._message(delivery, notice, person["choices"]), address)

    def _wait_until(
        self, delivery: Document, choices: Document, address: str, now: datetime
    ) -> datetime | None:
        quiet = None if delivery["urgent"] else quiet_of(choices)
        until = quiet.until(now) if quiet else None
        return until or self._circuit.rests_until(line_of(self.channel, address), now)

    def _message(self, delivery: Document, notice: Document, choices: Document) -> Message:
        words, kind = self._book.texts[choices["language"]], notice["kind"]
        return Message(
            id=delivery["_id"],
            title=words.subject(kind, notice["facts"]),
            text=words.text(kind, notice["facts"]),
            private_allowed=self._book.private_webhooks,
        )

    def _try(self, delivery: Document, message: Message, address: str) -> Outcome:
        line = line_of(self.channel, address)
        try:
            self._send(self.channel, address, message)
        except NotSent as fault:
            at = clock.now()
            self._circuit.note(line, False, at)
            luck = random.random()  # noqa: S311 - jitter, no secret
            update = deliveries.failed_try(delivery, str(fault), at, self._retry_seconds, luck)
            is_last = update["$set"].get("state") == "failed"
            return Outcome("failed" if is_last else "retried", update)
        at = clock.now()
        self._circuit.note(line, True, at)
        return Outcome("sent", deliveries.sent(address, at))


def _address_of(person: Document | None, notice: Document | None, delivery: Document) -> str | None:
    """Where it is wanted now, while the inbox is still the account's; or None."""
    if person is None or notice is None:
        return None
    if not set(subscriptions(notice["recipient"])) & set(person.get("keys", ())):
        return None
    return address_for(person.get("choices"), delivery["channel"], delivery["kind"])
