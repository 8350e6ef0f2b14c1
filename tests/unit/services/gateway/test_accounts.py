from datetime import UTC, datetime, timedelta

import jwt
import pytest

from services.gateway.accounts.passwords import check_password, hash_password
from services.gateway.accounts.tokens import TOKEN_SECONDS, issue_token, read_token
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem

SECRET = "a secret that is long enough for a test"
ACCOUNT = {"_id": "hand", "roles": ["handler"], "division": None, "party": "property-001"}


def refusal(token, secret=SECRET):
    with pytest.raises(Problem) as caught:
        read_token(token, secret)
    assert caught.value.code == "unauthenticated"
    return caught.value.detail


def test_a_token_carries_its_caller():
    token = issue_token(ACCOUNT, SECRET, datetime.now(UTC))
    assert read_token(token, SECRET) == Caller("hand", ("handler",), None, "property-001")


def test_an_old_token_is_refused():
    long_ago = datetime.now(UTC) - timedelta(seconds=TOKEN_SECONDS + 1)
    assert "expired" in refusal(issue_token(ACCOUNT, SECRET, long_ago))


def test_a_foreign_or_forged_token_is_refused():
    now = datetime.now(UTC)
    refusal(issue_token(ACCOUNT, SECRET + "x", now))
    claims = {"sub": "hand", "roles": ["admin"], "exp": now + timedelta(hours=1)}
    refusal(jwt.encode({**claims, "aud": "elsewhere"}, SECRET, "HS256"))
    refusal(jwt.encode({**claims, "aud": "suishoupai"}, None, "none"))
    refusal(jwt.encode({"sub": "hand", "aud": "suishoupai"}, SECRET, "HS256"))
    refusal("nonsense")


def test_passwords_fit_only_their_own_hash():
    stored = hash_password("right")
    assert stored.startswith("$argon2id$")
    assert check_password(stored, "right")
    assert not check_password(stored, "wrong")
    assert not check_password("no hash at all", "right")
