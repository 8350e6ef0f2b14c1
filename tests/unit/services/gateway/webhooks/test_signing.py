"""Signatures that the library of Standard Webhooks takes, and forged ones that it does not."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from services.gateway.webhooks.signing import (
    BOTH_SIGN,
    PREFIX,
    headers,
    new_secret,
    rotated,
    signing,
)

NOW = datetime.now(UTC)


def test_a_secret_is_32_random_bytes_in_base64():
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith(PREFIX)
    assert len(base64.b64decode(first.removeprefix(PREFIX), validate=True)) == 32


@given(st.dictionaries(st.text(), st.text()))
def test_what_we_sign_the_library_verifies(data):
    secret, body = new_secret(), json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    signed = headers("01ABC", body, [secret], datetime.now(UTC))
    assert Webhook(secret).verify(body, signed) == json.loads(body)
    for forged in (body + b" ", b"{}" if data else b"[]"):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(forged, signed)
    for name, value in (("webhook-id", "01ABD"), ("webhook-timestamp", "1")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, {**signed, name: value})
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, signed)


def test_what_was_signed_long_ago_is_not_taken_for_new():
    secret = new_secret()
    old = headers("01A", b"{}", [secret], datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(b"{}", old)


@given(st.integers(0, 200_000))
def test_the_secret_before_signs_for_a_day_and_the_one_before_that_no_more(seconds):
    first, second, third = new_secret(), new_secret(), new_secret()
    kept = rotated([{"secret": first, "until": None}], second, NOW)
    at = NOW + timedelta(seconds=seconds)
    old = [first] if timedelta(seconds=seconds) < BOTH_SIGN else []
    assert signing(kept, at) == [second, *old]
    assert signing(rotated(kept, third, at), at) == [third, second]
    both = headers("01A", b"{}", [second, first], datetime.now(UTC))
    for secret in (first, second):
        assert Webhook(secret).verify(b"{}", both) == {}
