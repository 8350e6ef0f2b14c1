"""What becomes of a message whose handler failed: a later try, or the dead-letter queue."""

from __future__ import annotations

import random
from typing import Any

from kombu.message import Message
from ulid import ULID

from suishoupai.clock import now
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import RETRY_DELAYS, ConsumerQueues

ATTEMPT = "x-attempt"
"""Header that counts the tries that failed."""
REASON = "x-reason"
TRACEBACK = "x-traceback"
PARKED_AT = "x-parked-at"
PARKING = "x-parking"
"""Header that tells two parkings of the same message apart."""
LONGEST_REASON = 500
LONGEST_TRACEBACK = 4000
"""Characters that are kept: headers must fit into one frame."""
JITTER = 0.2
"""By how much of its delay a retry may come early: what failed together shall not come together."""


class Settlement:
    """Moves failed messages on; each copy is confirmed before the original may be acknowledged."""

    def __init__(self, queues: ConsumerQueues, publisher: Publisher) -> None:
        self._queues = queues
        self._publisher = publisher

    def fail(self, message: Message, reason: str, trace: str) -> str:
        """Sends a failed message to its next try, or parks it; says which: retried or parked."""
        attempt = int((message.headers or {}).get(ATTEMPT, 0))
        if attempt >= len(RETRY_DELAYS):
            self.park(message, f"failed {attempt + 1} times: {reason}", trace)
            return "parked"
        delay = RETRY_DELAYS[attempt]
        headers = {ATTEMPT: attempt + 1, REASON: reason[:LONGEST_REASON]}
        self._move(message, self._queues.retry(delay), headers, expires_in=_jittered(delay))
        return "retried"

    def park(self, message: Message, reason: str, trace: str) -> None:
        """Puts a message that cannot be handled into the dead-letter queue, with why and when."""
        headers = {
            REASON: reason[:LONGEST_REASON],
            TRACEBACK: trace[-LONGEST_TRACEBACK:],
            PARKED_AT: now().isoformat(),
            PARKING: str(ULID()),
        }
        self._move(message, self._queues.dead, headers)

    def _move(
        self,
        message: Message,
        queue: str,
        headers: dict[str, Any],
        expires_in: float | None = None,
    ) -> None:
        self._publisher.publish(
            [
                Outgoing(
                    exchange="",
                    routing_key=queue,
                    body=raw_body(message),
                    headers={**(message.headers or {}), **headers},
                    message_id=str(message.properties.get("message_id") or ""),
                    mandatory=True,
                    expires_in=expires_in,
                )
            ]
        )


def raw_body(message: Message) -> bytes:
    """The body of a message as it came."""
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)


def _jittered(delay: int) -> float:
    return delay * random.uniform(1 - JITTER, 1)  # noqa: S311 - jitter, no secret
