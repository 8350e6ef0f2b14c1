"""What the gateway adds to a question about cases."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.cases.identity import ask_case, reporters_seen
from services.gateway.cases.reporting import report_body
from services.gateway.conditions import tagged, unless_known, versions_matched
from services.gateway.photos.attaching import attaching
from services.gateway.photos.references import named
from services.gateway.routes import Gateway
from suishoupai.web import answer


def report(gateway: Gateway, call: Call) -> Response:
    """Takes a report, with the photos that come with it."""
    key = call.headers["Idempotency-Key"]
    with attaching(gateway, call.caller) as take:
        body = report_body(gateway, call, take)
        hashes = named(gateway, call.caller, body)
        receipt = gateway.peers.ask(
            "issues", "report", call.caller, body=body, key=key, hashes=hashes
        )
    return answer(receipt, 201, {"Location": f"/api/v1/issues/{receipt['id']}"})


def find(gateway: Gateway, call: Call) -> Response:
    """A page of cases."""
    page = gateway.peers.ask("issues", "find_issues", call.caller, filters=call.query)
    reporters_seen(gateway, call, page["items"])
    return answer(page)


def read(gateway: Gateway, call: Call) -> Response:
    """One case, or some fields of it, with its tag; 304 where the caller has it."""
    filters = dict(call.query)
    if "fields" in filters:
        filters["fields"] += ",version"
    case = ask_case(gateway, call, "read_issue", filters=filters, **call.path)
    version = case["version"]
    if "fields" in filters and "version" not in call.query["fields"].split(","):
        del case["version"]
    return unless_known(tagged(answer(case), version), call)


def act(gateway: Gateway, call: Call) -> Response:
    """Takes an action on a case; the party it names is looked up first."""
    named(gateway, call.caller, call.body)
    party = None
    if wanted := party_named(call.body):
        party = gateway.peers.ask("grid", "party", call.caller, party=wanted)
    matching = versions_matched(call.headers.get("If-Match"))
    case = ask_case(
        gateway, call, "act", body=call.body, party=party, matching=matching, **call.path
    )
    return tagged(answer(case), case["version"])


def party_named(body: Any) -> str | None:
    """The id of the party that an action's body names, if it names one in shape."""
    named = body.get("party") if isinstance(body, dict) else None
    return named if isinstance(named, str) and named else None
