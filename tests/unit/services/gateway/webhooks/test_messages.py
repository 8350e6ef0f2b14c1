"""What is sent, and what is kept of it."""

import json
from datetime import UTC, datetime, timedelta

from services.gateway.happening import whereabouts
from services.gateway.webhooks import messages
from services.gateway.webhooks.schemas import (
    WebhookDelivery,
    WebhookMessage,
    WebhookTestMessage,
)

from ...notify.events import changed

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_message_is_a_cloudevent_in_its_published_shape():
    event = changed("issue.closed", subject="01CASE")
    message = json.loads(messages.wire(messages.of_event(event)))
    assert WebhookMessage().validate(message) == {}
    assert (message["id"], message["subject"], message["source"]) == (event.id, "01CASE", "/issues")
    assert message["data"]["version"] == event.sequence
    # The correlation id is the phone's own, and nobody's business outside.
    assert "phone-1" not in messages.wire(message).decode()
    test = json.loads(messages.wire(messages.of_test("01HOOK", NOW)))
    assert WebhookTestMessage().validate(test) == {}


def test_a_delivery_knows_who_may_be_told_and_shows_nothing_of_it():
    event = changed("issue.closed")
    where = whereabouts(event)
    at = datetime.fromisoformat(event.time)
    later = at + timedelta(minutes=1)
    delivery = messages.new_delivery("01HOOK", messages.of_event(event), where, 2, later)
    assert messages.where_of(delivery) == where
    assert delivery["at"] == at
    shown = messages.shown_delivery(delivery)
    assert WebhookDelivery().validate(shown) == {}
    assert "rider-li" not in json.dumps(shown)


def test_a_clock_that_is_ahead_delays_nothing():
    event = changed("issue.closed")
    early = datetime.fromisoformat(event.time) - timedelta(hours=1)
    message = messages.of_event(event)
    assert messages.new_delivery("01HOOK", message, None, 2, early)["at"] == early
