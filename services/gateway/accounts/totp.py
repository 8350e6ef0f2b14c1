"""The second factor: time-based one-time passwords (RFC 6238), and recovery codes for when the
telephone is gone."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Suishoupai"
WINDOW = 1
"""Steps of 30 s that a telephone's clock may be off, before and after (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits: more than can be guessed, so that a fast hash is enough."""
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return pyotp.random_base32()


def uri(secret: str, username: str) -> str:
    """The address that an authenticator reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(code: str, secret: str, now: datetime, spent: int) -> int | None:
    """The time step that a code belongs to; None when it is wrong, too old or early, or not later
    than ``spent``, the step of the last code that was accepted."""
    if not _CODE.fullmatch(code):
        return None
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None
    return step if step > spent else None


def new_recovery_codes() -> list[str]:
    """Codes that each stand for one of the authenticator's, once: ``abcd-efgh-ijkl-mnop``."""
    made = (b32encode(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
    return ["-".join(re.findall("....", raw.decode().lower())) for raw in made]


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code; how it is written does not matter."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(plain.encode()).hexdigest()
