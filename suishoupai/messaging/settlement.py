"""What becomes of a message whose handler failed: a later try, or the dead-letter queue."""

from __future__ import annotations

from typing import Any

from kombu.message import Message

from suishoupai.clock import now
from suishoupai.messaging.publisher import Outgoing, Publisher
from suishoupai.messaging.topology import RETRY_DELAYS, ConsumerQueues

ATTEMPT = "x-attempt"
"""Header that counts the tries that failed."""
LONGEST_TRACEBACK = 4000
"""Characters of a traceback that are kept: headers must fit into one frame."""


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
        headers = {ATTEMPT: attempt + 1, "x-reason": reason[:500]}
        self._move(message, self._queues.retry(RETRY_DELAYS[attempt]), headers)
        return "retried"

    def park(self, message: Message, reason: str, trace: str) -> None:
        """Puts a message that cannot be handled into the dead-letter queue, with why and when."""
        headers = {
            "x-reason": reason[:500],
            "x-traceback": trace[-LONGEST_TRACEBACK:],
            "x-parked-at": now().isoformat(),
        }
        self._move(message, self._queues.dead, headers)

    def _move(self, message: Message, queue: str, headers: dict[str, Any]) -> None:
        body = message.body
        self._publisher.publish(
            [
                Outgoing(
                    exchange="",
                    routing_key=queue,
                    body=body.encode() if isinstance(body, str) else bytes(body),
                    headers={**(message.headers or {}), **headers},
                    message_id=str(message.properties.get("message_id") or ""),
                    mandatory=True,
                )
            ]
        )
