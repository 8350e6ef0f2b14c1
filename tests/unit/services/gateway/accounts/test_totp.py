import hashlib
import hmac
import struct
from base64 import b32decode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.totp import (
    RECOVERY_CODES,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    step_of,
    uri,
)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def code_at(step, secret=SECRET):
    """RFC 4226, 5.3, by hand."""
    mac = hmac.digest(b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_the_rfc(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(code, SECRET, now, 0) == seconds // 30


@given(TIMES, st.integers(-4, 4), st.integers(-4, 4))
def test_a_code_is_taken_within_a_step_and_only_after_the_last(now, off, spent_off):
    step = int(now.timestamp()) // 30
    around = [code_at(step + each) for each in range(-5, 6)]
    if len(set(around)) < len(around):
        return  # two steps with the same code: it is not said which is meant
    found = step_of(code_at(step + off), SECRET, now, step + spent_off)
    assert found == (step + off if abs(off) <= 1 and off > spent_off else None)


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "１２３４５６", "abcdef", "12345\n", " 12345"]
)
def test_what_is_no_code_is_refused(text):
    assert step_of(text, SECRET, datetime(2026, 1, 1, tzinfo=UTC), 0) is None


def test_a_secret_has_160_bits_and_names_its_account():
    secret = new_secret()
    assert len(b32decode(secret)) == 20
    assert secret != new_secret()
    assert uri(secret, "liu").startswith("otpauth://totp/Suishoupai:liu?")
    assert f"secret={secret}" in uri(secret, "liu")


def test_recovery_codes_are_known_however_they_are_written():
    codes = new_recovery_codes()
    assert len({recovery_digest(code) for code in codes}) == RECOVERY_CODES
    for code in codes:
        assert len(code) == 19 and code not in recovery_digest(code)
        assert recovery_digest(code) == recovery_digest(f" {code.replace('-', ' ').upper()} ")
