"""Invitations: how an account comes about, and how its password is set anew."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.accounts import bindings, lockout
from services.gateway.accounts.administering import (
    BINDING,
    managed,
    party_division,
    require_gift,
)
from services.gateway.accounts.bindings import Binding
from services.gateway.accounts.handlers import SECRET, end_sessions
from services.gateway.accounts.own import require_good
from services.gateway.accounts.passwords import hash_in_turn
from services.gateway.accounts.proving import is_on
from services.gateway.accounts.records import caller_of, new_account
from services.gateway.accounts.rotation import digest
from services.gateway.accounts.schemas import Acceptance, Invitation
from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.identities import is_person
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.web import answer

Document = dict[str, Any]

INVITATION = Invitation()
ACCEPTANCE = Acceptance()
GOOD_FOR = timedelta(days=7)
TOKEN_BYTES = 32


def invite(gateway: Gateway, call: Call) -> Response:
    """A token, shown this once, by which somebody makes the account or sets its password anew."""
    given = load(INVITATION, call.body)
    username = given["username"]
    if not is_person(username):
        raise invalid("username", "that name is not for people")
    account = _invited(gateway, call, given) if given["roles"] else None
    if account is None:
        managed(gateway, call, username)
    token, at = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    invitation = {
        "_id": digest(token),
        "username": username,
        "account": account,
        "by": call.caller.account,
        "created_at": at,
        "expires_at": at + GOOD_FOR,
    }
    gateway.store.invitations.add(invitation)
    record(gateway, call, "invited", username, roles=given["roles"], reset=account is None)
    body = {"token": token, "username": username, "expires_at": (at + GOOD_FOR).isoformat()}
    return answer(body, 201, SECRET)


def _invited(gateway: Gateway, call: Call, given: Document) -> Document:
    """What an invitation to a new account gives; raises ``Problem`` when it may not be given."""
    binding = Binding.of(given)
    if wrong := bindings.fault(binding):
        raise invalid(*wrong)
    at_work_in = party_division(gateway, call, binding.party)
    require_gift(call, binding, at_work_in)
    if gateway.store.accounts.find(given["username"]):
        raise Problem("taken", "leave out the roles to set its password anew")
    return {
        **{name: given[name] for name in ("name", *BINDING)},
        "homes": bindings.homes(binding, at_work_in, call.caller.division),
    }


def accept(gateway: Gateway, call: Call) -> Response:
    """Makes the account of an invitation, or sets its password anew; the invitation is gone."""
    given = load(ACCEPTANCE, call.body)
    invitation = gateway.store.invitations.find(digest(given["token"]), clock.now())
    if invitation is None or not _stands(gateway, invitation):
        raise _gone()
    username = invitation["username"]
    require_good(given["password"], username, "password")
    password = hash_in_turn(given["password"])
    account = _make(gateway, invitation, password)
    note = partial(record, gateway, call, subject=username, account=username)
    reset = invitation["account"] is None
    if reset:
        end_sessions(gateway, call, username, "password reset")
        gateway.store.attempts.unlock(lockout.key(username))
    if reset and is_on(account["totp"]):
        note("totp_off", why="password reset")
    note("accepted", reset=reset)
    return answer({"account": username, "roles": account["roles"]})


def _make(gateway: Gateway, invitation: Document, password: str) -> Document:
    """The new account, or the one that was there, as it was."""
    username, given = invitation["username"], invitation["account"]
    accounts = gateway.store.accounts

    def make(session: Any) -> Document | None:
        if given is None:
            return accounts.reset(username, password, session)
        account = new_account(
            username,
            password,
            Binding.of(given),
            clock.now(),
            name=given["name"],
            homes=given["homes"],
        )
        accounts.insert(account, session)
        return account

    made = gateway.store.invitations.use(invitation["_id"], make)
    if made is None:
        raise _gone()
    return made


def _stands(gateway: Gateway, invitation: Document) -> bool:
    """Whether who invited could still do so: an account that was disabled or moved since invites
    nobody."""
    find = gateway.store.accounts.find
    inviter, given = find(invitation["by"]), invitation["account"] or find(invitation["username"])
    if inviter is None or inviter["disabled_at"] or given is None:
        return False
    caller = caller_of(inviter)
    lost = bindings.gift_fault(caller, Binding.of(given), None)
    return lost is None and bindings.looks_after(caller, given["homes"])


def _gone() -> Problem:
    return Problem("gone", "the invitation was used, has expired, or never was: ask for another")
