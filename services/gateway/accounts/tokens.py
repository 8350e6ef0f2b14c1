"""Access tokens: signed JWTs that carry the caller, so that no request needs the account again."""

from __future__ import annotations

from datetime import datetime, timedelta

import jwt

from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

ALGORITHM = "HS256"
AUDIENCE = "suishoupai"


def issue_token(caller: Caller, secret: str, now: datetime, seconds: int) -> str:
    """An access token for a caller, good for so many seconds, with its session as ``sid``."""
    claims = {
        "sub": caller.account,
        "roles": list(caller.roles),
        "division": caller.division,
        "party": caller.party,
        "member": caller.member,
        "courier": caller.courier,
        "sid": caller.session,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(seconds=seconds),
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
        claims.get("sid"),
        claims.get("courier", False),
    )
