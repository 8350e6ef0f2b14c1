"""Writing and reading the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.entries import entry
from services.gateway.audit.schemas import AuditFilter
from services.gateway.routes import Gateway
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load
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
    by = account or call.caller.account
    gateway.store.audit.write(entry(by, action, subject, call.address, outcome, detail))


def record_once(
    gateway: Gateway, call: Call, within: str, action: str, subjects: Iterable[str]
) -> None:
    """Writes down what a caller did to some things, once each within a span such as a day, however
    often they do it."""
    account = call.caller.account
    entries = {
        ":".join((within, action, subject, account)): entry(
            account, action, subject, call.address, "done", {}
        )
        for subject in subjects
    }
    if entries:
        gateway.store.audit.write_once(entries)


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
            "items": [_shown(each) for each in page],
            "next": page[-1]["_id"] if len(found) > len(page) else None,
        }
    )


def _shown(kept: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in kept.items() if name not in ("_id", "at", "once")}
    return {"id": kept["_id"], "at": kept["at"].isoformat(), **rest}
