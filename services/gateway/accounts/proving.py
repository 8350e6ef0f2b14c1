"""Proving who one is, by password and code; wrong ones are counted and lock a name for a while."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from services.gateway.accounts import lockout, totp
from services.gateway.accounts.passwords import NOBODY, check_password
from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]


def prove(gateway: Gateway, call: Call, username: str, password: str, code: str) -> Document:
    """The account of a user name, password and, where it has a second factor, code.

    Raises ``Problem``: wrong-credentials (also for a name that is not there, or disabled),
    second-factor, too-many-requests.
    """
    account = prove_password(gateway, call, username, password)
    if is_on(account["totp"]):
        prove_code(gateway, call, account, code)
    forgive(gateway, username)
    return account


def prove_password(gateway: Gateway, call: Call, username: str, password: str) -> Document:
    """The account of a user name and password; what was wrong before stays counted."""
    _require_unlocked(gateway, username)
    account = gateway.store.accounts.find(username)
    fits = check_password(account["password"] if account else NOBODY, password)
    if account is None or not fits or account["disabled_at"]:
        raise _refused(gateway, call, username, account, Problem("wrong-credentials"))
    return account


def prove_code(gateway: Gateway, call: Call, account: Document, code: str) -> None:
    """Spends a code of the second factor, or one of the recovery codes."""
    _require_unlocked(gateway, account["_id"])
    if not code:
        raise Problem("second-factor", "the code of the second factor is needed as well")
    if not _spend(gateway, account, code):
        wrong = Problem("second-factor", "the code is wrong, or was used before")
        raise _refused(gateway, call, account["_id"], account, wrong)


def forgive(gateway: Gateway, username: str) -> None:
    """Forgets what was wrong before; raises ``Problem`` when the name was locked meanwhile: then
    nobody is told that this one was right."""
    most = gateway.settings.failed_logins
    gateway.store.attempts.clear(lockout.key(username), most, clock.now())
    _require_unlocked(gateway, username)


def is_on(factor: Document | None) -> bool:
    """Whether a second factor is on, and not only being set up."""
    return factor is not None and "step" in factor


def _spend(gateway: Gateway, account: Document, code: str) -> bool:
    accounts, factor = gateway.store.accounts, account["totp"]
    step = totp.step_of(code, factor["secret"], clock.now(), factor["step"])
    if step is not None:
        return accounts.spend_step(account["_id"], factor["secret"], step)
    return accounts.spend_recovery(account["_id"], totp.recovery_digest(code))


def _require_unlocked(gateway: Gateway, username: str) -> None:
    record = gateway.store.attempts.find(lockout.key(username))
    if wait := lockout.locked_for(record, gateway.settings.failed_logins, clock.now()):
        raise _locked(wait)


def _locked(wait: int) -> Problem:
    return Problem("too-many-requests", "too many wrong ones in a row", retry_after=wait)


def _refused(
    gateway: Gateway, call: Call, username: str, account: Document | None, problem: Problem
) -> Problem:
    """What a wrong password or code is answered with, once it is counted and written down.

    A name that is not there is counted alike, but not written down: it may be a password.
    """
    now, settings = clock.now(), gateway.settings
    until = now + timedelta(seconds=settings.locked_seconds)
    counted = gateway.store.attempts.fail(lockout.key(username), now, until)
    if counted["failures"] > settings.failed_logins:
        return _locked(settings.locked_seconds)
    known: str = account["_id"] if account else ""
    note = partial(record, gateway, call, account=known or None, outcome="refused")
    note("log_in_refused", known, why=problem.code)
    if counted["failures"] == settings.failed_logins:
        note("locked", known, until=until.isoformat())
    return problem
