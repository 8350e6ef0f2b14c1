"""What admins and supervisors do with the accounts they look after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.accounts import bindings
from services.gateway.accounts.bindings import Binding
from services.gateway.accounts.handlers import end_sessions
from services.gateway.accounts.records import shown
from services.gateway.accounts.schemas import AccountChange, AccountFilter
from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import LONGEST_PAGE, load
from suishoupai.web import answer

Document = dict[str, Any]

FILTER = AccountFilter()
CHANGE = AccountChange()
BINDING = ("roles", "division", "party", "member", "courier")


def find_accounts(gateway: Gateway, call: Call) -> Response:
    """A page of the accounts that the caller looks after."""
    wanted = load(FILTER, call.query)
    query = bindings.in_homes(call.caller)
    if wanted["role"]:
        query["roles"] = wanted["role"]
    limit: int = wanted["limit"]
    found = gateway.store.accounts.page(query, wanted["cursor"], limit + 1)
    page = found[:limit]
    return answer(
        {
            "items": [shown(account) for account in page],
            "next": page[-1]["_id"] if len(found) > limit else None,
        }
    )


def read_account(gateway: Gateway, call: Call) -> Response:
    """One of them."""
    return answer(shown(_looked_after(gateway, call, call.path["account"])))


def change_account(gateway: Gateway, call: Call) -> Response:
    """Other roles, binding or name, disabled or not; sessions end with what they rest on."""
    given = load(CHANGE, call.body)
    before = managed(gateway, call, call.path["account"])
    username = before["_id"]
    fields = _changed(gateway, call, before, given)
    after = gateway.store.accounts.change(username, given["version"], fields)
    if after is None:
        now = _looked_after(gateway, call, username)
        raise Problem("stale", f"version {given['version']} was changed", current=shown(now))
    if after["disabled_at"] or Binding.of(before) != Binding.of(after):
        end_sessions(gateway, call, username, "account changed")
    said = {name: given[name] for name in given if name != "version"}
    record(gateway, call, "account_changed", username, **said)
    return answer(shown(after))


def _changed(gateway: Gateway, call: Call, before: Document, given: Document) -> Document:
    """What is written; raises ``Problem`` when it may not be."""
    fields = {name: given[name] for name in (*BINDING, "name") if name in given}
    if "disabled" in given:
        fields["disabled_at"] = _disabled_at(before, given["disabled"])
    if any(name in given for name in BINDING):
        binding = Binding.of({**before, **fields})
        if wrong := bindings.fault(binding):
            raise invalid(*wrong)
        at_work_in = party_division(gateway, call, binding.party)
        require_gift(call, binding, at_work_in)
        # A reporter stays with whom it was; what has a place of its own goes there.
        if binding.division or at_work_in:
            fields["homes"] = bindings.homes(binding, at_work_in, None)
    return fields


def _disabled_at(before: Document, disabled: bool) -> datetime | None:
    return (before["disabled_at"] or clock.now()) if disabled else None


def managed(gateway: Gateway, call: Call, username: str) -> Document:
    """An account that the caller may change; raises ``Problem``: not-found for one that is not
    looked after from there, forbidden for their own, or one that has more than they may give."""
    account = _looked_after(gateway, call, username)
    if username == call.caller.account:
        raise Problem("forbidden", "your own account is changed by others")
    require_gift(call, Binding.of(account), None)
    return account


def _looked_after(gateway: Gateway, call: Call, username: str) -> Document:
    account = gateway.store.accounts.find(username)
    if account is None or not bindings.looks_after(call.caller, account["homes"]):
        raise Problem("not-found")
    return account


def require_gift(call: Call, binding: Binding, at_work_in: str | None) -> None:
    """Raises ``Problem`` for a binding that the caller may not give."""
    if why := bindings.gift_fault(call.caller, binding, at_work_in):
        raise Problem("forbidden", why)


def party_division(gateway: Gateway, call: Call, party: str | None) -> str | None:
    """Code of the division in which a party is at work, asked of the grid service; raises
    ``Problem`` naming the party when there is none such that the caller has to do with."""
    # Parties are listed by id: the page that begins a little before has it.
    cursor = party[:-1] if party else None
    while party and cursor is not None and cursor < party:
        filters = {"cursor": cursor, "limit": LONGEST_PAGE}
        page = gateway.peers.ask("grid", "parties", call.caller, filters=filters)
        for row in page["items"]:
            if row["id"] == party:
                return str(row["division"])
        cursor = page["next"]
    if party:
        raise invalid("party", f"there is no party {party} that you have to do with")
    return None
