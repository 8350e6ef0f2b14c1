"""Writing and reading the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.schemas import AuditFilter
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load
from suishoupai.ids import new_id
from suishoupai.web import answer

AUDIT_FILTER = AuditFilter()


def record(
    gateway: Gateway,
    call: Call,
    action: str,
    subject: str = "",
    *,
    account: str | None = None,
    outcome: str = "done",
    **detail: Any,
) -> None:
    """Writes down what a caller did, to what, and how it ended; ``account`` where nobody is logged
    in yet. No secret may be among the details."""
    gateway.store.audit.write(_entry(call, action, subject, account, outcome, detail))


def record_once(
    gateway: Gateway, call: Call, within: str, action: str, subjects: Iterable[str]
) -> None:
    """Writes down what a caller did to some things, once each within a span such as a day, however
    often they do it."""
    account = call.caller.account
    entries = {
        ":".join((within, action, subject, account)): _entry(
            call, action, subject, account, "done", {}
        )
        for subject in subjects
    }
    if entries:
        gateway.store.audit.write_once(entries)


def _entry(
    call: Call,
    action: str,
    subject: str,
    account: str | None,
    outcome: str,
    detail: dict[str, Any],
) -> dict[str, Any]:
    at = clock.now()
    return {
        "_id": new_id(at),
        "at": at,
        "account": account or call.caller.account,
        "action": action,
        "subject": subject,
        "address": call.address,
        "outcome": outcome,
        "detail": detail,
    }


def read_audit(gateway: Gateway, call: Call) -> Response:
    """A page of the log, for the county's admins: those without a division."""
    if call.caller.division is not None:
        raise Problem("forbidden", "the audit log is the whole county's")
    wanted = load(AUDIT_FILTER, call.query)
    query: dict[str, Any] = {
        name: wanted[name] for name in ("account", "subject", "action") if name in wanted
    }
    if wanted["cursor"]:
        query["_id"] = {"$lt": wanted["cursor"]}
    found = gateway.store.audit.find(query, wanted["limit"] + 1)
    page = found[: wanted["limit"]]
    return answer(
        {
            "items": [_shown(entry) for entry in page],
            "next": page[-1]["_id"] if len(found) > len(page) else None,
        }
    )


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in entry.items() if name not in ("_id", "at", "once")}
    return {"id": entry["_id"], "at": entry["at"].isoformat(), **rest}
