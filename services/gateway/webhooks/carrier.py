"""Brings out what waits for one webhook, one delivery after the other.

Whoever dies between sending and writing that down leaves a hold that expires, and the delivery is
sent again, with the same ``webhook-id``: at least once, and only then more than once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.gateway.store import GatewayStore
from services.gateway.webhooks import messages, signing
from services.gateway.webhooks.matching import may_be_told
from services.gateway.webhooks.messages import MEDIA_TYPE, TEST
from services.gateway.webhooks.owners import owner_now
from services.gateway.webhooks.retrying import GONE, Failing, pause_after
from services.gateway.webhooks.store import NEVER
from suishoupai import clock
from suishoupai.ids import new_id
from suishoupai.outward import ALTOGETHER_SECONDS, NotPosted

Document = dict[str, Any]
Post = Callable[[str, bytes, Mapping[str, str], bool], int]
"""``suishoupai.outward.post``."""

HOLD = timedelta(seconds=4 * ALTOGETHER_SECONDS)
"""How long a webhook belongs to the process that took it, from its last delivery on."""
TURN_SECONDS = 30.0
"""How long a webhook is worked for before others have their turn."""

NOT_THEIRS = "not for its owner to see any more"
NO_ANSWER_LEFT = "given up after the last try"
WANTED_OFF = "answered 410 Gone"
HOPELESS = "failed again and again for a day"
SYSTEM = "system"
"""Who switches off a webhook that fails, in the audit log."""


class Carrier:
    """The carrier of one process."""

    def __init__(
        self, store: GatewayStore, retry_seconds: float, private_allowed: bool, post: Post
    ) -> None:
        self._store = store
        self._base = retry_seconds
        self._private_allowed = private_allowed
        self._post = post
        self.stopping = False
        """Whether a turn is to end after the delivery in hand."""

    def carry(self, claimed: Document, note: Callable[[str], None]) -> None:
        """Works off a webhook that this process has claimed: until nothing is due, its turn is
        over, or its receiver failed. ``note`` is told what became of each delivery."""
        ends_at = time.monotonic() + TURN_SECONDS
        while time.monotonic() < ends_at and not self.stopping:
            now = clock.now()
            webhook = self._store.webhooks.hold(claimed, now + HOLD)
            if webhook is None:
                return
            delivery = self._store.deliveries.next_due(webhook["_id"], now)
            if delivery is None:
                break
            outcome, rest = self._carry(webhook, delivery)
            note(outcome)
            if rest:
                return self._release(claimed, clock.now() + rest)
        return self._release(claimed, clock.now())

    def _release(self, claimed: Document, free_at: datetime) -> None:
        due_at = self._store.deliveries.next_at(claimed["_id"]) or NEVER
        self._store.webhooks.release(claimed, due_at, free_at)

    def _carry(self, webhook: Document, delivery: Document) -> tuple[str, timedelta | None]:
        """A word for the metrics, and how long the receiver is to be left alone."""
        owner = owner_now(self._store, webhook["owner"])
        if not may_be_told(owner, messages.where_of(delivery)):
            dropped = {"$set": {"state": "failed", "reason": NOT_THEIRS}}
            self._store.deliveries.settle(delivery["_id"], dropped)
            return "dropped", None
        tried = self._try(webhook, delivery)
        is_taken = tried["error"] is None
        failing = Failing(**webhook["failing"])
        if is_taken:
            self._store.deliveries.settle(delivery["_id"], messages.sent(tried))
            if failing.tries:
                self._store.webhooks.note(webhook, failing.after(True, tried["at"]))
            return "sent", None
        return self._failed(webhook, delivery, tried, failing.after(False, tried["at"]))

    def _failed(
        self, webhook: Document, delivery: Document, tried: Document, failing: Failing
    ) -> tuple[str, timedelta]:
        luck = random.random()  # noqa: S311 - jitter, no secret
        pause = pause_after(delivery["failures"] + 1, self._base, luck)
        is_last = pause is None or delivery["type"] == TEST
        update = messages.given_up(tried, NO_ANSWER_LEFT)
        if pause is not None and not is_last:
            update = messages.tried_in_vain(tried, tried["at"] + pause)
        self._store.deliveries.settle(delivery["_id"], update)
        self._store.webhooks.note(webhook, failing)
        if tried["status"] == GONE:
            self._switch_off(webhook, WANTED_OFF, tried["at"])
        elif failing.is_hopeless(tried["at"]):
            self._switch_off(webhook, HOPELESS, tried["at"])
        return "failed" if is_last else "retried", failing.rest(self._base, luck)

    def _try(self, webhook: Document, delivery: Document) -> Document:
        started, at = time.monotonic(), clock.now()
        body = messages.wire(delivery["body"])
        secrets = signing.signing(webhook["secrets"], at)
        headers = {
            "Content-Type": MEDIA_TYPE,
            **signing.headers(delivery["_id"], body, secrets, at),
        }
        status, error = None, None
        try:
            status = self._post(webhook["url"], body, headers, self._private_allowed)
        except NotPosted as refused:
            status, error = refused.status, str(refused)
        except Exception as unexpected:  # whatever a receiver does to a connection: others go on
            error = f"no answer: {type(unexpected).__name__}"
        milliseconds = round((time.monotonic() - started) * 1000)
        return {"at": at, "status": status, "error": error, "ms": milliseconds}

    def _switch_off(self, webhook: Document, why: str, at: datetime) -> None:
        if not self._store.webhooks.switch_off(webhook["_id"], why, at):
            return
        parked = self._store.deliveries.park(webhook["_id"], f"switched off: {why}")
        self._store.audit.write(
            {
                "_id": new_id(at),
                "at": at,
                "account": SYSTEM,
                "action": "switch_off_webhook",
                "subject": webhook["_id"],
                "address": "",
                "outcome": "done",
                "detail": {"owner": webhook["owner"], "why": why, "parked": parked},
            }
        )
