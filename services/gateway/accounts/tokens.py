"""Access tokens: signed JWTs that carry the caller, so that no request needs the account again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

TOKEN_SECONDS = 3600
"""How long an access token is good for."""
ALGORITHM = "HS256"
AUDIENCE = "suishoupai"


def issue_token(account: Mapping[str, Any], secret: str, now: datetime) -> str:
    """An access token for an account document."""
    claims = {
        "sub": account["_id"],
        "roles": list(account["roles"]),
        "division": account["division"],
        "party": account["party"],
        "member": account.get("member"),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(seconds=TOKEN_SECONDS),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def read_token(token: str, secret: str) -> Caller:
    """The caller a token was issued to; raises ``Problem`` when it is forged, foreign or old."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Problem("unauthenticated", "the token has expired") from error
    except jwt.InvalidTokenError as error:
        raise Problem("unauthenticated", "the token is not valid") from error
    return Caller(
        claims["sub"],
        tuple(claims["roles"]),
        claims["division"],
        claims["party"],
        claims.get("member"),
    )
