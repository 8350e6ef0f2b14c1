"""How a stream is written: the format of server-sent events (WHATWG HTML, 9.2). Pure functions.

Data is JSON, in which no line can end: whatever a text holds, a frame ends where it is meant to.
"""

from __future__ import annotations

import json
from typing import Any

RETRY_MILLISECONDS = 3000
"""After how long a client that lost its stream comes back."""


def hello(number: int) -> bytes:
    """What a stream begins with: how soon to come back after a break, and from where."""
    return b": hello\nretry: %d\nid: %d\n\n" % (RETRY_MILLISECONDS, number)


def alive(number: int) -> bytes:
    """What is sent while there is nothing to tell: a comment, and how far the client has heard.

    An id without data makes no event; it only spares a client that comes back what does not
    concern it.
    """
    return b": alive\nid: %d\n\n" % number


def frame(name: str, number: int, data: Any) -> bytes:
    """One event; ``name`` is one of ours, and ``data`` anything that JSON can hold.

    The id comes last: a client that believes it too early has at least read the rest.
    """
    return f"event: {name}\ndata: {_json(data)}\nid: {number}\n\n".encode(errors="replace")


def unnumbered(name: str, data: Any) -> bytes:
    """One event that has no place in the log: it leaves a client's last id as it is."""
    return f"event: {name}\ndata: {_json(data)}\n\n".encode(errors="replace")


def reset(number: int) -> bytes:
    """The event that says: what happened before this cannot be told any more, read it anew."""
    return frame("reset", number, {"reason": "what happened since is not kept any more"})


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
