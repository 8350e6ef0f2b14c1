"""What the gateway adds to a question about cases."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.cases.identity import ask_case, reporters_seen
from services.gateway.routes import Gateway
from suishoupai.web import answer


def report(gateway: Gateway, call: Call) -> Response:
    """Takes a report."""
    key = call.headers["Idempotency-Key"]
    receipt = gateway.peers.ask("issues", "report", call.caller, body=call.body, key=key)
    return answer(receipt, 201, {"Location": f"/api/v1/issues/{receipt['id']}"})


def find(gateway: Gateway, call: Call) -> Response:
    """A page of cases."""
    page = gateway.peers.ask("issues", "find_issues", call.caller, filters=call.query)
    reporters_seen(gateway, call, page["items"])
    return answer(page)


def read(gateway: Gateway, call: Call) -> Response:
    """One case."""
    return answer(ask_case(gateway, call, "read_issue", **call.path))


def act(gateway: Gateway, call: Call) -> Response:
    """Takes an action on a case; the party it names is looked up first."""
    party = None
    if named := party_named(call.body):
        party = gateway.peers.ask("grid", "party", call.caller, party=named)
    return answer(ask_case(gateway, call, "act", body=call.body, party=party, **call.path))


def party_named(body: Any) -> str | None:
    """The id of the party that an action's body names, if it names one in shape."""
    named = body.get("party") if isinstance(body, dict) else None
    return named if isinstance(named, str) and named else None
