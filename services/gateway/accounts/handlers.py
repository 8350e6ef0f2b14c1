"""What people do with their accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.accounts.passwords import NOBODY, check_password
from services.gateway.accounts.store import AccountStore
from services.gateway.accounts.tokens import TOKEN_SECONDS, issue_token
from services.gateway.admission import Call
from services.gateway.routes import Gateway
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import Credentials, load
from suishoupai.web import answer

CREDENTIALS = Credentials()


def log_in(gateway: Gateway, call: Call) -> Response:
    """An access token for a user name and password."""
    return answer(login(call.body, gateway.store.accounts, gateway.settings.token_secret))


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
