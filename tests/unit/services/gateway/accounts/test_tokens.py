from datetime import UTC, datetime, timedelta

import jwt
import pytest

from services.gateway.accounts.tokens import issue_token, read_token
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

SECRET = "a secret that is long enough for a test"
HAND = Caller("hand", ("handler",), None, "property-001", None, "01SESSION")


def refusal(token, secret=SECRET):
    with pytest.raises(Problem) as caught:
        read_token(token, secret)
    assert caught.value.code == "unauthenticated"
    return caught.value.detail


def test_a_token_carries_its_caller_and_session():
    assert read_token(issue_token(HAND, SECRET, datetime.now(UTC), 60), SECRET) == HAND


def test_an_old_token_is_refused():
    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    assert "expired" in refusal(issue_token(HAND, SECRET, long_ago, 60))


def test_a_foreign_or_forged_token_is_refused():
    now = datetime.now(UTC)
    refusal(issue_token(HAND, SECRET + "x", now, 60))
    claims = {"sub": "hand", "roles": ["admin"], "exp": now + timedelta(hours=1)}
    refusal(jwt.encode({**claims, "aud": "elsewhere"}, SECRET, "HS256"))
    refusal(jwt.encode({**claims, "aud": "suishoupai"}, None, "none"))
    refusal(jwt.encode({"sub": "hand", "aud": "suishoupai"}, SECRET, "HS256"))
    refusal("nonsense")
