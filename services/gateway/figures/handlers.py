"""What the gateway adds to a question about figures."""

from __future__ import annotations

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.routes import Gateway
from suishoupai.web import answer


def counted(gateway: Gateway, call: Call) -> Response:
    """What is counted of one case, for whoever may see the case: figures do not know which cases
    are confidential, and to whom."""
    gateway.peers.ask("issues", "actions", call.caller, **call.path)
    return answer(gateway.peers.ask("stats", "counted", call.caller, **call.path))
