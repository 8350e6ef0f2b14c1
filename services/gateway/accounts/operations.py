"""What can be asked of accounts."""

from __future__ import annotations

from services.gateway.accounts import schemas
from services.gateway.operation import ANYBODY, Operation
from suishoupai.contracts import questions

LOGIN = Operation(
    id="login",
    method="POST",
    path="/api/v1/login",
    summary="登录，取得访问令牌 · Log in for an access token",
    roles=ANYBODY,
    body=questions.Credentials,
    answer=schemas.Token,
    limit="logins",
    problems=("wrong-credentials",),
)

OPERATIONS = (LOGIN,)
