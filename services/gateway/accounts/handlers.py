"""Logging in, going on and logging out."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.accounts import rotation
from services.gateway.accounts.passwords import hash_in_turn, is_outdated
from services.gateway.accounts.proving import prove
from services.gateway.accounts.records import caller_of
from services.gateway.accounts.rotation import Verdict
from services.gateway.accounts.schemas import Credentials, Refresh
from services.gateway.accounts.tokens import issue_token
from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load
from suishoupai.ids import new_id
from suishoupai.web import answer

Document = dict[str, Any]

CREDENTIALS = Credentials()
REFRESH = Refresh()
SECRET = {"Cache-Control": "no-store"}
"""Headers of an answer with a secret in it (RFC 6749, 5.1)."""
LONGEST_AGENT = 200
"""Characters kept of what a client says of itself."""


def log_in(gateway: Gateway, call: Call) -> Response:
    """A session for a user name, a password and, where it is on, the second factor's code."""
    given = load(CREDENTIALS, call.body)
    account = prove(gateway, call, given["username"], given["password"], given["code"])
    if is_outdated(account["password"]):
        renewed = hash_in_turn(given["password"])
        gateway.store.accounts.rehash(account["_id"], account["password"], renewed)
    session, secret = _open(gateway, call, account)
    record(gateway, call, "log_in", session, account=account["_id"])
    return _tokens(gateway, account, session, secret)


def _open(gateway: Gateway, call: Call, account: Document) -> tuple[str, str]:
    """Id and first secret of a new session.

    The account is read again after it is written: whoever changes a password or a role changes the
    account first and ends its sessions then, so none that rests on the old one is left over.
    """
    at, secret = clock.now(), rotation.first_secret()
    session = new_id(at)
    gateway.store.sessions.open(
        {
            "_id": session,
            "account": account["_id"],
            "generation": 0,
            "created_at": at,
            **_renewal(gateway, call, secret, at),
        }
    )
    now = gateway.store.accounts.find(account["_id"])
    if now is None or now["version"] != account["version"]:
        gateway.store.sessions.end(account["_id"], session, clock.now())
        raise Problem("wrong-credentials", "the account was changed just now: log in again")
    return session, secret


def _renewal(gateway: Gateway, call: Call, secret: str, at: datetime) -> Document:
    """What a session keeps of its latest refresh token."""
    return {
        "current": rotation.digest(secret),
        "refreshed_at": at,
        "expires_at": at + timedelta(days=gateway.settings.refresh_days),
        "address": call.address,
        "agent": call.request.headers.get("User-Agent", "")[:LONGEST_AGENT],
    }


def _tokens(gateway: Gateway, account: Document, session: str, secret: str) -> Response:
    settings = gateway.settings
    caller = caller_of(account, session)
    now, seconds = clock.now(), settings.token_seconds
    body = {
        "access_token": issue_token(caller, settings.token_secret, now, seconds),
        "token_type": "Bearer",
        "expires_in": seconds,
        "refresh_token": rotation.join(session, secret),
        "refresh_expires_in": settings.refresh_days * 24 * 3600,
        "session": session,
        "roles": account["roles"],
    }
    return answer(body, headers=SECRET)


def refresh(gateway: Gateway, call: Call) -> Response:
    """The next tokens of a session for its refresh token, which is spent."""
    given = load(REFRESH, call.body)
    session, secret = rotation.split(given["refresh_token"])
    username, following = _rotate(gateway, call, session, secret)
    account = gateway.store.accounts.find(username)
    if account is None or account["disabled_at"]:
        raise _over()
    return _tokens(gateway, account, session, following)


def _rotate(gateway: Gateway, call: Call, session: str, secret: str) -> tuple[str, str]:
    """Whose session it is, and the secret that follows; raises ``Problem`` when it is over."""
    key, sessions = gateway.settings.token_secret, gateway.store.sessions
    while kept := sessions.find(session):
        now = clock.now()
        over = "ended_at" in kept or kept["expires_at"] <= now
        steps = rotation.age(secret, kept["current"], kept["generation"], key)
        verdict = rotation.judge(steps, now - kept["refreshed_at"], over)
        if verdict is Verdict.REFUSED:
            break
        if verdict is Verdict.REUSED:
            _end_reused(gateway, call, kept, now)
            break
        following = rotation.successor(secret, key)
        renewal = _renewal(gateway, call, following, now)
        # Whoever lost a race to rotate looks again, and is given what the winner was.
        if verdict is Verdict.REPEAT or sessions.rotate(session, kept["current"], renewal):
            return kept["account"], following
    raise _over()


def _end_reused(gateway: Gateway, call: Call, session: Document, now: datetime) -> None:
    if gateway.store.sessions.end(session["account"], session["_id"], now):
        refusal = {"account": session["account"], "outcome": "refused"}
        record(gateway, call, "refresh_reused", session["_id"], **refusal)
    gateway.gate.ended.add([session["_id"]], now)


def _over() -> Problem:
    return Problem("unauthenticated", "the session is over: log in again")


def log_out(gateway: Gateway, call: Call) -> Response:
    """Ends the caller's session."""
    if call.caller.session:
        end_session(gateway, call, call.caller.session)
    return Response(status=204)


def end_session(gateway: Gateway, call: Call, session: str) -> bool:
    """Ends one of the caller's sessions; False when there is none such."""
    now = clock.now()
    if not gateway.store.sessions.end(call.caller.account, session, now):
        return False
    gateway.gate.ended.add([session], now)
    record(gateway, call, "sessions_ended", session, why="logged out")
    return True


def end_sessions(
    gateway: Gateway, call: Call, username: str, why: str, spare: str | None = None
) -> None:
    """Ends the sessions of an account, but for one that is spared; the account was changed
    before."""
    now = clock.now()
    ended = gateway.store.sessions.end_all(username, now, spare)
    gateway.gate.ended.add(ended, now)
    if ended:
        by = call.caller.account if call.operation.roles else username
        note = partial(record, gateway, call, "sessions_ended", username, account=by)
        note(why=why, sessions=len(ended))
