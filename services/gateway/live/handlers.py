"""Writing down what happens, and telling it to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.live.connection import Connection
from services.gateway.live.feed import Wanted
from services.gateway.live.happenings import happenings
from services.gateway.live.operations import EVENT_STREAM
from services.gateway.live.schemas import FIGURES, StreamFilter
from services.gateway.live.store import HappeningStore
from services.gateway.routes import Gateway
from suishoupai.access import Caller, reach, sees_division
from suishoupai.contracts.events import Event
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import load
from suishoupai.divisions import covers
from suishoupai.mongo import is_unavailable

STREAM_FILTER = StreamFilter()

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No cache may keep a stream, and no proxy hold it back."""


def write_down(events: Sequence[Event], store: HappeningStore, look: Callable[[], None]) -> None:
    """Writes what events tell of into the log, each once, and has this process look at it."""
    store.append(events, happenings)
    look()


def stream(gateway: Gateway, call: Call) -> Response:
    """A stream of what happens to the cases within the caller's reach."""
    wanted = load(STREAM_FILTER, call.query)
    limits = reach(call.caller)
    division = wanted["division"]
    # A reporter's and a party's cases may lie anywhere: for them it only narrows.
    if limits.division and division and not covers(limits.division, division):
        raise Problem("forbidden", f"what happens in {division} is not yours to see")
    figures = wanted["figures"]
    _require_figures(call.caller, figures, wanted["types"])
    opened = gateway.live.open(
        Wanted(limits, wanted["types"] or frozenset(), division),
        position(call.headers.get("Last-Event-ID") or wanted["last_event_id"]),
        call.caller,
        Connection(call.request.environ),
        lambda: _may_go_on(gateway, call),
        figures,
    )
    return Response(opened, headers=HEADERS, content_type=EVENT_STREAM)


def _require_figures(caller: Caller, division: str | None, types: frozenset[str] | None) -> None:
    """Refuses figures to who may not read the board of that division (``readBoard``)."""
    if division is None:
        if types and FIGURES in types:
            raise invalid("figures", "of which division?")
    elif not (caller.is_desk and sees_division(caller, division)):
        raise Problem("forbidden", f"the figures of {division} are not yours to see")


def position(last_event_id: str | None) -> int | None:
    """The number after which to go on, None for now; one that the log never gave for what is no
    number of ours."""
    if not last_event_id:
        return None
    ours = last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 18
    return int(last_event_id) if ours else -1


def _may_go_on(gateway: Gateway, call: Call) -> bool:
    """Whether who opened a stream is still let in, as the same caller: a token may have expired, a
    session ended, a role been taken away."""
    try:
        return gateway.gate.caller_of(gateway.store, call) == call.caller
    except Problem:
        return False
    except Exception as error:
        # That nobody can be asked now takes no right away.
        return is_unavailable(error)
