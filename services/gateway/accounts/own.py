"""What people do with their own account: sessions, password, second factor."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from services.gateway.accounts import password_rules, totp
from services.gateway.accounts.handlers import SECRET, end_session, end_sessions
from services.gateway.accounts.passwords import hash_in_turn
from services.gateway.accounts.proving import forgive, is_on, prove, prove_password
from services.gateway.accounts.records import shown
from services.gateway.accounts.schemas import Code, NewPassword, Password, PasswordAndCode
from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import Page, load
from suishoupai.web import answer

Document = dict[str, Any]

PAGE = Page()
NEW_PASSWORD = NewPassword()
PASSWORD = Password()
CODE = Code()
PASSWORD_AND_CODE = PasswordAndCode()


def me(gateway: Gateway, call: Call) -> Response:
    """The caller's account."""
    account = _own(gateway, call)
    factor = account["totp"]
    left = len(factor["recovery"]) if is_on(factor) else 0
    return answer({**shown(account), "recovery_codes": left, "session": call.caller.session})


def _own(gateway: Gateway, call: Call) -> Document:
    account = gateway.store.accounts.find(call.caller.account)
    if account is None:
        raise Problem("unauthenticated", "the account is not there any more")
    return account


def sessions(gateway: Gateway, call: Call) -> Response:
    """A page of the caller's sessions."""
    wanted = load(PAGE, call.query)
    limit: int = wanted["limit"]
    found = gateway.store.sessions.page(
        call.caller.account, clock.now(), wanted["cursor"], limit + 1
    )
    page = found[:limit]
    return answer(
        {
            "items": [_shown(session, call.caller.session) for session in page],
            "next": page[-1]["_id"] if len(found) > limit else None,
        }
    )


def _shown(session: Document, current: str | None) -> Document:
    return {
        "id": session["_id"],
        **{
            name: session[name].isoformat() for name in ("created_at", "refreshed_at", "expires_at")
        },
        "address": session["address"],
        "agent": session["agent"],
        "current": session["_id"] == current,
    }


def end_own_session(gateway: Gateway, call: Call) -> Response:
    """Ends one of the caller's sessions."""
    if not end_session(gateway, call, call.path["session"]):
        raise Problem("not-found")
    return Response(status=204)


def change_password(gateway: Gateway, call: Call) -> Response:
    """Another password for the old one; the caller's other sessions end."""
    given, username = load(NEW_PASSWORD, call.body), call.caller.account
    require_good(given["new"], username, "new")
    account = prove_password(gateway, call, username, given["old"])
    forgive(gateway, username)
    new = hash_in_turn(given["new"])
    if not gateway.store.accounts.set_password(username, account["password"], new):
        raise Problem("stale", "the password was changed just now")
    end_sessions(gateway, call, username, "password changed", spare=call.caller.session)
    gateway.store.invitations.drop(username)
    record(gateway, call, "password_changed", username)
    return Response(status=204)


def require_good(password: str, username: str, field: str) -> None:
    """Raises ``Problem`` for a password that is not taken, naming its field."""
    if fault := password_rules.fault(password, username):
        raise invalid(field, fault)


def begin_totp(gateway: Gateway, call: Call) -> Response:
    """A secret for an authenticator; asked for with the password, so that nobody who only has a
    token locks the owner out."""
    given, username = load(PASSWORD, call.body), call.caller.account
    prove_password(gateway, call, username, given["password"])
    forgive(gateway, username)
    secret = totp.new_secret()
    if not gateway.store.accounts.begin_totp(username, secret):
        raise Problem("not-now", "the second factor is on: take it off first")
    return answer({"secret": secret, "uri": totp.uri(secret, username)}, headers=SECRET)


def confirm_totp(gateway: Gateway, call: Call) -> Response:
    """Turns the second factor on, by a code that shows that the authenticator has the secret."""
    given, account = load(CODE, call.body), _own(gateway, call)
    factor = account["totp"]
    if factor is None or is_on(factor):
        raise Problem("not-now", "begin it first: POST /api/v1/me/totp")
    now = clock.now()
    step = totp.step_of(given["code"], factor["secret"], now, spent=0)
    if step is None:
        raise invalid("code", "not the authenticator's code of now")
    codes = totp.new_recovery_codes()
    kept = [totp.recovery_digest(code) for code in codes]
    if not gateway.store.accounts.turn_on_totp(account["_id"], factor["secret"], step, kept, now):
        raise Problem("stale", "it was begun anew just now")
    record(gateway, call, "totp_on", account["_id"])
    return answer({"recovery_codes": codes}, headers=SECRET)


def end_totp(gateway: Gateway, call: Call) -> Response:
    """Takes the second factor off, for the password and a code."""
    given, username = load(PASSWORD_AND_CODE, call.body), call.caller.account
    account = prove(gateway, call, username, given["password"], given["code"])
    if not is_on(account["totp"]):
        raise Problem("not-now", "the second factor is not on")
    gateway.store.accounts.turn_off_totp(username)
    record(gateway, call, "totp_off", username)
    return Response(status=204)
