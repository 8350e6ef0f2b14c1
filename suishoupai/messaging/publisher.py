"""Publishing with confirms, many messages per wait.

One confirm per message costs a round trip each; here all are written first and their confirms
awaited together. A message that the broker refuses or cannot route raises, so that the caller
keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import KombuError

from suishoupai.messaging.topology import connect

CONFIRM_TIMEOUT = 30.0
"""Seconds the broker may take to confirm a batch."""


class NotConfirmed(Exception):
    """The broker refused, returned or did not confirm a message: it must be published again."""


NOT_PUBLISHED = (NotConfirmed, OSError, KombuError, AMQPError)
"""What ``publish`` raises when the broker does not have the messages, or may not."""


@dataclass(frozen=True)
class Outgoing:
    """One message to publish."""

    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    message_id: str = ""
    mandatory: bool = False
    """Whether a message that reaches no queue counts as failed."""
    content_type: str = "application/cloudevents+json"
    expires_in: float | None = None
    """Seconds after which the broker takes the message out of its queue."""


class Publisher:
    """A connection to the broker that publishes batches; not for use by two greenlets at once."""

    def __init__(self, uri: str, prepare: Callable[[Connection], None]) -> None:
        self._uri = uri
        self._prepare = prepare
        """Called with each new connection before anything is published on it."""
        self._connection: Any = None
        self._channel: Any = None
        self._next_tag = 1
        self._unconfirmed: set[int] = set()
        self._failed: list[str] = []

    def publish(self, messages: Iterable[Outgoing]) -> None:
        """Publishes all and waits until each is confirmed.

        Raises ``NotConfirmed``, or a connection error of kombu's; the next call connects anew.
        """
        try:
            channel = self._open()
            self._failed.clear()
            for tag, message in enumerate(messages, start=self._next_tag):
                self._unconfirmed.add(tag)
                self._next_tag = tag + 1
                channel.basic_publish(
                    _amqp_message(channel, message),
                    exchange=message.exchange,
                    routing_key=message.routing_key,
                    mandatory=message.mandatory,
                )
            self._await_confirms()
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Closes the connection, if any, whatever its state."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.release()

    def _open(self) -> Any:
        if self._channel is None:
            self._connection = connect(self._uri)
            self._connection.ensure_connection(max_retries=1, timeout=5)
            self._prepare(self._connection)
            channel = self._connection.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.events["basic_return"].add(self._on_return)
            self._unconfirmed.clear()
            self._next_tag = 1
            self._channel = channel
        return self._channel

    def _await_confirms(self) -> None:
        while self._unconfirmed:
            try:
                self._connection.drain_events(timeout=CONFIRM_TIMEOUT)
            except TimeoutError as error:
                raise NotConfirmed(f"no confirm within {CONFIRM_TIMEOUT} s") from error
        if self._failed:
            raise NotConfirmed("; ".join(self._failed))

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:
        self._settle(delivery_tag, multiple)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:
        self._failed.append(f"refused by the broker: {delivery_tag}")
        self._settle(delivery_tag, multiple)

    def _on_return(self, error: Exception, _exchange: str, key: str, _message: Any) -> None:
        self._failed.append(f"{key}: {error}")

    def _settle(self, delivery_tag: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {tag for tag in self._unconfirmed if tag > delivery_tag}
        else:
            self._unconfirmed.discard(delivery_tag)


def _amqp_message(channel: Any, message: Outgoing) -> Any:
    properties = {"delivery_mode": 2, "message_id": message.message_id or None}
    if message.expires_in is not None:
        properties["expiration"] = str(round(message.expires_in * 1000))
    return channel.prepare_message(
        message.body,
        content_type=message.content_type,
        content_encoding="utf-8",
        headers=dict(message.headers),
        properties=properties,
    )
