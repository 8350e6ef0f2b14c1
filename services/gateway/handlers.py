"""What the gateway does itself; all else is asked of the service that owns it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.gateway.accounts import NOBODY, TOKEN_SECONDS, check_password, issue_token
from services.gateway.store import AccountStore
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import Credentials, load

CREDENTIALS = Credentials()


def login(body: Any, store: AccountStore, secret: str) -> dict[str, Any]:
    """An access token for a user name and password; raises ``Problem`` when they do not fit."""
    given = load(CREDENTIALS, body)
    account = store.find(given["username"])
    if not check_password(account["password"] if account else NOBODY, given["password"]):
        raise Problem("wrong-credentials")
    if account is None:
        raise Problem("wrong-credentials")
    return {
        "access_token": issue_token(account, secret, datetime.now(UTC)),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "roles": account["roles"],
    }


def party_named(body: Any) -> str | None:
    """The id of the party that an action's body names, if it names one in shape."""
    named = body.get("party") if isinstance(body, dict) else None
    return named if isinstance(named, str) and named else None
