"""What can be asked of accounts."""

from __future__ import annotations

from services.gateway.accounts import schemas
from services.gateway.operation import ANYBODY, PEOPLE, Operation
from suishoupai.contracts import questions

KEEPERS = frozenset({"supervisor", "admin"})
"""Who looks after the accounts of others."""

LOGIN = Operation(
    id="login",
    method="POST",
    path="/api/v1/login",
    summary="登录 · Log in for an access token and a refresh token",
    roles=ANYBODY,
    body=schemas.Credentials,
    answer=schemas.Tokens,
    limit="logins",
    problems=("wrong-credentials", "second-factor"),
)
REFRESH = Operation(
    id="refreshToken",
    method="POST",
    path="/api/v1/token/refresh",
    summary="续期 · The next tokens for a refresh token; one that was used before ends the session",
    roles=ANYBODY,
    body=schemas.Refresh,
    answer=schemas.Tokens,
    limit="reads",
    problems=("unauthenticated",),
)
LOGOUT = Operation(
    id="logout",
    method="POST",
    path="/api/v1/logout",
    summary="退出 · End this session",
    roles=PEOPLE,
    status=204,
    limit="actions",
)
ME = Operation(
    id="readMe",
    method="GET",
    path="/api/v1/me",
    summary="我的账号 · Your account: roles, what it is bound to, the second factor",
    roles=PEOPLE,
    answer=schemas.OwnAccount,
    limit="reads",
)
SESSIONS = Operation(
    id="listMySessions",
    method="GET",
    path="/api/v1/me/sessions",
    summary="已登录的设备 · Where you are logged in, the newest first",
    roles=PEOPLE,
    query=questions.Page,
    answer=schemas.SessionPage,
    limit="reads",
)
END_SESSION = Operation(
    id="endMySession",
    method="DELETE",
    path="/api/v1/me/sessions/<session>",
    summary="退出某台设备 · End one of your sessions",
    roles=PEOPLE,
    status=204,
    limit="actions",
    problems=("not-found",),
)
CHANGE_PASSWORD = Operation(
    id="changeMyPassword",
    method="PUT",
    path="/api/v1/me/password",
    summary="修改密码 · Another password; your other sessions end",
    roles=PEOPLE,
    body=schemas.NewPassword,
    status=204,
    limit="logins",
    problems=("wrong-credentials", "stale"),
)
BEGIN_TOTP = Operation(
    id="beginSecondFactor",
    method="POST",
    path="/api/v1/me/totp",
    summary="设置两步验证 · A secret for your authenticator; it is on once a code confirms it",
    roles=PEOPLE,
    body=schemas.Password,
    answer=schemas.AuthenticatorSecret,
    limit="logins",
    problems=("wrong-credentials", "not-now"),
)
CONFIRM_TOTP = Operation(
    id="confirmSecondFactor",
    method="POST",
    path="/api/v1/me/totp/confirm",
    summary="启用两步验证 · Turn the second factor on; the recovery codes are shown this once",
    roles=PEOPLE,
    body=schemas.Code,
    answer=schemas.RecoveryCodes,
    limit="logins",
    problems=("not-now", "stale"),
)
END_TOTP = Operation(
    id="endSecondFactor",
    method="DELETE",
    path="/api/v1/me/totp",
    summary="停用两步验证 · Take the second factor off",
    roles=PEOPLE,
    body=schemas.PasswordAndCode,
    status=204,
    limit="logins",
    problems=("wrong-credentials", "second-factor", "not-now"),
)
INVITE = Operation(
    id="invite",
    method="POST",
    path="/api/v1/accounts/invitations",
    summary="邀请 · Invite somebody, or let them set their password anew; you give what you have",
    roles=KEEPERS,
    body=schemas.Invitation,
    answer=schemas.Invited,
    status=201,
    limit="actions",
    problems=("taken", "not-found"),
)
ACCEPT = Operation(
    id="acceptInvitation",
    method="POST",
    path="/api/v1/invitations/accept",
    summary="接受邀请 · Choose a password; the invitation is good once",
    roles=ANYBODY,
    body=schemas.Acceptance,
    answer=schemas.Accepted,
    limit="logins",
    problems=("gone", "taken"),
)
FIND_ACCOUNTS = Operation(
    id="findAccounts",
    method="GET",
    path="/api/v1/accounts",
    summary="账号列表 · The accounts you look after, by name",
    roles=KEEPERS,
    query=schemas.AccountFilter,
    answer=schemas.AccountPage,
    limit="reads",
)
READ_ACCOUNT = Operation(
    id="readAccount",
    method="GET",
    path="/api/v1/accounts/<account>",
    summary="账号 · One of them",
    roles=KEEPERS,
    answer=schemas.Account,
    limit="reads",
    problems=("not-found",),
)
CHANGE_ACCOUNT = Operation(
    id="changeAccount",
    method="PATCH",
    path="/api/v1/accounts/<account>",
    summary="修改、停用账号 · Change or disable it, by the version that was seen; its sessions end",
    roles=KEEPERS,
    body=schemas.AccountChange,
    answer=schemas.Account,
    limit="actions",
    problems=("not-found", "stale", "not-now"),
)

OPERATIONS = (
    LOGIN,
    REFRESH,
    LOGOUT,
    ME,
    SESSIONS,
    END_SESSION,
    CHANGE_PASSWORD,
    BEGIN_TOTP,
    CONFIRM_TOTP,
    END_TOTP,
    INVITE,
    ACCEPT,
    FIND_ACCOUNTS,
    READ_ACCOUNT,
    CHANGE_ACCOUNT,
)
