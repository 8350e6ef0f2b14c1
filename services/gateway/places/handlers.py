"""What the gateway adds to a question about places."""

from __future__ import annotations

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.conditions import KEPT, is_known, unchanged
from services.gateway.routes import Gateway
from suishoupai import __version__
from suishoupai.web import answer


def grid_at(gateway: Gateway, call: Call) -> Response:
    """The grid of a point."""
    return answer(gateway.peers.ask("grid", "grid_at", call.caller, point=call.query))


def grids(gateway: Gateway, call: Call) -> Response:
    """All grids; 304 where the caller has those of this version of the map."""
    version = gateway.peers.ask("grid", "map_version", call.caller)["version"]
    if is_known(call.headers.get("If-None-Match"), tag := _tag_of_map(version)):
        return unchanged(tag)
    found = gateway.peers.ask("grid", "all_grids", call.caller)
    response = answer(found, headers=KEPT, kind="application/geo+json")
    response.set_etag(_tag_of_map(found["version"]))
    return response


def _tag_of_map(version: int) -> str:
    """The same map may be told in another shape by another version of the program."""
    return f"map-{version}-{__version__}"


def explain_routing(gateway: Gateway, call: Call) -> Response:
    """Who would get a report, and why: the catalogue knows the words, grid the rules."""
    rows = gateway.peers.ask("issues", "categories", call.caller)["items"]
    wanted = call.query.get("category")
    category = next((row for row in rows if row["code"] == wanted), None)
    return answer(
        gateway.peers.ask("grid", "explain", call.caller, filters=call.query, category=category)
    )
