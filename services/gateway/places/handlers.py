"""What the gateway adds to a question about places."""

from __future__ import annotations

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.routes import Gateway
from suishoupai.web import answer


def grid_at(gateway: Gateway, call: Call) -> Response:
    """The grid of a point."""
    return answer(gateway.peers.ask("grid", "grid_at", call.caller, point=call.query))


def explain_routing(gateway: Gateway, call: Call) -> Response:
    """Who would get a report, and why: the catalogue knows the words, grid the rules."""
    rows = gateway.peers.ask("issues", "categories", call.caller)["items"]
    wanted = call.query.get("category")
    category = next((row for row in rows if row["code"] == wanted), None)
    return answer(
        gateway.peers.ask("grid", "explain", call.caller, filters=call.query, category=category)
    )
